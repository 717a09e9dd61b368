/** What a client refuses in ServerHello, HelloRetryRequest and EncryptedExtensions, on the wire. */
import { describe, expect, it } from "vitest";
import type { ClientOptions, ServerOptions } from "../../../src/connection/index.ts";
import {
  decodeMessage,
  downgradeSentinels,
  encodeMessage,
  type EncryptedExtensions,
  type HelloRetryRequest,
  helloRetryRequestRandom,
  type ServerHello,
} from "../../../src/messages/index.ts";
import { concat } from "../../../src/wire/index.ts";
import { bytesOf } from "../../support/codec.ts";
import { edit, intercept, Interceptor, type Outlet, type Rule } from "../../support/interceptor.ts";
import { withBody } from "../../support/raw.ts";
import { expectRefused, expectRefusedAndTold, type Refusal } from "../../support/refusal.ts";

const body = (raw: Uint8Array): Uint8Array => raw.subarray(4);

describe("a ServerHello", () => {
  const refuse = (change: (hello: ServerHello) => ServerHello, refusal: Refusal) => {
    const between = intercept({ server: { server_hello: edit("server_hello", change) } });
    expectRefusedAndTold(between, "client", refusal);
  };

  // RFC 9846 §4.2.3, §4.3.1, Appendix E.5
  describe("of another version", () => {
    const without = (hello: ServerHello): ServerHello => ({ ...hello, extensions: {} });

    it.each([
      ["TLS 1.2", 0x0303],
      ["TLS 1.1", 0x0302],
      ["TLS 1.0", 0x0301],
      ["SSL 3.0", 0x0300],
    ])("%s", (received, legacyVersion) => {
      refuse((hello) => ({ ...without(hello), legacyVersion, cipherSuite: 0xc02f }), {
        code: "protocol_version",
        where: "server_hello.extensions.supported_versions",
        section: "RFC 9846 §4.2.3",
      });
      const between = intercept({
        server: {
          server_hello: edit("server_hello", (hello) => ({ ...without(hello), legacyVersion })),
        },
      });
      expect(between.client.error?.detail.received).toBe(received);
    });

    it("without extensions, or with answers of its own", () => {
      const refusal = { code: "protocol_version" } as const;
      const hello = `0303 ${"aa".repeat(32)} 00 c02f 00`;
      for (const extensions of ["", "0000", "0009 0000 0000 ff01 0001 00", "0004 0017 0000"]) {
        const between = intercept({
          server: { server_hello: () => [withBody(2, bytesOf(hello + extensions))] },
        });
        expectRefusedAndTold(between, "client", refusal);
      }
    });

    it.each(Object.entries(downgradeSentinels))("with the sentinel of %s", (name, sentinel) => {
      const change = (hello: ServerHello): ServerHello => ({
        ...without(hello),
        random: concat(hello.random.subarray(0, 24), sentinel),
      });
      refuse(change, {
        code: "downgrade",
        alert: "illegal_parameter",
        where: "server_hello.random",
        section: "RFC 9846 §4.2.3",
      });
      const between = intercept({ server: { server_hello: edit("server_hello", change) } });
      expect(between.client.error?.message).toContain(name);
    });

    it("that was not offered, by extension", () => {
      for (const version of [0x0303, 0x0305, 0x7f1c]) {
        refuse(
          (hello) => ({
            ...hello,
            extensions: { ...hello.extensions, supported_versions: version },
          }),
          {
            code: "illegal_parameter",
            where: "server_hello.extensions.supported_versions",
            section: "RFC 9846 §4.3.1",
          },
        );
      }
    });

    it("behind which stands TLS 1.3", () => {
      for (const legacyVersion of [0x0301, 0x0304]) {
        refuse((hello) => ({ ...hello, legacyVersion }), {
          code: "protocol_version",
          where: "server_hello.legacyVersion",
        });
      }
    });

    // RFC 9846 §4.3.1, Appendix E.5
    it("behind which stands TLS 1.3, where the caller says so", () => {
      const tolerated = (legacyVersion: number) =>
        intercept(
          {
            server: {
              server_hello: edit("server_hello", (hello) => ({ ...hello, legacyVersion })),
            },
          },
          { tolerateLegacyVersion: true },
        );
      for (const legacyVersion of [0x0301, 0x0302, 0x0304, 0x7f1c]) {
        // Only the transcripts differ now, and with them the keys
        expectRefused(tolerated(legacyVersion), "client", { code: "bad_record_mac" });
      }
      expectRefusedAndTold(tolerated(0x0300), "client", { code: "protocol_version" });
    });

    // The sentinels mean something only below TLS 1.3
    it("is not seen in a sentinel beside TLS 1.3", () => {
      const between = intercept({
        server: {
          server_hello: edit("server_hello", (hello) => ({
            ...hello,
            random: concat(hello.random.subarray(0, 24), downgradeSentinels["TLS 1.2"]),
          })),
        },
      });
      expectRefused(between, "client", { code: "bad_record_mac" });
    });
  });

  // RFC 9846 §4.2.3
  it("echoes the session id", () => {
    for (const legacySessionIdEcho of [new Uint8Array(0), new Uint8Array(32)]) {
      refuse((hello) => ({ ...hello, legacySessionIdEcho }), {
        code: "illegal_parameter",
        where: "server_hello.legacySessionIdEcho",
        section: "RFC 9846 §4.2.3",
      });
    }
  });

  it("does not compress", () => {
    refuse((hello) => ({ ...hello, legacyCompressionMethod: 1 }), {
      code: "illegal_parameter",
      where: "server_hello.legacyCompressionMethod",
      section: "RFC 9846 §4.2.3",
    });
  });

  it("chooses a suite that was offered", () => {
    for (const cipherSuite of [0x1302, 0x1304, 0xc02f, 0x2a2a]) {
      refuse((hello) => ({ ...hello, cipherSuite }), {
        code: "illegal_parameter",
        where: "server_hello.cipherSuite",
        section: "RFC 9846 §4.2.3",
      });
    }
  });

  // RFC 9846 §4.3.8
  it("answers a share that was sent", () => {
    for (const group of [0x0017, 0x11ec, 0x2a2a]) {
      refuse(
        (hello) => ({
          ...hello,
          extensions: {
            ...hello.extensions,
            key_share: { group, keyExchange: new Uint8Array(32) },
          },
        }),
        {
          code: "illegal_parameter",
          where: "server_hello.extensions.key_share.group",
          section: "RFC 9846 §4.3.8",
        },
      );
    }
  });

  // RFC 9846 §9.2
  it("has a share", () => {
    refuse((hello) => ({ ...hello, extensions: { supported_versions: 0x0304 } }), {
      code: "missing_extension",
      where: /^server_hello\.extensions/,
      section: "RFC 9846 §9.2",
    });
  });

  // RFC 9846 §4.3
  describe("with an extension", () => {
    it.each([
      ["that answers to nothing", { "0x2a2a": bytesOf("") }, "0x2a2a"],
      ["for a PSK that was not offered", { pre_shared_key: 0 }, "pre_shared_key"],
    ] as const)("%s", (_, more, name) => {
      refuse((hello) => ({ ...hello, extensions: { ...hello.extensions, ...more } }), {
        code: "unsupported_extension",
        where: `server_hello.extensions.${name}`,
        section: "RFC 9846 §4.3",
      });
    });

    it.each([
      ["server_name", "0x0000"],
      ["application_layer_protocol_negotiation", "0x0010"],
      ["cookie", "0x002c"],
      ["supported_groups", "0x000a"],
    ] as const)("of another message: %s", (name, key) => {
      refuse(
        (hello) => ({ ...hello, extensions: { ...hello.extensions, [key]: bytesOf("0000") } }),
        {
          code: "illegal_parameter",
          where: `server_hello.extensions.${name}`,
          section: "RFC 9846 §4.3",
        },
      );
    });

    it("that stands twice", () => {
      const twice: Rule = (raw) => {
        const extensions = body(raw).subarray(-46);
        const [first, block] = [body(raw).subarray(0, -48), concat(extensions, extensions)];
        return [withBody(2, concat(first, Uint8Array.of(0, block.length), block))];
      };
      expectRefusedAndTold(intercept({ server: { server_hello: twice } }), "client", {
        code: "illegal_parameter",
        where: "server_hello.extensions.supported_versions",
        section: "RFC 9846 §4.3",
      });
    });
  });

  it("is whole, and ends where it ends", () => {
    const malformed = (change: (raw: Uint8Array) => Uint8Array, where: string | RegExp) => {
      const rule: Rule = (raw) => [withBody(2, change(body(raw)))];
      const between = intercept({ server: { server_hello: rule } });
      expectRefusedAndTold(between, "client", { code: "malformed", alert: "decode_error", where });
    };
    malformed((whole) => concat(whole, Uint8Array.of(0)), "server_hello");
    malformed((whole) => whole.subarray(0, -1), "server_hello.extensions");
    for (const length of [0, 1, 20, 34, 40, 67, 68, 69, 71]) {
      malformed((whole) => whole.subarray(0, length), /^server_hello\./);
    }
  });
});

