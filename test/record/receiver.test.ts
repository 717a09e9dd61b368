import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { Epoch, type EpochName } from "../../src/record/epoch.ts";
import { defaultLimits } from "../../src/record/index.ts";
import { RecordProtection } from "../../src/record/protection.ts";
import { alertName, type RecordFact, RecordReceiver } from "../../src/record/receiver.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { changeCipherSpec, plainRecord } from "../support/interceptor.ts";
import { changed, withBody } from "../support/raw.ts";
import { trafficSecret } from "../support/secrets.ts";

const cipher = { aead: noble.aeads["aes-128-gcm"], recordLimit: 1000 };
const hello = withBody(1, utf8("hello"));
const none = new Uint8Array(0);

/** A receiver in an epoch, and how to make records for it. */
function receiverIn(name: EpochName, observe?: (fact: RecordFact) => void) {
  const receiver = new RecordReceiver(defaultLimits, observe);
  const protection = new RecordProtection(cipher.aead, trafficSecret());
  if (name !== "plaintext") receiver.enter(new Epoch(name, cipher, trafficSecret()));
  const record = (type: number, content: Uint8Array, padding = 0): Uint8Array =>
    name === "plaintext"
      ? plainRecord(type, content)
      : concat(...protection.seal(content, concat(Uint8Array.of(type), new Uint8Array(padding))));
  const seal = (inner: Uint8Array): Uint8Array =>
    concat(...protection.seal(inner, new Uint8Array(0)));
  const all = (...bytes: readonly Uint8Array[]) => {
    receiver.push(concat(...bytes));
    const found = [];
    for (let next = receiver.next(); next !== undefined; next = receiver.next()) found.push(next);
    return found;
  };
  return { receiver, record, seal, all };
}

describe.each(["plaintext", "handshake", "application"] as const)("in the %s epoch", (name) => {
  it("a receiver gives messages and alerts, whatever the records", () => {
    const { all, record } = receiverIn(name);
    const [first, second] = [withBody(8, utf8("one")), withBody(11, utf8("two"))];
    expect(
      all(
        record(22, concat(first, second.subarray(0, 3))),
        record(22, second.subarray(3)),
        record(21, Uint8Array.of(2, 40)),
      ),
    ).toEqual([
      { kind: "message", raw: first, limits: defaultLimits },
      { kind: "message", raw: second, limits: defaultLimits },
      { kind: "alert", level: 2, description: 40 },
    ]);
  });

  // RFC 9846 §5.1
  it.each([[[]], [[1]], [[1, 0, 1, 0]]])(
    "an alert is two bytes alone in its record: %j",
    (bytes) => {
      const { all, record } = receiverIn(name);
      const error = tlsErrorOf(() => all(record(21, Uint8Array.from(bytes))));
      // RFC 9846 §5.4: an empty one is unexpected
      expect(error.alert).toBe(bytes.length === 0 ? "unexpected_message" : "decode_error");
    },
  );

  // RFC 9846 §5.1, §5.4
  it("a handshake record is not empty", () => {
    const { all, record } = receiverIn(name);
    expect(tlsErrorOf(() => all(record(22, new Uint8Array(0))))).toMatchObject({
      code: "bad_record",
      alert: "unexpected_message",
      detail: { section: "RFC 9846 §5.4" },
    });
  });

  it.each(["alert", "change_cipher_spec"])("a message is not interrupted by %s", (by) => {
    const { all, record, receiver } = receiverIn(name);
    receiver.changeCipherSpec = "drop";
    all(record(22, hello.subarray(0, 5)));
    const interruption = by === "alert" ? record(21, Uint8Array.of(1, 0)) : changeCipherSpec;
    expect(tlsErrorOf(() => all(interruption))).toMatchObject({
      code: "unexpected_message",
      detail: { section: "RFC 9846 §5.1" },
    });
  });

  it("keys do not change in the middle of a message", () => {
    const { all, record, receiver } = receiverIn(name);
    expect(all(record(22, concat(hello, hello.subarray(0, 1))))).toHaveLength(1);
    const enter = () => receiver.enter(new Epoch("application", cipher, trafficSecret()));
    expect(tlsErrorOf(enter)).toMatchObject({
      code: "unexpected_message",
      detail: { section: "RFC 9846 §5.1" },
    });
    all(record(22, hello.subarray(1)));
    expect(enter).not.toThrow();
  });

  it("is known, and whether the stream may end here", () => {
    const { all, record, receiver } = receiverIn(name);
    expect(receiver.epochName).toBe(name);
    expect(receiver.inMessage).toBe(false);
    const whole = record(22, hello.subarray(0, 6));
    all(whole.subarray(0, 3));
    expect(receiver.inMessage).toBe(true);
    all(whole.subarray(3));
    expect(receiver.inMessage).toBe(true);
    all(record(22, hello.subarray(6)));
    expect(receiver.inMessage).toBe(false);
  });
});

