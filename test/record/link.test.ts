import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { defaultLimits, type Direction, Link, type Observer } from "../../src/record/index.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { authenticated, finishedOf, testSchedule, trafficSecret } from "../support/secrets.ts";

const cipher = { aead: noble.aeads["aes-128-gcm"], recordLimit: 1000 };

/** Two links in the application epoch, the first a client's. */
function openLinks(observer?: Observer) {
  const a = new Link({ role: "client", limits: defaultLimits, observer });
  const b = new Link({ role: "server", limits: defaultLimits });
  const [ofA, ofB] = [testSchedule(), testSchedule()];
  a.protectWriting("application", cipher, ofA.application.client);
  b.protectWriting("application", cipher, ofB.application.server);
  a.readApplicationData(cipher, finishedOf(authenticated.server(ofA), ofA));
  b.readApplicationData(cipher, finishedOf(authenticated.client(ofB), ofB));
  return { a, b };
}

/** Carries the output of one link to another, and follows the KeyUpdates in it. */
function carry(from: Link, to: Link): string[] {
  to.push(concat(...from.takeOutput()));
  const seen: string[] = [];
  for (let next = to.next(); next !== undefined; next = to.next()) {
    if (next.kind === "message") {
      const { requestUpdate } = decodeMessage("key_update", next.raw).body;
      seen.push(requestUpdate === 1 ? "update, requested" : "update");
      to.followKeyUpdate(requestUpdate);
    } else if (next.kind === "data") seen.push(new TextDecoder().decode(next.bytes));
    else seen.push(`alert ${next.description}`);
  }
  to.detach();
  return seen;
}

// RFC 9846 §4.7.3
describe("key updates", () => {
  it("go on under new keys in one direction", () => {
    const { a, b } = openLinks();
    a.sendData(utf8("one"));
    a.updateKeys("update_not_requested");
    a.sendData(utf8("two"));
    expect(carry(a, b)).toEqual(["one", "update", "two"]);
    expect(b.hasOutput).toBe(false);
  });

  it("are answered before our next data, if they ask", () => {
    const { a, b } = openLinks();
    a.updateKeys("update_requested");
    expect(carry(a, b)).toEqual(["update, requested"]);
    expect(carry(b, a)).toEqual([]);
    b.sendData(utf8("data"));
    expect(carry(b, a)).toEqual(["update", "data"]);
    b.sendData(utf8("more"));
    expect(carry(b, a)).toEqual(["more"]);
  });

  it("are answered each time, if we spoke before they asked again", () => {
    const { a, b } = openLinks();
    for (let i = 0; i < 3; i++) {
      a.updateKeys("update_requested");
      expect(carry(a, b)).toEqual(["update, requested"]);
      b.sendData(utf8("data"));
      expect(carry(b, a)).toEqual(["update", "data"]);
    }
  });

  it("share an answer, if they come while we are silent, taken one by one or together", () => {
    const { a, b } = openLinks();
    const request = Uint8Array.of(24, 0, 0, 1, 1);
    // A peer that breaks the rule and asks again without an answer
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      a.sendRaw(request);
      a.flush();
      a.protectWriting("application", cipher, nthSecret("client", i + 1));
      if (i === 1) continue;
      seen.push(...carry(a, b));
      expect(b.takeOutput()).toEqual([]);
    }
    expect(seen).toEqual(Array.from({ length: 4 }, () => "update, requested"));
    b.sendData(utf8("data"));
    b.sendData(utf8("more"));
    expect(carry(b, a)).toEqual(["update", "data", "more"]);
  });

  it("do not ask again before the answer", () => {
    const { a, b } = openLinks();
    a.updateKeys("update_requested");
    a.updateKeys("update_requested");
    expect(carry(a, b)).toEqual(["update, requested", "update"]);
    b.sendData(utf8("data"));
    carry(b, a);
    a.updateKeys("update_requested");
    expect(carry(a, b)).toEqual(["update, requested"]);
  });

  it("cross on the way", () => {
    const { a, b } = openLinks();
    a.updateKeys("update_requested");
    b.updateKeys("update_requested");
    expect(carry(a, b)).toEqual(["update, requested"]);
    expect(carry(b, a)).toEqual(["update, requested"]);
    a.sendData(utf8("x"));
    b.sendData(utf8("y"));
    expect([carry(a, b), carry(b, a)]).toEqual([
      ["update", "x"],
      ["update", "y"],
    ]);
    a.sendData(utf8("x"));
    b.sendData(utf8("y"));
    expect([carry(a, b), carry(b, a)]).toEqual([["x"], ["y"]]);
  });

  it("are observed like other messages", () => {
    const seen: [Direction, number][] = [];
    const { a, b } = openLinks({ message: (direction, raw) => seen.push([direction, raw[0]!]) });
    a.updateKeys("update_requested");
    carry(a, b);
    b.sendData(utf8("data"));
    carry(b, a);
    expect(seen).toEqual([
      ["sent", 24],
      ["received", 24],
    ]);
  });
});

