/** Records, alerts and post-handshake messages that break a rule, at both ends, on the wire. */
import { describe, expect, it } from "vitest";
import { createServerConnection } from "../../src/connection/index.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { makeEnds, serverOptions } from "../support/ends.ts";
import {
  changeCipherSpec,
  intercept,
  type Interceptor,
  type Outlet,
  plainRecord,
  type Rule,
} from "../support/interceptor.ts";
import { changed, withBody } from "../support/raw.ts";
import { expectRefused, expectRefusedAndTold, type Refusal } from "../support/refusal.ts";

const sides = ["client", "server"] as const;
type Side = (typeof sides)[number];
const unexpected: Refusal = { code: "unexpected_message" };

/** An open connection, into which something is sent towards one end. */
function inOpen(side: Side, send: (outlet: Outlet) => void): Interceptor {
  const between = intercept();
  expect([between.client.state, between.server.state]).toEqual(["open", "open"]);
  send(between.to[side]);
  return between.run();
}

/** A handshake, into which something is sent towards one end before its peer's flight is over. */
function inHandshake(side: Side, send: (outlet: Outlet) => void): Interceptor {
  const before: Rule = (raw, outlet) => {
    send(outlet);
    return [raw];
  };
  return intercept(
    side === "client" ? { server: { finished: before } } : { client: { finished: before } },
  );
}