describe("data", () => {
  it("is taken in the application epoch, empty or not", () => {
    const { all, record } = receiverIn("application");
    expect(all(record(23, utf8("a")), record(23, utf8("")), record(23, utf8("b"), 100))).toEqual([
      { kind: "data", bytes: utf8("a"), early: false },
      { kind: "data", bytes: utf8("b"), early: false },
    ]);
  });

  it.each(["plaintext", "handshake"] as const)("is refused in the %s epoch", (name) => {
    const { all, record } = receiverIn(name);
    expect(tlsErrorOf(() => all(record(23, utf8("a"))))).toMatchObject({
      code: "unexpected_message",
      detail: { where: "record.type" },
    });
  });

  it("is early in the early epoch, and no more than the ticket allows", () => {
    const { all, record, receiver } = receiverIn("early");
    receiver.earlyDataLeft = 3;
    expect(all(record(23, utf8("ab")))).toEqual([{ kind: "data", bytes: utf8("ab"), early: true }]);
    expect(tlsErrorOf(() => all(record(23, utf8("cd"))))).toMatchObject({
      alert: "unexpected_message",
    });
  });
});

describe("a plaintext record", () => {
  // RFC 9846 §5.1
  it("has at most 2^14 bytes", () => {
    const { all, record, receiver } = receiverIn("plaintext");
    all(
      record(
        22,
        changed(new Uint8Array(16384), (copy) => copy.set([1, 0, 0x50, 0])),
      ),
    );
    expect(receiver.inMessage).toBe(true);
    expect(tlsErrorOf(() => all(record(22, new Uint8Array(16385))))).toMatchObject({
      code: "record_overflow",
      detail: { where: "record.fragment", received: "16385 bytes" },
    });
  });

  // RFC 9846 §5.1: legacy_record_version is ignored
  it.each([0x0300, 0x0301, 0x0304, 0x0000, 0xffff])("may have any version: %d", (version) => {
    const { all } = receiverIn("plaintext");
    expect(all(plainRecord(22, hello, version))).toHaveLength(1);
  });

  it.each(["handshake", "application"] as const)("is refused in the %s epoch", (name) => {
    for (const type of [21, 22]) {
      const { all } = receiverIn(name);
      expect(tlsErrorOf(() => all(plainRecord(type, hello)))).toMatchObject({
        code: "unexpected_message",
        detail: { expected: "application_data", where: "record.type", section: "RFC 9846 §5" },
      });
    }
  });

  it("may be an alert of a peer that has no keys yet, until it shows that it has", () => {
    const { all, record, receiver } = receiverIn("handshake");
    receiver.acceptPlaintextAlert = true;
    const alert = plainRecord(21, Uint8Array.of(2, 51));
    expect(all(alert)).toEqual([{ kind: "alert", level: 2, description: 51 }]);
    all(record(22, hello));
    expect(tlsErrorOf(() => all(alert)).code).toBe("unexpected_message");
  });
});

