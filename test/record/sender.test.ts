import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { encodeMessage } from "../../src/messages/index.ts";
import { Epoch } from "../../src/record/epoch.ts";
import { maxFragment } from "../../src/record/index.ts";
import { RecordProtection } from "../../src/record/protection.ts";
import type { RecordFact } from "../../src/record/receiver.ts";
import { padToMultipleOf } from "../../src/record/padding.ts";
import { RecordSender } from "../../src/record/sender.ts";
import { concat, toHex, utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { withBody } from "../support/raw.ts";
import { seeded } from "../support/random.ts";
import { recordsOf } from "../support/records.ts";
import { trafficSecret } from "../support/secrets.ts";

const aead = noble.aeads["aes-128-gcm"];
const epoch = (name: "early" | "handshake" | "application", recordLimit = 1000) =>
  new Epoch(name, { aead, recordLimit }, trafficSecret(name));

const opener = (name: string) => {
  const protection = new RecordProtection(aead, trafficSecret(name));
  return (record: Uint8Array) => protection.open(record)!;
};

describe("a sender in plaintext", () => {
  // RFC 9846 §5.1
  it("puts a first ClientHello into a record of version 0x0301, and the rest into 0x0303", () => {
    const sender = new RecordSender(maxFragment);
    sender.firstClientHello(withBody(1, Uint8Array.of(7)));
    sender.message(withBody(1, Uint8Array.of(8)));
    sender.changeCipherSpec();
    sender.alert(2, 40);
    expect(recordsOf(sender.takeOutput()).map(toHex)).toEqual([
      "16030100050100000107",
      "16030300050100000108",
      "140303000101",
      "15030300020228",
    ]);
    expect(sender.takeOutput()).toEqual([]);
  });

  // A socket gives the memory of what it has sent back, and the transcript still needs the message
  it.each([100, 16_000, 40_000])("shares no memory with a message of %d bytes", (length) => {
    const sender = new RecordSender(maxFragment);
    const raw = withBody(1, seeded(3).bytes(length));
    const before = toHex(raw);
    sender.firstClientHello(raw);
    for (const chunk of sender.takeOutput()) chunk.fill(0);
    expect(toHex(raw)).toBe(before);
  });

  it("lets the messages of a flight share records, and cuts them where they are too long", () => {
    const sender = new RecordSender(maxFragment);
    const [short, long] = [withBody(2, new Uint8Array(10)), withBody(11, seeded(1).bytes(40_000))];
    sender.message(short);
    expect(sender.hasOutput).toBe(true);
    sender.message(long);
    const records = recordsOf(sender.takeOutput());
    expect(records.map(({ length }) => length - 5)).toEqual([16384, 16384, 40_018 - 2 * 16384]);
    expect(concat(...records.map((record) => record.subarray(5)))).toEqual(concat(short, long));
    expect(sender.hasOutput).toBe(false);
  });

  it("sends no data", () => {
    const sender = new RecordSender(maxFragment);
    for (const name of [undefined, "handshake"] as const) {
      if (name !== undefined) sender.enter(epoch(name));
      expect(tlsErrorOf(() => sender.data(utf8("x"))).code).toBe("misuse");
    }
    sender.enter(epoch("application"));
    expect(() => sender.data(utf8("x"))).not.toThrow();
  });

  it("has no keys to update", () => {
    const sender = new RecordSender(maxFragment);
    expect(tlsErrorOf(() => sender.updateKeys(() => withBody(24, Uint8Array.of(1)))).code).toBe(
      "misuse",
    );
    sender.enter(epoch("handshake"));
    expect(tlsErrorOf(() => sender.updateKeys(() => withBody(24, Uint8Array.of(1)))).code).toBe(
      "misuse",
    );
  });
});

describe("a sender with keys", () => {
  it("changes them behind what was queued before", () => {
    const sender = new RecordSender(maxFragment);
    const [first, second] = [withBody(2, Uint8Array.of(1)), withBody(8, Uint8Array.of(2))];
    sender.message(first);
    sender.enter(epoch("handshake"));
    sender.message(second);
    const [plain, sealed] = recordsOf(sender.takeOutput());
    expect(plain!.subarray(5)).toEqual(first);
    expect(opener("handshake")(sealed!)).toEqual(concat(second, Uint8Array.of(22)));
    expect(sender.epochName).toBe("handshake");
  });

  it("cuts data into fragments, and writes none for no data", () => {
    const sender = new RecordSender(maxFragment);
    sender.enter(epoch("application"));
    const data = seeded(1).bytes(2 * maxFragment + 1);
    sender.data(data);
    sender.data(new Uint8Array(0));
    const open = opener("application");
    const contents = recordsOf(sender.takeOutput()).map((record) => open(record).slice(0, -1));
    expect(contents.map(({ length }) => length)).toEqual([maxFragment, maxFragment, 1]);
    expect(concat(...contents)).toEqual(data);
  });

  it("keeps to smaller fragments, its own and the peer's", () => {
    const sender = new RecordSender(100);
    sender.enter(epoch("application"));
    sender.data(new Uint8Array(250));
    expect(recordsOf(sender.takeOutput()).map(({ length }) => length - 22)).toEqual([100, 100, 50]);
    // RFC 8449 §4: with type and padding
    sender.innerLimit = 64;
    sender.data(new Uint8Array(130));
    expect(recordsOf(sender.takeOutput()).map(({ length }) => length - 22)).toEqual([63, 63, 4]);
  });

  it("does not alias what it was given", () => {
    const sender = new RecordSender(maxFragment);
    sender.enter(epoch("application"));
    const data = utf8("content");
    sender.data(data);
    data.fill(0);
    expect(opener("application")(concat(...sender.takeOutput()))).toEqual(
      concat(utf8("content"), Uint8Array.of(23)),
    );
  });

  // RFC 9846 §5.5
  it("updates them before they have protected as many records as they may", () => {
    const sender = new RecordSender(maxFragment);
    sender.enter(epoch("application", 3));
    for (let i = 0; i < 8; i++) sender.data(Uint8Array.of(i));
    const records = recordsOf(sender.takeOutput());
    let secret = trafficSecret("application");
    let protection = new RecordProtection(aead, secret);
    const seen = records.map((record) => {
      const inner = protection.open(record)!;
      if (inner.at(-1) !== 22) return `data ${inner[0]}`;
      secret = secret.next();
      protection = new RecordProtection(aead, secret);
      return toHex(inner.subarray(0, -1));
    });
    const update = toHex(encodeMessage("key_update", { requestUpdate: 0 }));
    const [first, second] = [seen.splice(0, 4), seen.splice(0, 4)];
    expect(first).toEqual(["data 0", "data 1", "data 2", update]);
    expect(second).toEqual(["data 3", "data 4", "data 5", update]);
    expect(seen).toEqual(["data 6", "data 7"]);
  });

  it("updates them in the middle of one long write", () => {
    const sender = new RecordSender(10);
    sender.enter(epoch("application", 2));
    sender.data(new Uint8Array(50));
    expect(recordsOf(sender.takeOutput())).toHaveLength(5 + 2);
  });
});

// RFC 9846 §5.4
describe("padding", () => {
  const padded = (
    policy: (length: number, type: number) => number,
    length: number,
    limit?: number,
  ) => {
    const sender = new RecordSender(maxFragment, policy);
    sender.enter(epoch("application"));
    if (limit !== undefined) sender.innerLimit = limit;
    sender.data(new Uint8Array(length).fill(1));
    const open = opener("application");
    return recordsOf(sender.takeOutput()).map(open);
  };

  it.each([
    [1, 16],
    [15, 16],
    [16, 32],
    [31, 32],
  ])("to a multiple of 16: content of %d bytes gives %d", (length, size) => {
    const [inner] = padded(padToMultipleOf(16), length);
    expect(inner).toHaveLength(size);
    expect(inner!.subarray(length)).toEqual(
      concat(Uint8Array.of(23), new Uint8Array(size - length - 1)),
    );
  });

  it("is cut where it would not fit the record", () => {
    expect(padded(() => 1_000_000, 10).map(({ length }) => length)).toEqual([maxFragment + 1]);
    expect(padded(() => 9, maxFragment)[0]).toHaveLength(maxFragment + 1);
    expect(padded(() => 1000, 10, 64)[0]).toHaveLength(64);
  });

  it.each([-1, 0.5, Number.NaN])("is a number of bytes, and not %d", (wrong) => {
    expect(() => padded(() => wrong, 10)).toThrow(RangeError);
  });

  it("is asked for each record by its length and type, and not in plaintext", () => {
    const asked: number[][] = [];
    const sender = new RecordSender(maxFragment, (length, type) => {
      asked.push([length, type]);
      return 0;
    });
    sender.message(withBody(1, new Uint8Array(3)));
    sender.enter(epoch("application"));
    sender.data(new Uint8Array(maxFragment + 2));
    sender.alert(1, 0);
    sender.takeOutput();
    expect(asked).toEqual([
      [maxFragment, 23],
      [2, 23],
      [2, 21],
    ]);
  });
});

describe("a sender's observer", () => {
  it("sees every record as it goes out", () => {
    const facts: RecordFact[] = [];
    const sender = new RecordSender(maxFragment, padToMultipleOf(8), (fact) => facts.push(fact));
    sender.message(withBody(1, new Uint8Array(3)));
    sender.changeCipherSpec();
    sender.enter(epoch("application"));
    sender.data(new Uint8Array(9));
    const lengths = recordsOf(sender.takeOutput()).map(({ length }) => length);
    expect(facts).toEqual([
      { epoch: "plaintext", type: 22, wireLength: 12, contentLength: 7 },
      { epoch: "plaintext", type: 20, wireLength: 6, contentLength: 1 },
      { epoch: "application", type: 23, wireLength: 5 + 16 + 16, contentLength: 9 },
    ]);
    expect(facts.map(({ wireLength }) => wireLength)).toEqual(lengths);
  });
});