/** A client whose peer answers each ClientHello by this function. */
function answered(
  answer: (hello: Uint8Array, toClient: Outlet, nth: number) => void,
  options: Partial<ClientOptions> = {},
): Interceptor {
  const between: Interceptor = new Interceptor(
    {
      client: {
        client_hello: (raw, _, nth) => {
          answer(raw, between.to.client, nth);
          return [];
        },
      },
    },
    { groups: ["x25519", "secp256r1", "secp384r1"], ...options },
  );
  return between.run();
}

const sessionOf = (hello: Uint8Array): Uint8Array =>
  decodeMessage("client_hello", hello).body.legacySessionId;

const retryFor = (
  hello: Uint8Array,
  extensions: HelloRetryRequest["extensions"],
  special: Partial<HelloRetryRequest> = {},
): HelloRetryRequest => ({
  legacyVersion: 0x0303,
  random: helloRetryRequestRandom,
  legacySessionIdEcho: sessionOf(hello),
  cipherSuite: 0x1301,
  legacyCompressionMethod: 0,
  extensions: { supported_versions: 0x0304, ...extensions },
  ...special,
});

describe("a HelloRetryRequest", () => {
  const where = "hello_retry_request.extensions.key_share";

  it.each<[string, HelloRetryRequest["extensions"], Refusal]>([
    // RFC 9846 §4.2.4
    [
      "that changes nothing",
      {},
      { code: "illegal_parameter", where: /^hello_retry_request/, section: "RFC 9846 §4.2.4" },
    ],
    // RFC 9846 §4.3.8
    [
      "to a group that was not offered",
      { key_share: 0x11ec },
      { code: "illegal_parameter", where, section: "RFC 9846 §4.3.8" },
    ],
    [
      "to a group whose share was there",
      { key_share: 0x001d },
      { code: "illegal_parameter", where, section: "RFC 9846 §4.3.8" },
    ],
    [
      "to a group whose share was there, with a cookie",
      { key_share: 0x001d, cookie: bytesOf("aa") },
      { code: "illegal_parameter", where },
    ],
    // RFC 9846 §4.3
    [
      "with an extension that answers to nothing",
      { key_share: 0x0017, "0x2a2a": bytesOf("") },
      {
        code: "unsupported_extension",
        where: "hello_retry_request.extensions.0x2a2a",
        section: "RFC 9846 §4.3",
      },
    ],
    [
      "with encrypted_client_hello, which was not offered",
      { key_share: 0x0017, encrypted_client_hello: bytesOf("0000000000000000") },
      {
        code: "unsupported_extension",
        where: "hello_retry_request.extensions.encrypted_client_hello",
        section: "RFC 9846 §4.3",
      },
    ],
    [
      "with an extension of another message",
      { key_share: 0x0017, "0x0029": bytesOf("0000") },
      {
        code: "illegal_parameter",
        where: "hello_retry_request.extensions.pre_shared_key",
        section: "RFC 9846 §4.3",
      },
    ],
    [
      "of another version",
      { key_share: 0x0017, supported_versions: 0x0303 },
      { code: "illegal_parameter", where: "hello_retry_request.extensions.supported_versions" },
    ],
  ])("%s", (_, extensions, refusal) => {
    const between = answered((hello, toClient, nth) => {
      expect(nth, "the retry was taken").toBe(0);
      toClient.send("hello_retry_request", retryFor(hello, extensions));
    });
    expectRefused(between, "client", refusal);
  });

  it.each<[string, Partial<HelloRetryRequest>, Refusal]>([
    [
      "echoes the session id",
      { legacySessionIdEcho: new Uint8Array(32) },
      { code: "illegal_parameter", where: "hello_retry_request.legacySessionIdEcho" },
    ],
    [
      "does not compress",
      { legacyCompressionMethod: 1 },
      { code: "illegal_parameter", where: "hello_retry_request.legacyCompressionMethod" },
    ],
    [
      "chooses a suite that was offered",
      { cipherSuite: 0x1302 },
      { code: "illegal_parameter", where: "hello_retry_request.cipherSuite" },
    ],
    [
      "is one of TLS 1.3",
      { extensions: { key_share: 0x0017 } },
      { code: "protocol_version", where: /^hello_retry_request/ },
    ],
    [
      "has the legacy_version of TLS 1.2",
      { legacyVersion: 0x0304 },
      { code: "protocol_version", where: "hello_retry_request.legacyVersion" },
    ],
  ])("%s", (_, special, refusal) => {
    const between = answered((hello, toClient) => {
      toClient.send("hello_retry_request", retryFor(hello, { key_share: 0x0017 }, special));
    });
    expectRefused(between, "client", refusal);
  });

  // RFC 9846 §4.2.4
  it("comes only once", () => {
    const between = answered((hello, toClient, nth) => {
      const key_share = nth === 0 ? 0x0017 : 0x0018;
      toClient.send("hello_retry_request", retryFor(hello, { key_share }));
    });
    expectRefused(between, "client", {
      code: "unexpected_message",
      section: "RFC 9846 §4",
    });
    expect(between.client.error?.detail).toMatchObject({
      expected: "server_hello",
      received: "hello_retry_request",
    });
    expect(between.messages.map(({ type }) => type)).toEqual(["client_hello", "client_hello"]);
  });

  it("is answered with one share of its group and with its cookie, and nothing else changes", () => {
    const cookie = bytesOf("c00c1e");
    const between = answered((hello, toClient, nth) => {
      if (nth === 0) {
        toClient.send("hello_retry_request", retryFor(hello, { key_share: 0x0018, cookie }));
      }
    });
    const [first, second] = between.messages.map(
      ({ raw }) => decodeMessage("client_hello", raw).body,
    );
    expect(second?.extensions.key_share?.map(({ group }) => group)).toEqual([0x0018]);
    expect(second?.extensions.cookie).toEqual(cookie);
    const { key_share: _, cookie: __, ...kept } = second!.extensions;
    const { key_share: ___, ...before } = first!.extensions;
    expect({ ...second!, extensions: kept }).toEqual({ ...first!, extensions: before });
  });

  it("may ask for nothing but a cookie", () => {
    const cookie = bytesOf("c00c1e");
    const between = answered((hello, toClient, nth) => {
      if (nth === 0) toClient.send("hello_retry_request", retryFor(hello, { cookie }));
    });
    const [first, second] = between.messages.map(
      ({ raw }) => decodeMessage("client_hello", raw).body.extensions,
    );
    expect(second?.cookie).toEqual(cookie);
    expect(second?.key_share).toEqual(first?.key_share);
  });
});