describe("a protected record", () => {
  // Who waits for a reader would hold a whole record for each byte
  it("does not keep its padding", () => {
    const { all, record } = receiverIn("application");
    const found = all(
      record(23, Uint8Array.of(1, 2), 16_000),
      record(22, hello, 16_000),
      record(23, new Uint8Array(100), 50),
    );
    const held = found.map((each) => {
      const bytes = each.kind === "data" ? each.bytes : each.kind === "message" ? each.raw : none;
      return [bytes.length, bytes.buffer.byteLength];
    });
    expect(held).toEqual([
      [2, 2],
      [9, 9],
      [100, expect.any(Number)],
    ]);
    expect(held[2]![1]).toBeLessThanOrEqual(200);
  });

  // RFC 9846 §5.2
  it("has at most 2^14 bytes and a type, padding included", () => {
    const { all, record } = receiverIn("application");
    expect(all(record(23, new Uint8Array(16384)))).toHaveLength(1);
    expect(all(record(23, new Uint8Array(16000), 384))).toHaveLength(1);
    for (const [content, padding] of [
      [16385, 0],
      [16384, 1],
      [0, 16385],
    ] as const) {
      const { all: fresh, record: make } = receiverIn("application");
      expect(tlsErrorOf(() => fresh(make(23, new Uint8Array(content), padding)))).toMatchObject({
        code: "record_overflow",
        detail: { received: `${content + 1 + padding} bytes`, section: "RFC 9846 §5.2" },
      });
    }
  });

  // RFC 8449 §4
  it("keeps to the limit that we told the peer", () => {
    const { all, record, receiver } = receiverIn("application");
    receiver.innerLimit = 64;
    expect(all(record(23, new Uint8Array(63)))).toHaveLength(1);
    expect(tlsErrorOf(() => all(record(23, new Uint8Array(60), 4))).code).toBe("record_overflow");
  });

  // RFC 9846 §5.4
  it.each([0, 1, 100])("has a type: %d zeros are refused", (length) => {
    const { all, seal } = receiverIn("application");
    expect(tlsErrorOf(() => all(seal(new Uint8Array(length))))).toMatchObject({
      code: "bad_record",
      alert: "unexpected_message",
      detail: { section: "RFC 9846 §5.4" },
    });
  });

  it.each([0, 20, 24, 255])(
    "has a type that exists, and not that of change_cipher_spec: %d",
    (type) => {
      const { all, seal } = receiverIn("application");
      const inner = type === 0 ? Uint8Array.of(24, 0) : Uint8Array.of(1, type);
      expect(tlsErrorOf(() => all(seal(inner))).alert).toBe("unexpected_message");
    },
  );

  it("is authentic", () => {
    for (const at of [1, 5, 20, 320]) {
      const { all, record } = receiverIn("application");
      const spoilt = changed(record(23, new Uint8Array(300)), (copy) => (copy[at]! ^= 1));
      expect(tlsErrorOf(() => all(spoilt))).toMatchObject({
        code: "bad_record_mac",
        detail: { where: "record 0 of the application epoch", section: "RFC 9846 §5.2" },
      });
    }
    for (const length of [0, 16]) {
      const { all } = receiverIn("application");
      expect(tlsErrorOf(() => all(plainRecord(23, new Uint8Array(length)))).code).toBe(
        "bad_record_mac",
      );
    }
  });
});

// RFC 9846 §5, Appendix E.4
describe("change_cipher_spec", () => {
  it("is dropped where the handshake allows it, in any epoch", () => {
    for (const name of ["plaintext", "handshake"] as const) {
      const { all, record, receiver } = receiverIn(name);
      receiver.changeCipherSpec = "drop";
      expect(all(changeCipherSpec, record(22, hello), changeCipherSpec)).toHaveLength(1);
    }
  });

  it.each([
    ["where it is not allowed", "refuse", [1]],
    ["with another byte", "drop", [2]],
    ["with more bytes", "drop", [1, 1]],
    ["with no byte", "drop", []],
  ] as const)("is refused %s", (_, policy, bytes) => {
    const { all, receiver } = receiverIn("handshake");
    receiver.changeCipherSpec = policy;
    expect(tlsErrorOf(() => all(plainRecord(20, Uint8Array.from(bytes))))).toMatchObject({
      code: "unexpected_message",
      detail: { where: "record.type", section: "RFC 9846 §5" },
    });
  });
});

// RFC 9846 §4.3.10
describe("refused early data", () => {
  it("is skipped until a record opens", () => {
    const { all, record, receiver } = receiverIn("handshake");
    receiver.skipping = 1000;
    const early = plainRecord(23, new Uint8Array(95));
    expect(all(early, early, record(22, hello))).toEqual([
      { kind: "message", raw: hello, limits: defaultLimits },
    ]);
    expect(receiver.skipping).toBe(0);
    expect(tlsErrorOf(() => all(early)).code).toBe("bad_record_mac");
  });

  it("is skipped before a second ClientHello", () => {
    const { all, record, receiver } = receiverIn("plaintext");
    receiver.skipping = 1000;
    const early = plainRecord(23, new Uint8Array(95));
    expect(all(early, record(22, hello))).toHaveLength(1);
    expect(tlsErrorOf(() => all(early)).code).toBe("unexpected_message");
  });
});

describe("the observer of a receiver", () => {
  it("sees every record that was opened", () => {
    const facts: RecordFact[] = [];
    const { all, record, receiver } = receiverIn("application", (fact) => facts.push(fact));
    receiver.changeCipherSpec = "drop";
    all(changeCipherSpec, record(23, utf8("abc"), 5), record(21, Uint8Array.of(1, 0)));
    expect(facts).toEqual([
      { epoch: "plaintext", type: 20, wireLength: 6, contentLength: 1 },
      { epoch: "application", type: 23, wireLength: 5 + 3 + 1 + 5 + 16, contentLength: 3 },
      { epoch: "application", type: 21, wireLength: 5 + 2 + 1 + 16, contentLength: 2 },
    ]);
  });
});

describe("the name of an alert", () => {
  it("is its number, if it has none", () => {
    expect([alertName(40), alertName(0), alertName(99)]).toEqual([
      "handshake_failure",
      "close_notify",
      "0x63",
    ]);
  });
});