describe.each(sides)("the %s, once open,", (side) => {
  const refuses = (send: (outlet: Outlet) => void, refusal: Refusal) =>
    expectRefusedAndTold(inOpen(side, send), side, refusal);

  it.each<[string, (outlet: Outlet) => void, Refusal]>([
    // RFC 9846 §5
    [
      "change_cipher_spec",
      (to) => to.bytes(changeCipherSpec),
      { ...unexpected, where: "record.type" },
    ],
    [
      "plaintext handshake records",
      (to) => to.bytes(plainRecord(22, Uint8Array.of(24, 0, 0, 1, 0))),
      unexpected,
    ],
    ["plaintext alerts", (to) => to.bytes(plainRecord(21, Uint8Array.of(2, 40))), unexpected],
    ["plaintext close_notify", (to) => to.bytes(plainRecord(21, Uint8Array.of(1, 0))), unexpected],
    ["a type that does not exist", (to) => to.bytes(plainRecord(24, Uint8Array.of(1))), unexpected],
    // RFC 9846 §5.2
    [
      "a record that is not authentic",
      (to) => to.bytes(plainRecord(23, new Uint8Array(40))),
      { code: "bad_record_mac", section: "RFC 9846 §5.2" },
    ],
    [
      "a record shorter than a tag",
      (to) => to.bytes(plainRecord(23, new Uint8Array(10))),
      { code: "bad_record_mac" },
    ],
    [
      "a record longer than 2^14 + 256",
      (to) => to.bytes(Uint8Array.of(23, 3, 3, 0x41, 0x01)),
      { code: "record_overflow", where: "record.length", section: "RFC 9846 §5.2" },
    ],
    [
      "an inner plaintext longer than 2^14 + 1",
      (to) => to.record(23, new Uint8Array(16385)),
      { code: "record_overflow", where: "record.fragment", section: "RFC 9846 §5.2" },
    ],
    [
      "padding to more than 2^14 + 1",
      (to) => to.record(23, new Uint8Array(16384), Uint8Array.of(23, 0)),
      { code: "record_overflow" },
    ],
    // RFC 9846 §5.4
    [
      "padding without a type",
      (to) => to.record(23, new Uint8Array(50), new Uint8Array(0)),
      { code: "bad_record", alert: "unexpected_message", section: "RFC 9846 §5.4" },
    ],
    [
      "an empty handshake record",
      (to) => to.record(22, new Uint8Array(0)),
      { code: "bad_record", alert: "unexpected_message", section: "RFC 9846 §5.4" },
    ],
    [
      "an empty alert record",
      (to) => to.record(21, new Uint8Array(0)),
      { code: "bad_record", alert: "unexpected_message" },
    ],
    ["protected change_cipher_spec", (to) => to.record(20, Uint8Array.of(1)), unexpected],
    ["an inner type that does not exist", (to) => to.record(99, Uint8Array.of(1)), unexpected],
    // RFC 9846 §5.1
    [
      "half an alert",
      (to) => to.record(21, Uint8Array.of(1)),
      { code: "malformed", alert: "decode_error", where: "alert", section: "RFC 9846 §5.1" },
    ],
    [
      "two alerts in a record",
      (to) => to.record(21, Uint8Array.of(1, 90, 1, 0)),
      { code: "malformed", alert: "decode_error" },
    ],
    [
      "data in the middle of a message",
      (to) => {
        to.record(22, Uint8Array.of(24, 0));
        to.record(23, utf8("data"));
      },
      { ...unexpected, section: "RFC 9846 §5.1" },
    ],
    [
      "an alert in the middle of a message",
      (to) => {
        to.record(22, Uint8Array.of(24, 0));
        to.alert("close_notify", 1);
      },
      { ...unexpected, section: "RFC 9846 §5.1" },
    ],
    // RFC 9846 §4.7.3
    [
      "a KeyUpdate that means nothing",
      (to) => to.message(withBody(24, Uint8Array.of(2))),
      {
        code: "illegal_parameter",
        where: "key_update.requestUpdate",
        section: "RFC 9846 §4.7.3",
      },
    ],
    [
      "a KeyUpdate of no bytes",
      (to) => to.record(22, withBody(24, new Uint8Array(0))),
      { code: "malformed", alert: "decode_error", where: "key_update.requestUpdate" },
    ],
    [
      "a KeyUpdate of two bytes",
      (to) => to.record(22, withBody(24, new Uint8Array(2))),
      { code: "malformed", alert: "decode_error", where: "key_update" },
    ],
    // RFC 9846 §5.1
    [
      "a message cut by a key change",
      (to) => to.record(22, concat(withBody(24, Uint8Array.of(0)), Uint8Array.of(24))),
      { ...unexpected, where: "record.fragment", section: "RFC 9846 §5.1" },
    ],
    [
      "two KeyUpdates in a record",
      (to) => to.record(22, concat(withBody(24, Uint8Array.of(0)), withBody(24, Uint8Array.of(0)))),
      { ...unexpected, section: "RFC 9846 §5.1" },
    ],
    // RFC 9846 §4.7
    ["a ClientHello", (to) => to.message(withBody(1, new Uint8Array(60))), unexpected],
    ["a ServerHello", (to) => to.message(withBody(2, new Uint8Array(60))), unexpected],
    ["EncryptedExtensions", (to) => to.message(withBody(8, new Uint8Array(2))), unexpected],
    ["a Finished", (to) => to.message(withBody(20, new Uint8Array(32))), unexpected],
    ["EndOfEarlyData", (to) => to.message(withBody(5, new Uint8Array(0))), unexpected],
    ["a HelloRequest of TLS 1.2", (to) => to.message(withBody(0, new Uint8Array(0))), unexpected],
    ["an unknown message", (to) => to.message(withBody(200, new Uint8Array(0))), unexpected],
    ["a CertificateVerify", (to) => to.message(withBody(15, new Uint8Array(4))), unexpected],
    [
      side === "client" ? "a request for a certificate that it did not offer" : "a ticket",
      (to) => to.message(withBody(side === "client" ? 13 : 4, new Uint8Array(3))),
      unexpected,
    ],
  ])("refuses %s", (_, send, refusal) => refuses(send, refusal));

  it("goes on after what is unusual and right", () => {
    const between = inOpen(side, (to) => {
      to.record(23, new Uint8Array(0));
      to.record(23, utf8("pad"), Uint8Array.of(23, 0, 0, 0));
      to.record(23, new Uint8Array(16384));
      to.record(22, Uint8Array.of(24));
      to.record(22, Uint8Array.of(0, 0, 1));
      to.record(22, Uint8Array.of(0));
      to.update();
      to.alert("user_canceled", 1);
      to.record(23, utf8("end"));
    });
    expect(between.alerts).toEqual([]);
    const received = between.events[side].flatMap((event) =>
      event.type === "data" ? [event.data.length] : [],
    );
    expect(received).toEqual([3, 16384, 3]);
  });

  // RFC 9846 §6
  it.each([
    ["a fatal one", 2, 40, "handshake_failure"],
    ["one that is called a warning", 1, 40, "handshake_failure"],
    ["one that nobody knows", 2, 99, "0x63"],
    ["one that nobody knows, called a warning", 1, 99, "0x63"],
    ["one of an unknown level", 7, 50, "decode_error"],
  ])("ends with an alert: %s", (_, level, description, name) => {
    const between = inOpen(side, (to) => to.record(21, Uint8Array.of(level, description)));
    const { error } = between[side];
    expect(error).toMatchObject({ code: "peer_alert", alert: undefined, role: side });
    expect(error?.detail).toMatchObject({
      received: `alert ${name} (${description})`,
      section: "RFC 9846 §6",
    });
    expect(error?.message).toContain(name);
    // §6.2: nothing answers a fatal alert
    expect(between.alertsBy(side)).toEqual([]);
    expect(between[side].state).toBe("failed");
  });

  // RFC 9846 §6.1
  it("ignores whatever follows close_notify", () => {
    const between = inOpen(side, (to) => {
      to.record(23, utf8("before"));
      const after = [
        plainRecord(23, new Uint8Array(40)),
        plainRecord(21, Uint8Array.of(2, 40)),
        Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff),
      ];
      to.alert("close_notify", 1);
      to.record(23, utf8("after"));
      to.record(22, withBody(24, Uint8Array.of(1)));
      for (const bytes of after) to.bytes(bytes);
    });
    expect(between.events[side].map(({ type }) => type)).toEqual(["open", "data", "end"]);
    expect(between[side].state).toBe("open");
    between[side].receiveEnd();
    expect(between[side].state).toBe("open");
    // The other direction still works
    between[side].write(utf8("still here"));
    between[side].close();
    expect(between.run()[side].state).toBe("closed");
    const other = between.events[side === "client" ? "server" : "client"];
    expect(other.map(({ type }) => type)).toEqual(["open", "data", "end"]);
  });

  it("ignores what follows close_notify in the same bytes", () => {
    const between = intercept();
    const other = between[side === "client" ? "server" : "client"];
    other.close();
    const bytes = concat(...other.takeOutput(), Uint8Array.of(1, 2, 3, 4, 5, 6));
    between[side].receive(bytes);
    expect(between[side].takeEvents().map(({ type }) => type)).toEqual(["end"]);
  });

  // RFC 9846 §6.1
  it("tells truncation from a clean end", () => {
    const cut = inOpen(side, (to) => to.record(23, utf8("some")));
    cut[side].receiveEnd();
    expectRefused(cut.run(), side, { code: "truncated", section: "RFC 9846 §6.1" });
    expect(cut[side].error?.detail).toMatchObject({
      expected: "close_notify",
      received: "the end of the stream",
    });
    // What was delivered stays delivered
    expect(cut.events[side].map(({ type }) => type)).toEqual(["open", "data", "error"]);

    const inside = inOpen(side, (to) => to.bytes(Uint8Array.of(23, 3, 3)));
    inside[side].receiveEnd();
    expect(inside[side].error?.detail.received).toBe("the end in the middle of a message");

    const clean = inOpen(side, (to) => to.alert("close_notify", 1));
    clean[side].receiveEnd();
    expect(clean[side].error).toBeUndefined();
    expect(clean.events[side].at(-1)).toEqual({ type: "end" });
  });
});

