/** Extensions of the caller's own: offered, answered, checked; and what is refused. */
import { describe, expect, it } from "vitest";
import { createClientConnection, createServerConnection } from "../../src/connection/index.ts";
import type { OwnExtension } from "../../src/extensions/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { concat } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { clientOptions, connect, serverOptions } from "../support/ends.ts";
import { edit, intercept, type Rules } from "../support/interceptor.ts";
import { expectRefusedAndTold } from "../support/refusal.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

/** The answer is the offer, and one more. */
const counter: OwnExtension = {
  name: "counter",
  type: 0xff77,
  offer: () => bytes(7),
  answer: (offered) => offered && bytes(offered[0]! + 1),
  check(answered) {
    if (answered?.[0] === 8) return;
    throw new TlsError("illegal_parameter", "the server cannot count", { where: "counter" });
  },
};
const both = (own: OwnExtension) => [{ extensions: [own] }, { extensions: [own] }] as const;

describe.each(providers)("an extension of one's own, with $name", ({ provider }) => {
  it("is offered, answered and checked, and each end learns what the other said", () => {
    const extensions = [counter];
    const { client, server } = connect({ provider, extensions }, { provider, extensions });
    expect(server.negotiated?.extensions).toEqual({ counter: bytes(7) });
    expect(client.negotiated?.extensions).toEqual({ counter: bytes(8) });
  });
});

describe("an extension of one's own", () => {
  it("is not there where nobody has one", () => {
    const { client, server } = connect();
    expect(client.negotiated?.extensions).toEqual({});
    expect(server.negotiated?.extensions).toEqual({});
  });

  it("is nothing to a server that does not know it, and the client's check hears so", () => {
    const heard: unknown[] = [];
    const check = (answered: Uint8Array | undefined) => void heard.push(answered);
    const { client, server } = connect({ extensions: [{ ...counter, check }] });
    expect([client.state, server.state]).toEqual(["open", "open"]);
    expect(heard).toEqual([undefined]);
    expect(server.negotiated?.extensions).toEqual({});
  });

  it("may be demanded by either end", () => {
    const refusing = connect({ extensions: [counter] });
    expect(refusing.client.error).toMatchObject({ message: "the server cannot count (counter)" });
    const demanding: OwnExtension = {
      ...counter,
      answer(offered) {
        if (offered !== undefined) return undefined;
        throw new TlsError("missing_extension", "no counter", { where: "counter" });
      },
    };
    const { server, client } = connect({}, { extensions: [demanding] });
    expect(server.error).toMatchObject({
      code: "missing_extension",
      message: "no counter (counter)",
    });
    expect(client.error?.code).toBe("peer_alert");
  });

  it("is asked for its offer once, also where there is a retry, and may not change", () => {
    let asked = 0;
    const offer = () => bytes(++asked);
    const own = { ...counter, offer, check: () => {} };
    const groups = ["x25519", "secp256r1"];
    const { client, server } = connect(
      { groups, extensions: [own] },
      { groups: ["secp256r1"], extensions: [own] },
    );
    expect(server.negotiated).toMatchObject({ retried: true, extensions: { counter: bytes(1) } });
    expect(client.negotiated?.extensions).toEqual({ counter: bytes(2) });
    expect(asked).toBe(1);
  });

  it("stands in ClientHello before pre_shared_key and GREASE, and is not what was handed in", () => {
    const data = bytes(1, 2);
    const client = createClientConnection(
      clientOptions({ grease: true, extensions: [{ ...counter, offer: () => data }] }),
    );
    client.start();
    data.fill(9);
    const raw = concat(...client.takeOutput()).subarray(5);
    const { extensions } = decodeMessage("client_hello", raw).body;
    expect(extensions["0xff77"]).toEqual(bytes(1, 2));
    expect(Object.keys(extensions).at(-2)).toBe("0xff77");
  });

  it("does not alias a message of the peer", () => {
    const vandal: OwnExtension = {
      ...counter,
      answer: (offered) => offered?.fill(0) && bytes(0),
      check: (answered) => void answered?.fill(9),
    };
    const { client, server } = connect(...both(vandal));
    expect(server.negotiated?.extensions).toEqual({ counter: bytes(7) });
    expect(client.negotiated?.extensions).toEqual({ counter: bytes(0) });
  });

  it("may stand at a number that is registered, and whose data nobody here reads", () => {
    const own = { ...counter, name: "transport parameters", type: 0x39 };
    const { client } = connect(...both(own));
    expect(client.negotiated?.extensions).toEqual({ "transport parameters": bytes(8) });
  });
});

