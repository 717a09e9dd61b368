/** Values that mean nothing, from both ends and to both ends: RFC 8701. */
import { describe, expect, it } from "vitest";
import { addGrease, chooseGrease, greaseShare } from "../../src/handshake/grease.ts";
import type { ClientHello, ServerHello } from "../../src/messages/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { certificateCompressors } from "../../src/node.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { clientCredential } from "../support/identities.ts";
import { edit, intercept } from "../support/interceptor.ts";
import { seeded } from "../support/random.ts";
import { expectRefused } from "../support/refusal.ts";
import { helloOf, isResumed, resumable, sessionFrom } from "../support/sessions.ts";

const isGrease = (value: number): boolean =>
  (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);

describe("a choice of values", () => {
  const random = seeded("grease");
  const choices = Array.from({ length: 200 }, () => chooseGrease((length) => random.bytes(length)));

  it("takes those that RFC 8701 §2 sets aside", () => {
    for (const { suite, group, version, scheme, pskMode, extensions } of choices) {
      for (const value of [suite, group, version, scheme, ...extensions.map(Number)]) {
        expect(isGrease(value)).toBe(true);
      }
      expect([0x0b, 0x2a, 0x49, 0x68, 0x87, 0xa6, 0xc5, 0xe4]).toContain(pskMode);
    }
  });

  it("takes all of them sooner or later", () => {
    expect(new Set(choices.map(({ suite }) => suite)).size).toBe(16);
    expect(new Set(choices.map(({ pskMode }) => pskMode)).size).toBe(8);
  });

  // RFC 8701 §3.1
  it("never takes one extension twice", () => {
    for (const { extensions } of choices) expect(extensions[0]).not.toBe(extensions[1]);
  });
});

const strangeIn = ({ extensions }: ClientHello) =>
  Object.keys(extensions).find((name) => name.startsWith("0x")) as `0x${string}`;

describe("a client that sends them", () => {
  const server = resumable({ grease: true });
  const psks = [sessionFrom(server)];
  const greased = helloOf(intercept({}, { grease: true, psks }, server));

  it("puts one into each list", () => {
    const { extensions } = greased;
    const lists = {
      suites: greased.cipherSuites,
      groups: extensions.supported_groups!,
      versions: extensions.supported_versions!,
      schemes: extensions.signature_algorithms!,
      shares: extensions.key_share!.map(({ group }) => group),
    };
    for (const values of Object.values(lists)) {
      expect(values.filter(isGrease)).toHaveLength(1);
      expect(values.length).toBeGreaterThan(1);
    }
    expect(lists.shares[0]).toBe(lists.groups[0]);
    expect(extensions.key_share![0]!.keyExchange).toHaveLength(1);
    expect(extensions.psk_key_exchange_modes).toHaveLength(2);
  });

  it("adds two extensions, and leaves pre_shared_key the last", () => {
    const { extensions } = greased;
    const names = Object.keys(extensions);
    const strange = names.filter((name) => name.startsWith("0x"));
    expect(strange.map((name) => isGrease(Number(name)))).toEqual([true, true]);
    expect(strange.map((name) => extensions[name as `0x${string}`]!.length)).toEqual([0, 1]);
    expect(names[0]).toBe(strange[0]);
    expect(names.slice(-2)).toEqual([strange[1], "pre_shared_key"]);
  });

  it("sends none if it is not asked to", () => {
    const plain = helloOf(intercept({}, { psks }, server));
    expect(plain.cipherSuites.some(isGrease)).toBe(false);
    expect(Object.keys(plain.extensions).some((name) => name.startsWith("0x"))).toBe(false);
  });

  it("says the same after a retry", () => {
    const between = intercept(
      {},
      { grease: true, groups: ["x25519", "secp256r1"] },
      { groups: ["secp256r1"] },
    );
    expect(between.client.negotiated?.retried).toBe(true);
    const [first, second] = between.messages
      .filter(({ type }) => type === "client_hello")
      .map(({ raw }) => decodeMessage("client_hello", raw).body);
    const stable = ({ cipherSuites, extensions }: ClientHello) => ({
      cipherSuites,
      extensions: { ...extensions, key_share: undefined },
    });
    expect(stable(second!)).toEqual(stable(first!));
    expect(second!.extensions.key_share).toHaveLength(1);
  });

  it("goes on with a session", () => {
    const between = intercept({}, { grease: true, psks }, server);
    expect(isResumed(between)).toBe(true);
  });

  // RFC 8701 §3.1
  it.each<[string, (body: ServerHello, hello: ClientHello) => unknown]>([
    ["suite", (body, { cipherSuites }) => (body.cipherSuite = cipherSuites.find(isGrease)!)],
    [
      "version",
      ({ extensions }, hello) =>
        (extensions.supported_versions = hello.extensions.supported_versions!.find(isGrease)!),
    ],
    [
      "group",
      ({ extensions }, hello) => (extensions.key_share = { ...hello.extensions.key_share![0]! }),
    ],
    ["extension", ({ extensions }, hello) => (extensions[strangeIn(hello)] = new Uint8Array(0))],
  ])("refuses a server that takes its %s", (name, take) => {
    let offer: ClientHello | undefined;
    const between = intercept(
      {
        client: {
          client_hello(raw) {
            offer = decodeMessage("client_hello", raw).body;
          },
        },
        server: {
          server_hello: edit("server_hello", (body: ServerHello) => void take(body, offer!)),
        },
      },
      { grease: true },
    );
    const code = name === "extension" ? "unsupported_extension" : "illegal_parameter";
    expectRefused(between, "client", { code });
  });
});

describe("a server that sends them", () => {
  it("does so in CertificateRequest and in tickets, and its client does not mind", () => {
    const between = intercept(
      {},
      { credentials: [clientCredential] },
      resumable({ grease: true, clientAuthentication: "require" }),
    );
    expect([between.client.state, between.server.state]).toEqual(["open", "open"]);
    const strange = between.messages.flatMap(({ type, raw }) => {
      if (type !== "certificate_request" && type !== "new_session_ticket") return [];
      const names = Object.keys(decodeMessage(type, raw).body.extensions);
      return names.filter((name) => isGrease(Number(name))).map(() => type);
    });
    expect(strange).toEqual(["certificate_request", "new_session_ticket", "new_session_ticket"]);
  });
});

describe("a share of nothing", () => {
  const grease = chooseGrease((length) => new Uint8Array(length));

  it("cannot be answered", () => {
    const share = greaseShare(grease);
    expect(share.keyExchange).toEqual(Uint8Array.of(0));
    expect(tlsErrorOf(() => share.decapsulate(new Uint8Array(1)))).toMatchObject({
      code: "illegal_parameter",
      detail: { section: "RFC 8701 §3.1" },
    });
    share.wipe();
  });

  it("stands beside lists that were not there", () => {
    const hello = helloOf(intercept({}));
    const bare = { ...hello, extensions: {} };
    expect(addGrease(bare, grease)).toEqual({
      ...hello,
      cipherSuites: [0x0a0a, ...hello.cipherSuites],
      extensions: {
        "0x0a0a": new Uint8Array(0),
        supported_groups: [0x0a0a],
        signature_algorithms: [0x0a0a],
        supported_versions: [0x0a0a],
        psk_key_exchange_modes: [0x0b],
        "0x1a1a": Uint8Array.of(0),
      },
    });
  });
});

it("both ends send them, with all that there is to offer", () => {
  const options = { grease: true, certificateCompression: certificateCompressors, stapling: true };
  const between = intercept({}, options, options);
  expect([between.client.state, between.server.state]).toEqual(["open", "open"]);
});