describe.each(sides)("the %s, in the handshake,", (side) => {
  const refuses = (send: (outlet: Outlet) => void, refusal: Refusal): void => {
    expectRefused(inHandshake(side, send), side, refusal);
  };

  it.each<[string, (outlet: Outlet) => void, Refusal]>([
    [
      "data under handshake keys",
      (to) => to.record(23, utf8("early bird")),
      { ...unexpected, where: "record.type" },
    ],
    ["plaintext data", (to) => to.bytes(plainRecord(23, utf8("x"))), { code: "bad_record_mac" }],
    [
      "plaintext handshake records",
      (to) => to.bytes(plainRecord(22, withBody(20, new Uint8Array(32)))),
      unexpected,
    ],
    // RFC 9846 §5
    [
      "change_cipher_spec with another byte",
      (to) => to.bytes(plainRecord(20, Uint8Array.of(2))),
      { ...unexpected, where: "record.type", section: "RFC 9846 §5" },
    ],
    [
      "change_cipher_spec with two bytes",
      (to) => to.bytes(plainRecord(20, Uint8Array.of(1, 1))),
      unexpected,
    ],
    [
      "change_cipher_spec without a byte",
      (to) => to.bytes(plainRecord(20, new Uint8Array(0))),
      unexpected,
    ],
    [
      "change_cipher_spec in a message",
      (to) => {
        to.record(22, Uint8Array.of(20, 0));
        to.bytes(changeCipherSpec);
      },
      { ...unexpected, section: "RFC 9846 §5.1" },
    ],
    ["a KeyUpdate", (to) => to.record(22, withBody(24, Uint8Array.of(0))), unexpected],
    [
      "an empty handshake record",
      (to) => to.record(22, new Uint8Array(0)),
      { code: "bad_record", alert: "unexpected_message" },
    ],
    [
      "half an alert",
      (to) => to.record(21, Uint8Array.of(2)),
      { code: "malformed", alert: "decode_error" },
    ],
    [
      "a record that is not authentic",
      (to) => to.bytes(plainRecord(23, new Uint8Array(60))),
      { code: "bad_record_mac" },
    ],
  ])("refuses %s", (_, send, refusal) => refuses(send, refusal));

  it("drops change_cipher_spec", () => {
    const between = inHandshake(side, (to) => to.bytes(changeCipherSpec));
    expect(between[side].state).toBe("open");
  });

  it.each(["close_notify", "handshake_failure"] as const)("ends with %s", (name) => {
    const between = inHandshake(side, (to) => to.alert(name));
    expect(between[side].error).toMatchObject({ code: "peer_alert", role: side });
    expect(between[side].error?.detail.received).toContain(name);
    expect(between.alertsBy(side)).toEqual([]);
  });

  it("calls the end of the stream truncated, and says what it awaited", () => {
    const ends = makeEnds();
    ends.client.start();
    ends.server.start();
    if (side === "client") ends.client.takeOutput();
    ends[side].receiveEnd();
    expect(ends[side].error).toMatchObject({ code: "truncated", alert: undefined, role: side });
    expect(ends[side].error?.detail).toMatchObject({
      expected: side === "client" ? "server_hello or hello_retry_request" : "client_hello",
      received: "the end of the stream",
      section: "RFC 9846 §6.1",
    });
    expect(ends[side].takeOutput()).toEqual([]);
  });
});

