import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { defaultLimits, type Direction, Link, type Observer } from "../../src/record/index.ts";
import type { Role } from "../../src/schedule/index.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { plainRecord } from "../support/interceptor.ts";
import { withBody } from "../support/raw.ts";
import { recordsOf } from "../support/records.ts";
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

  it("above the protocol's own limit means that", () => {
    const { a } = openLinks();
    a.limitRecords(0xffff, 0xffff);
    a.sendData(new Uint8Array(16385));
    expect(a.takeOutput().filter((chunk) => chunk.length === 5)).toHaveLength(2);
  });
});

// RFC 9846 Appendix E.4, §5
describe("the compatibility mode", () => {
  const compatible = 32;
  /** ClientHello, ServerHello or HelloRetryRequest as far as the link looks at it. */
  const hello = (type: number, sessionIdLength = compatible) =>
    withBody(type, concat(new Uint8Array(2 + 32), Uint8Array.of(sessionIdLength)));
  const linkOf = (role: Role) => new Link({ role, limits: defaultLimits });
  const typesOf = (link: Link) => recordsOf(link.takeOutput()).map(([type]) => type);

  it("puts a client's record right before its second flight, once", () => {
    const link = linkOf("client");
    link.sendRaw(hello(1));
    expect(typesOf(link)).toEqual([22]);
    link.sendRaw(hello(1));
    expect(typesOf(link)).toEqual([20, 22]);
    link.protectWriting("handshake", cipher, trafficSecret());
    link.sendRaw(withBody(20, new Uint8Array(32)));
    expect(typesOf(link)).toEqual([23]);
  });

  it("puts a client's record before its early data, or before the alert under its first keys", () => {
    const early = linkOf("client");
    early.sendRaw(hello(1));
    early.writeEarlyData(cipher, trafficSecret(), 10);
    early.sendData(utf8("x"));
    expect(typesOf(early)).toEqual([22, 20, 23]);
    const refusing = linkOf("client");
    refusing.sendRaw(hello(1));
    refusing.protectWriting("handshake", cipher, trafficSecret());
    refusing.sendAlert("bad_certificate");
    expect(typesOf(refusing)).toEqual([22, 20, 23]);
  });

  it("puts no record before an alert in the clear", () => {
    const link = linkOf("client");
    link.sendRaw(hello(1));
    link.sendAlert("protocol_version");
    expect(typesOf(link)).toEqual([22, 21]);
  });

  it("puts a server's record behind its first hello, once", () => {
    const link = linkOf("server");
    link.sendRaw(hello(2));
    link.sendRaw(hello(2));
    expect(typesOf(link)).toEqual([22, 20, 22]);
  });

  it.each(["client", "server"] as const)("is not there for a %s without a session id", (role) => {
    const link = linkOf(role);
    link.sendRaw(hello(role === "client" ? 1 : 2, 0));
    link.protectWriting("handshake", cipher, trafficSecret());
    link.sendRaw(withBody(20, new Uint8Array(32)));
    expect(typesOf(link)).toEqual([22, 23]);
  });

  it("drops the peer's record from the first ClientHello on, and not before", () => {
    const record = Uint8Array.of(20, 3, 3, 0, 1, 1);
    for (const role of ["client", "server"] as const) {
      const link = linkOf(role);
      link.push(record);
      expect(tlsErrorOf(() => link.next()).code).toBe("unexpected_message");
    }
    const client = linkOf("client");
    client.sendRaw(hello(1));
    client.push(record);
    expect(client.next()).toBeUndefined();
    const server = linkOf("server");
    server.push(plainRecord(22, hello(1)));
    expect(server.next()?.kind).toBe("message");
    server.push(record);
    expect(server.next()).toBeUndefined();
  });
});

describe("an alert in the clear", () => {
  const alert = plainRecord(21, Uint8Array.of(2, 40));
  const schedule = () => trafficSecret("client handshake");

  it("is taken by a server until the client has keys, and by nobody else", () => {
    const server = new Link({ role: "server", limits: defaultLimits });
    server.protectReading("handshake", cipher, schedule());
    server.push(alert);
    expect(server.next()).toMatchObject({ kind: "alert", description: 40 });
    const client = new Link({ role: "client", limits: defaultLimits });
    client.protectReading("handshake", cipher, schedule());
    client.push(alert);
    expect(tlsErrorOf(() => client.next()).code).toBe("unexpected_message");
  });

  it("is not taken again after early data", () => {
    const server = new Link({ role: "server", limits: defaultLimits });
    server.protectReading("handshake", cipher, schedule());
    const sealing = new Link({ role: "client", limits: defaultLimits });
    sealing.protectWriting("handshake", cipher, schedule());
    sealing.sendRaw(withBody(20, new Uint8Array(32)));
    server.push(concat(...sealing.takeOutput()));
    expect(server.next()?.kind).toBe("message");
    server.protectReading("handshake", cipher, schedule());
    server.push(alert);
    expect(tlsErrorOf(() => server.next()).code).toBe("unexpected_message");
  });
});