describe("an extension of one's own is refused", () => {
  // RFC 9846 §4.3
  it("where it answers to nothing", () => {
    const silent = { ...counter, offer: () => undefined };
    const rules: Rules = {
      server: {
        encrypted_extensions: edit("encrypted_extensions", ({ extensions }) => ({
          extensions: { ...extensions, "0xff77": bytes(1) },
        })),
      },
    };
    for (const extensions of [[], [silent]]) {
      expectRefusedAndTold(intercept(rules, { extensions }), "client", {
        code: "unsupported_extension",
        where: "encrypted_extensions.extensions.0xff77",
        section: "RFC 9846 §4.3",
      });
    }
  });

  // RFC 9846 §4.3
  it.each<[string, Rules, "client" | "server"]>([
    [
      "server_hello",
      {
        server: {
          server_hello: edit("server_hello", (hello) => {
            hello.extensions["0xff77"] = bytes(1);
            return hello;
          }),
        },
      },
      "client",
    ],
    [
      "certificate_request",
      {
        server: {
          certificate_request: edit("certificate_request", (request) => {
            request.extensions["0xff77"] = bytes(1);
            return request;
          }),
        },
      },
      "client",
    ],
    [
      "certificate.certificateList[0]",
      {
        server: {
          certificate: edit("certificate", (certificate) => {
            certificate.certificateList[0]!.extensions["0xff77"] = bytes(1);
            return certificate;
          }),
        },
      },
      "client",
    ],
  ])("in %s", (message, rules, by) => {
    const extensions = [counter];
    const between = intercept(
      rules,
      { extensions },
      { extensions, clientAuthentication: "request" },
    );
    expectRefusedAndTold(between, by, {
      code: "illegal_parameter",
      where: `${message}.extensions.0xff77`,
      section: "RFC 9846 §4.3",
    });
  });

  // RFC 9846 §4.3
  it("in a ticket", () => {
    const between = intercept({}, { extensions: [counter] }, { extensions: [counter] });
    between.to.client.send("new_session_ticket", {
      ticketLifetime: 1,
      ticketAgeAdd: 0,
      ticketNonce: bytes(1),
      ticket: bytes(1),
      extensions: { "0xff77": bytes(1) },
    });
    between.run();
    expectRefusedAndTold(between, "client", {
      code: "illegal_parameter",
      where: "new_session_ticket.extensions.0xff77",
      section: "RFC 9846 §4.3",
    });
  });

  // RFC 9846 §4.2.2
  it("where it changes after a retry", () => {
    const between = intercept(
      {
        client: {
          client_hello: (raw, outlet, nth) =>
            edit("client_hello", (hello) => {
              if (nth === 1) hello.extensions["0xff77"] = bytes(6);
              return hello;
            })(raw, outlet, nth),
        },
      },
      { extensions: [counter], groups: ["x25519", "secp256r1"] },
      { extensions: [counter], groups: ["secp256r1"] },
    );
    expectRefusedAndTold(between, "server", {
      code: "illegal_parameter",
      where: "client_hello.extensions.0xff77",
      section: "RFC 9846 §4.2.2",
    });
  });

  it.each<[string, Partial<OwnExtension>, "client" | "server", string]>([
    ["offers a string", { offer: () => "7" as never }, "client", "offer()"],
    ["offers too much", { offer: () => new Uint8Array(0x10000) }, "client", "offer()"],
    ["answers a promise", { answer: () => Promise.resolve() as never }, "server", "answer()"],
  ])("where it %s", (_, special, by, where) => {
    const { [by]: end } = connect(...both({ ...counter, ...special }));
    expect(end.error).toMatchObject({ code: "misuse" });
    expect(end.error?.message).toContain(`extension counter: ${where}`);
  });

  it("where it answers what was not offered", () => {
    const { server } = connect({}, { extensions: [{ ...counter, answer: () => bytes(1) }] });
    expect(server.error).toMatchObject({
      code: "misuse",
      detail: { expected: "undefined, since the client did not offer it" },
    });
  });

  it.each<[string, readonly unknown[], RegExp]>([
    [
      "of a number that the engine speaks",
      [{ ...counter, type: 0 }],
      /\[0\]\.type is that of server_name/,
    ],
    [
      "of a message that it has no part in",
      [{ ...counter, type: 0xfe0d }],
      /encrypted_client_hello/,
    ],
    ["of GREASE", [{ ...counter, type: 0x2a2a }], /\[0\]\.type is one of GREASE/],
    [
      "twice by number",
      [counter, { ...counter, name: "b" }],
      /\[1\] has the type or the name of counter/,
    ],
    ["twice by name", [counter, { ...counter, type: 0xff78 }], /\[1\] has the type or the name/],
    ["of no number", [{ ...counter, type: 0x10000 }], /\[0\]\.type must be a whole number/],
    ["without a name", [{ type: 0xff77 }], /\[0\] lacks name; write/],
    ["with what nobody knows", [{ ...counter, ofer: counter.offer }], /did you mean offer\?/],
    ["that is no extension", ["counter"], /\[0\] takes an object/],
  ])("as an option: %s", (_, extensions, message) => {
    const given = { extensions: extensions as readonly OwnExtension[] };
    expect(() => createClientConnection(clientOptions(given))).toThrow(message);
    expect(() => createServerConnection(serverOptions(given))).toThrow(message);
  });
});