describe("a ServerHello after a retry", () => {
  const client: Partial<ClientOptions> = {
    groups: ["x25519", "secp256r1"],
    suites: ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"],
  };
  const server: Partial<ServerOptions> = { groups: ["secp256r1"] };
  const afterRetry = (change: (hello: ServerHello) => ServerHello) =>
    intercept({ server: { server_hello: edit("server_hello", change) } }, client, server);

  it("keeps to it", () => {
    const between = afterRetry((hello) => hello);
    expect(between.client.negotiated).toMatchObject({ retried: true, group: "secp256r1" });
    expect(between.server.state).toBe("open");
  });

  // RFC 9846 §4.2.4
  it("does not change the suite", () => {
    expectRefusedAndTold(
      afterRetry((hello) => ({ ...hello, cipherSuite: 0x1303 })),
      "client",
      {
        code: "illegal_parameter",
        where: "server_hello.cipherSuite",
        section: "RFC 9846 §4.2.4",
      },
    );
  });

  // RFC 9846 §4.3.8
  it("does not go back to another group", () => {
    const key_share = { group: 0x001d, keyExchange: new Uint8Array(32).fill(9) };
    expectRefusedAndTold(
      afterRetry((hello) => ({ ...hello, extensions: { ...hello.extensions, key_share } })),
      "client",
      {
        code: "illegal_parameter",
        where: "server_hello.extensions.key_share.group",
        section: "RFC 9846 §4.3.8",
      },
    );
  });
});