const nthSecret = (name: "client" | "server", nth: number) => {
  let secret = testSchedule().application[name];
  for (let i = 0; i < nth; i++) secret = secret.next();
  return secret;
};

// RFC 9846 §6.1
describe("after our close_notify", () => {
  it("nothing goes out", () => {
    const { a, b } = openLinks();
    b.sendAlert("close_notify");
    b.sendRaw(Uint8Array.of(4, 0, 0, 0));
    a.updateKeys("update_requested");
    carry(a, b);
    expect(carry(b, a)).toEqual(["alert 0"]);
    expect(b.takeOutput()).toEqual([]);
  });
});

describe("the levels of alerts", () => {
  // RFC 9846 §6
  it("are warning for closure, and fatal for errors", () => {
    const link = new Link({ role: "client", limits: defaultLimits });
    link.sendAlert("close_notify");
    link.sendAlert("user_canceled");
    link.sendAlert("decode_error");
    const bytes = concat(...link.takeOutput());
    expect([0, 7, 14].map((at) => [...bytes.subarray(at + 5, at + 7)])).toEqual([
      [1, 0],
      [1, 90],
      [2, 50],
    ]);
  });
});

describe("the two directions", () => {
  it("carry data only where their epochs may", () => {
    const link = new Link({ role: "client", limits: defaultLimits });
    expect([link.writingEpoch, link.readingEpoch, link.canSendData]).toEqual([
      "plaintext",
      "plaintext",
      false,
    ]);
    expect(tlsErrorOf(() => link.sendData(utf8("x"))).code).toBe("misuse");
    link.protectWriting("handshake", cipher, trafficSecret());
    expect(link.canSendData).toBe(false);
    link.protectWriting("application", cipher, trafficSecret());
    expect([link.writingEpoch, link.canSendData]).toEqual(["application", true]);
    expect(link.readingEpoch).toBe("plaintext");
  });

  it("open to application data only for a verified Finished", () => {
    const link = new Link({ role: "client", limits: defaultLimits });
    // @ts-expect-error the other door does not lead there
    const otherDoor = () => link.protectReading("application", cipher, trafficSecret());
    expect(otherDoor).toBeTypeOf("function");
    const schedule = testSchedule();
    link.readApplicationData(cipher, finishedOf(authenticated.server(schedule), schedule));
    expect(link.readingEpoch).toBe("application");
  });
});

// RFC 8449 §4
describe("a record size limit", () => {
  it("bounds both directions, each by its receiver's", () => {
    const { a, b } = openLinks();
    a.limitRecords(16385, 64);
    b.limitRecords(64, 16385);
    a.sendData(new Uint8Array(100));
    const sizes = a.takeOutput();
    expect(concat(...sizes)).toHaveLength(5 + 64 + 16 + (5 + 38 + 16));
    b.sendData(new Uint8Array(100));
    expect(concat(...b.takeOutput())).toHaveLength(5 + 101 + 16);
  });

  it("is at least 64, and above the protocol's own limit it means that", () => {
    const { a } = openLinks();
    expect(tlsErrorOf(() => a.limitRecords(16385, 63))).toMatchObject({
      code: "illegal_parameter",
      detail: { expected: "at least 64", received: "63", section: "RFC 8449 §4" },
    });
    a.limitRecords(0xffff, 0xffff);
    a.sendData(new Uint8Array(16385));
    expect(a.takeOutput().filter((chunk) => chunk.length === 5)).toHaveLength(2);
  });
});