describe("a message cut by a key change in the handshake", () => {
  // RFC 9846 §5.1
  it.each<[string, Side, Rule, "client_hello" | "server_hello" | "finished"]>([
    ["behind ServerHello", "server", (raw) => [concat(raw, Uint8Array.of(8, 0))], "server_hello"],
    [
      "behind the server's Finished",
      "server",
      (raw) => [concat(raw, Uint8Array.of(4))],
      "finished",
    ],
    [
      "behind the client's Finished",
      "client",
      (raw) => [concat(raw, Uint8Array.of(24))],
      "finished",
    ],
    ["behind ClientHello", "client", (raw) => [concat(raw, Uint8Array.of(11))], "client_hello"],
  ])("%s", (_, by, rule, type) => {
    const between = intercept({ [by]: { [type]: rule } });
    expectRefused(between, by === "client" ? "server" : "client", {
      ...unexpected,
      where: "record.fragment",
      section: "RFC 9846 §5.1",
    });
  });
});

describe("a message cut by a retry", () => {
  // RFC 9846 §5.1: what came before the retry is over before the keys that follow it are agreed
  it.each<[string, Side, Rule]>([
    ["behind HelloRetryRequest", "server", (raw) => [concat(raw, Uint8Array.of(2))]],
    ["behind the first ClientHello", "client", (raw) => [concat(raw, Uint8Array.of(1))]],
  ])("%s", (_, by, cut) => {
    const first: Rule = (raw, outlet, nth) => (nth === 0 ? cut(raw, outlet, nth) : undefined);
    const options = [{ groups: ["x25519", "secp256r1"] }, { groups: ["secp256r1"] }] as const;
    expect(intercept({}, ...options).server.negotiated?.retried).toBe(true);
    const rules = { client: { client_hello: first }, server: { hello_retry_request: first } };
    expectRefused(
      intercept({ [by]: rules[by] }, ...options),
      by === "client" ? "server" : "client",
      {
        ...unexpected,
        where: "record.fragment",
        section: "RFC 9846 §5.1",
      },
    );
  });
});