describe("EncryptedExtensions", () => {
  const refuse = (
    extensions: EncryptedExtensions["extensions"],
    refusal: Refusal,
    client: Partial<ClientOptions> = {},
  ) => {
    const rule = edit("encrypted_extensions", () => ({ extensions }));
    const between = intercept({ server: { encrypted_extensions: rule } }, client);
    expectRefusedAndTold(between, "client", refusal);
  };
  const path = (name: string) => `encrypted_extensions.extensions.${name}`;

  // RFC 9846 §4.3, §4.4.1
  it.each<[string, EncryptedExtensions["extensions"]]>([
    ["0x2a2a", { "0x2a2a": bytesOf("") }],
    ["application_layer_protocol_negotiation", { application_layer_protocol_negotiation: ["h2"] }],
    ["early_data", { early_data: true }],
    ["record_size_limit", { record_size_limit: 0x4000 }],
    ["server_certificate_type", { server_certificate_type: 0 }],
    ["use_srtp", { use_srtp: bytesOf("") }],
  ])("do not answer what was not asked: %s", (name, extensions) => {
    refuse(extensions, {
      code: "unsupported_extension",
      where: path(name),
      section: "RFC 9846 §4.3",
    });
  });

  it.each([
    ["key_share", "0x0033"],
    ["pre_shared_key", "0x0029"],
    ["supported_versions", "0x002b"],
    ["cookie", "0x002c"],
    ["signature_algorithms", "0x000d"],
    ["status_request", "0x0005"],
    ["padding", "0x0015"],
  ] as const)("have no place for %s", (name, key) => {
    refuse(
      { [key]: bytesOf("0000") },
      { code: "illegal_parameter", where: path(name), section: "RFC 9846 §4.3" },
    );
  });

  // RFC 8701 §3.1
  it("do not echo what is sent to be ignored", () => {
    const between: Interceptor = new Interceptor(
      {
        server: {
          encrypted_extensions: () => {
            const { raw } = between.messages[0]!;
            const offered = Object.keys(decodeMessage("client_hello", raw).body.extensions);
            const grease = offered.find((name) => name.startsWith("0x")) as `0x${string}`;
            const extensions = { [grease]: new Uint8Array(0) };
            return [encodeMessage("encrypted_extensions", { extensions })];
          },
        },
      },
      { grease: true },
    );
    expectRefusedAndTold(between.run(), "client", {
      code: "unsupported_extension",
      where: /^encrypted_extensions\.extensions\.0x.a.a$/,
    });
  });

  // RFC 9846 §4.3.7
  it("may say which groups the server prefers", () => {
    const rule = edit("encrypted_extensions", () => ({
      extensions: { supported_groups: [0x11ec, 0x001d] },
    }));
    const between = intercept({ server: { encrypted_extensions: rule } });
    // Only the transcripts differ now
    expectRefused(between, "client", { code: "bad_signature", alert: "decrypt_error" });
  });

  // RFC 7301 §3.1
  it.each([[["spdy/1"]], [["h2", "http/1.1"]]])(
    "choose one protocol that was offered: %j",
    (names) => {
      refuse(
        { application_layer_protocol_negotiation: names },
        {
          code: "illegal_parameter",
          where: path("application_layer_protocol_negotiation"),
          section: "RFC 9846 §4.4.1",
        },
        { alpn: ["h2", "http/1.1"] },
      );
    },
  );

  it("are whole, and end where they end", () => {
    for (const [hex, where] of [
      ["", "encrypted_extensions.extensions"],
      ["0000 00", "encrypted_extensions"],
      ["0004 0000 0001", "encrypted_extensions.extensions.server_name"],
      ["0005 0000 0001 00", "encrypted_extensions.extensions.server_name"],
      ["0005 0000 0000", "encrypted_extensions.extensions"],
    ] as const) {
      const rule: Rule = () => [withBody(8, bytesOf(hex))];
      expectRefusedAndTold(intercept({ server: { encrypted_extensions: rule } }), "client", {
        code: "malformed",
        alert: "decode_error",
        where,
      });
    }
  });
});