describe("the first bytes that a server gets", () => {
  const refuses = (bytes: Uint8Array, refusal: { code: string; alert: number }) => {
    const server = createServerConnection(serverOptions());
    server.start();
    server.receive(bytes);
    expect(server.error).toMatchObject({ code: refusal.code, role: "server" });
    expect([...concat(...server.takeOutput())]).toEqual([21, 3, 3, 0, 2, 2, refusal.alert]);
    expect(server.state).toBe("failed");
  };

  it.each<[string, Uint8Array]>([
    ["another protocol", utf8("GET / HTTP/1.1\r\nHost: server.example\r\n\r\n")],
    ["a ClientHello of SSL 2.0", Uint8Array.of(0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0, 0, 16)],
    ["change_cipher_spec", changeCipherSpec],
    ["data", plainRecord(23, new Uint8Array(20))],
    ["an empty handshake record", plainRecord(22, new Uint8Array(0))],
    ["a ServerHello", plainRecord(22, withBody(2, new Uint8Array(40)))],
    ["a Finished", plainRecord(22, withBody(20, new Uint8Array(32)))],
    ["message_hash", plainRecord(22, withBody(254, new Uint8Array(32)))],
  ])("are refused: %s", (_, bytes) => {
    const code = bytes[0] === 22 && bytes.length === 5 ? "bad_record" : "unexpected_message";
    refuses(bytes, { code, alert: 10 });
  });

  it("are refused where a plaintext record is longer than 2^14", () => {
    refuses(
      plainRecord(
        22,
        changed(new Uint8Array(16385), (copy) => copy.set([1, 0, 0x50])),
      ),
      { code: "record_overflow", alert: 22 },
    );
  });

  it("are an alert that ends it", () => {
    const server = createServerConnection(serverOptions());
    server.start();
    server.receive(plainRecord(21, Uint8Array.of(2, 80)));
    expect(server.error).toMatchObject({ code: "peer_alert" });
    expect(server.takeOutput()).toEqual([]);
  });
});

describe("what was delivered before an error", () => {
  it.each(sides)("stays delivered: %s", (side) => {
    const between = inOpen(side, (to) => {
      to.record(23, utf8("one"));
      to.record(23, utf8("two"));
      to.bytes(plainRecord(23, new Uint8Array(40)));
      to.record(23, utf8("three"));
    });
    const events = between.events[side].slice(1);
    expect(events.map(({ type }) => type)).toEqual(["data", "data", "error"]);
    expect(between[side].canWrite).toBe(false);
  });
});
