/** What a server refuses in a ClientHello: on the wire, between two ordinary ends. */
import { describe, expect, it } from "vitest";
import type { ClientOptions, ServerOptions } from "../../../src/connection/index.ts";
import type { ClientHello } from "../../../src/messages/index.ts";
import { concat } from "../../../src/wire/index.ts";
import { bytesOf } from "../../support/codec.ts";
import { edit, intercept, type Rule } from "../../support/interceptor.ts";
import { expectRefused, expectRefusedAndTold, type Refusal } from "../../support/refusal.ts";
import { withBody } from "../../support/raw.ts";
import { isResumed, resumable, sessionFrom } from "../../support/sessions.ts";

type Change = (hello: ClientHello) => ClientHello | void;
type Row = readonly [what: string, change: Change, refusal: Refusal];

const fromEntries = (entries: readonly (readonly [string, unknown])[]) =>
  Object.fromEntries(entries) as ClientHello["extensions"];
const legacy = {
  random: new Uint8Array(32),
  legacySessionId: new Uint8Array(0),
  cipherSuites: [0xc02f, 0xc030],
  legacyCompressionMethods: Uint8Array.of(0),
};
const asOlder = (legacyVersion: number) => (): ClientHello => ({
  ...legacy,
  legacyVersion,
  extensions: { supported_groups: [0x001d], signature_algorithms: [0x0403] },
});
const without =
  (...names: readonly (keyof ClientHello["extensions"])[]): Change =>
  ({ extensions, ...fields }) => ({
    ...fields,
    extensions: fromEntries(
      Object.entries(extensions).filter(([name]) => !names.some((each) => each === name)),
    ),
  });
const extended =
  (more: ClientHello["extensions"]): Change =>
  ({ extensions, ...fields }) => ({ ...fields, extensions: { ...extensions, ...more } });

function refuses(rows: readonly Row[], server: Partial<ServerOptions> = {}): void {
  it.each(rows)("%s", (_, change, refusal) => {
    const between = intercept(
      { client: { client_hello: edit("client_hello", change) } },
      {},
      server,
    );
    expectRefusedAndTold(between, "server", refusal);
  });
}

// RFC 9846 §4.2.2, §4.3.1, Appendix E.5
describe("a ClientHello of another version", () => {
  const refusal = { code: "protocol_version", section: "RFC 9846 §4.2.2" } as const;
  refuses([
    ["TLS 1.2", asOlder(0x0303), { ...refusal, where: "client_hello.legacyVersion" }],
    ["TLS 1.1", asOlder(0x0302), refusal],
    ["TLS 1.0", asOlder(0x0301), refusal],
    ["SSL 3.0", asOlder(0x0300), refusal],
    ["an unknown one", asOlder(0x0303 + 0x0100), refusal],
    [
      "TLS 1.2 by extension",
      extended({ supported_versions: [0x0303, 0x0302] }),
      { ...refusal, where: "client_hello.extensions.supported_versions" },
    ],
    ["drafts and GREASE only", extended({ supported_versions: [0x7f1c, 0x2a2a] }), refusal],
    [
      "TLS 1.3 behind a legacy_version of TLS 1.1",
      (hello) => ({ ...hello, legacyVersion: 0x0302 }),
      { ...refusal, where: "client_hello.legacyVersion" },
    ],
    [
      "TLS 1.3 behind a legacy_version of TLS 1.3",
      (hello) => ({ ...hello, legacyVersion: 0x0304 }),
      refusal,
    ],
    ["TLS 1.3 without supported_versions", without("supported_versions"), refusal],
  ]);

  // RFC 9846 §4.3.1, Appendix E.5
  it("is taken from TLS 1.0 on, where the caller says so and supported_versions has TLS 1.3", () => {
    const offered = (change: Change) =>
      intercept(
        { client: { client_hello: edit("client_hello", change) } },
        {},
        { tolerateLegacyVersion: true },
      );
    for (const legacyVersion of [0x0301, 0x0302, 0x0304]) {
      // Only the transcripts differ now, and with them the keys
      const between = offered((hello) => ({ ...hello, legacyVersion }));
      expectRefused(between, "client", { code: "bad_record_mac" });
    }
    const ssl = offered((hello) => ({ ...hello, legacyVersion: 0x0300 }));
    expectRefusedAndTold(ssl, "server", refusal);
    expectRefusedAndTold(offered(asOlder(0x0303)), "server", refusal);
  });

  it("without extensions", () => {
    const rule: Rule = () => [withBody(1, bytesOf(`0301 ${"00".repeat(32)} 00 0002 002f 01 00`))];
    const between = intercept({ client: { client_hello: rule } });
    expectRefusedAndTold(between, "server", { ...refusal, where: "client_hello.legacyVersion" });
  });

  // RFC 7507 §3
  describe("that fell back", () => {
    const fallback = { code: "inappropriate_fallback", section: "RFC 7507 §3" } as const;
    refuses([
      [
        "to TLS 1.2",
        () => ({ ...asOlder(0x0303)(), cipherSuites: [0xc02f, 0x5600] }),
        { ...fallback, where: "client_hello.cipherSuites" },
      ],
      ["to TLS 1.0", () => ({ ...asOlder(0x0301)(), cipherSuites: [0x5600] }), fallback],
    ]);

    it("is nothing, if TLS 1.3 is offered beside the signal", () => {
      const change: Change = (hello) => ({ ...hello, cipherSuites: [0x1301, 0x5600] });
      const between = intercept({ client: { client_hello: edit("client_hello", change) } });
      expect(between.alertsBy("server")).not.toContain("inappropriate_fallback");
      expect(between.messages.some(({ type }) => type === "server_hello")).toBe(true);
    });
  });
});

describe("a field of a ClientHello", () => {
  refuses([
    // RFC 9846 §4.2.2
    [
      "a compression method",
      (hello) => ({ ...hello, legacyCompressionMethods: Uint8Array.of(1, 0) }),
      {
        code: "illegal_parameter",
        where: "client_hello.legacyCompressionMethods",
        section: "RFC 9846 §4.2.2",
      },
    ],
    [
      "a compression method in place of none",
      (hello) => ({ ...hello, legacyCompressionMethods: Uint8Array.of(1) }),
      { code: "illegal_parameter" },
    ],
    // RFC 9846 §4.2.1
    [
      "no suite that we have",
      (hello) => ({ ...hello, cipherSuites: [0x1304, 0xc02f] }),
      {
        code: "no_common_cipher_suite",
        alert: "handshake_failure",
        where: "client_hello.cipherSuites",
        section: "RFC 9846 §4.2.1",
      },
    ],
  ]);
});

// RFC 9846 §9.2
describe("an extension that must be there", () => {
  const missing = (name: string): Refusal => ({
    code: "missing_extension",
    where: `client_hello.extensions.${name}`,
    section: "RFC 9846 §9.2",
  });
  const psk: ClientHello["extensions"] = {
    pre_shared_key: {
      identities: [{ identity: bytesOf("aa"), obfuscatedTicketAge: 0 }],
      binders: [new Uint8Array(32)],
    },
  };
  const withPsk =
    (change: Change): Change =>
    (hello) =>
      extended(psk)(change(hello) ?? hello);
  refuses([
    ["signature_algorithms", without("signature_algorithms"), missing("signature_algorithms")],
    ["supported_groups", without("supported_groups", "key_share"), missing("supported_groups")],
    ["supported_groups beside key_share", without("supported_groups"), missing("supported_groups")],
    ["key_share beside supported_groups", without("key_share"), missing("key_share")],
    // RFC 9846 §4.3.9
    [
      "psk_key_exchange_modes beside pre_shared_key",
      withPsk(without("psk_key_exchange_modes")),
      missing("psk_key_exchange_modes"),
    ],
    [
      "supported_groups beside key_share and pre_shared_key",
      withPsk(without("supported_groups")),
      missing("supported_groups"),
    ],
    // RFC 9846 §4.3.3
    [
      "signature_algorithms, though a PSK was offered that we do not take",
      withPsk(without("signature_algorithms")),
      missing("signature_algorithms"),
    ],
    [
      "supported_groups, though a PSK was offered that we do not take",
      withPsk(without("supported_groups", "key_share")),
      missing("supported_groups"),
    ],
  ]);
});

describe("an extension that breaks its rules", () => {
  const illegal = (name: string, section: string): Refusal => ({
    code: "illegal_parameter",
    where: `client_hello.extensions.${name}`,
    section: `RFC 9846 ${section}`,
  });
  const share = { group: 0x001d, keyExchange: new Uint8Array(32).fill(9) };
  refuses([
    [
      "a group that stands twice",
      extended({ supported_groups: [0x001d, 0x0017, 0x001d] }),
      illegal("supported_groups", "§4.3.7"),
    ],
    [
      "an empty share, of whatever group",
      extended({
        supported_groups: [0x001d, 0x2a2a],
        key_share: [share, { group: 0x2a2a, keyExchange: new Uint8Array(0) }],
      }),
      illegal("key_share", "§4.3.8"),
    ],
    [
      "two shares of one group",
      extended({ key_share: [share, share] }),
      illegal("key_share", "§4.3.8"),
    ],
    [
      "a share of a group that is not offered",
      extended({ key_share: [share, { group: 0x0017, keyExchange: new Uint8Array(65) }] }),
      illegal("key_share", "§4.3.8"),
    ],
    // RFC 9846 §4.3
    [
      "one that belongs into another message",
      extended({ "0x0030": bytesOf("0000") }),
      illegal("oid_filters", "§4.3"),
    ],
    // RFC 9846 §4.2.1
    [
      "no group that we have",
      extended({ supported_groups: [0x0100, 0x6399], key_share: [] }),
      {
        code: "no_common_group",
        alert: "handshake_failure",
        where: "client_hello.extensions.supported_groups",
      },
    ],
    [
      "no scheme that we could sign with",
      extended({ signature_algorithms: [0x0403, 0x0201] }),
      { code: "no_common_signature_scheme", alert: "handshake_failure" },
    ],
  ]);

  // RFC 7301 §3.2
  describe("with ALPN at both ends", () => {
    const offer = (...names: string[]) =>
      extended({ application_layer_protocol_negotiation: names });
    refuses(
      [
        [
          "no protocol in common",
          offer("h3", "H2"),
          {
            code: "no_application_protocol",
            where: "client_hello.extensions.application_layer_protocol_negotiation",
            section: "RFC 7301 §3.2",
          },
        ],
      ],
      { alpn: ["h2", "http/1.1"] },
    );
  });

  it("is skipped, if nobody knows it", () => {
    const rule = edit(
      "client_hello",
      extended({ "0x2a2a": bytesOf("aabb"), "0xfe99": bytesOf("") }),
    );
    const between = intercept({ client: { client_hello: rule } });
    // The server answers: only the transcripts differ now, and with them the keys
    expect(between.messages.some(({ type }) => type === "server_hello")).toBe(true);
    expectRefused(between, "client", { code: "bad_record_mac" });
  });
});

describe("a malformed ClientHello", () => {
  const malformed = (rule: Rule, where?: string | RegExp) => {
    const between = intercept({ client: { client_hello: rule } });
    expectRefusedAndTold(between, "server", {
      code: "malformed",
      alert: "decode_error",
      section: "RFC 9846 §6.2",
      ...(where === undefined ? {} : { where }),
    });
  };
  const body = (raw: Uint8Array) => raw.subarray(4);

  it("is refused at any length that is too short", () => {
    for (const length of [0, 1, 2, 33, 34, 35, 66, 67, 68, 70, 71, 74, 90]) {
      malformed((raw) => [withBody(1, body(raw).subarray(0, length))], /^client_hello\./);
    }
    malformed((raw) => [withBody(1, body(raw).subarray(0, -1))], "client_hello.extensions");
  });

  it("is refused with trailing bytes", () => {
    malformed((raw) => [withBody(1, concat(body(raw), Uint8Array.of(0)))], "client_hello");
  });

  it("is refused with a long session id, odd lists and empty lists", () => {
    const start = `0303 ${"00".repeat(32)}`;
    const cases = [
      [`${start} 21 ${"00".repeat(33)} 0002 1301 01 00`, "client_hello.legacySessionId"],
      [`${start} 00 0003 130100 01 00`, "client_hello.cipherSuites[1]"],
      [`${start} 00 0000 01 00`, "client_hello.cipherSuites"],
      [`${start} 00 0002 1301 00`, "client_hello.legacyCompressionMethods"],
      [
        `${start} 00 0002 1301 01 00 0008 002b 0004 03 0304 03`,
        "client_hello.extensions.supported_versions[1]",
      ],
      [
        `${start} 00 0002 1301 01 00 0008 002b 0004 02 0304 00`,
        "client_hello.extensions.supported_versions",
      ],
      [`${start} 00 0002 1301 01 00 000a 0010 0006 0004 02 6832 00`, /alpn|application_layer/],
      [`${start} 00 0002 1301 01 00 0007 0000 0003 0001 00`, /server_name/],
    ] as const;
    for (const [hex, where] of cases) malformed(() => [withBody(1, bytesOf(hex))], where);
  });

  it("is refused with an extension that stands twice, or is followed by what must be last", () => {
    const twice: Rule = (raw) => {
      const extra = bytesOf("002a 0000 002a 0000");
      return [withExtensions(raw, (block) => concat(block, extra))];
    };
    expectRefusedAndTold(intercept({ client: { client_hello: twice } }), "server", {
      code: "illegal_parameter",
      where: "client_hello.extensions.early_data",
      section: "RFC 9846 §4.3",
    });
    const psk = bytesOf(`0029 002c 0007 0001 aa 00000000 0021 20 ${"00".repeat(32)}`);
    const notLast: Rule = (raw) => [withExtensions(raw, (block) => concat(psk, block))];
    expectRefusedAndTold(intercept({ client: { client_hello: notLast } }), "server", {
      code: "illegal_parameter",
      where: "client_hello.extensions.pre_shared_key",
    });
  });
});

/** Changes the bytes of the extensions, and the lengths around them. */
function withExtensions(raw: Uint8Array, change: (block: Uint8Array) => Uint8Array): Uint8Array {
  const session = 4 + 34;
  const suites = session + 1 + raw[session]!;
  const methods = suites + 2 + (raw[suites]! << 8) + raw[suites + 1]!;
  const extensions = methods + 1 + raw[methods]!;
  const block = change(raw.subarray(extensions + 2));
  return withBody(
    1,
    concat(
      raw.subarray(4, extensions),
      Uint8Array.of(block.length >> 8, block.length & 0xff),
      block,
    ),
  );
}

// RFC 9846 §4.2.2, §4.3.8
describe("the second ClientHello", () => {
  const client: Partial<ClientOptions> = { groups: ["x25519", "secp256r1"] };
  const server: Partial<ServerOptions> = { groups: ["secp256r1"], retryCookie: true };
  const second = (change: Change): Rule => {
    const rule = edit("client_hello", change);
    return (raw, outlet, nth) => (nth === 1 ? rule(raw, outlet, nth) : undefined);
  };
  const retry = (change: Change) =>
    intercept({ client: { client_hello: second(change) } }, client, server);

  it("is the first, but for what the retry asked", () => {
    const between = retry(() => undefined);
    expect([between.client.state, between.server.state]).toEqual(["open", "open"]);
  });

  // Their order says nothing (§4.3): wolfSSL 5.9 sends another one
  it("may have its extensions in another order", () => {
    const between = retry(({ extensions, ...fields }) => ({
      ...fields,
      extensions: fromEntries(Object.entries(extensions).toReversed()),
    }));
    // It is the network that changes it here: the server goes on, and the keys differ
    expect(between.client.error).toMatchObject({ code: "bad_record_mac" });
  });

  const changedField = (field: string): Refusal => ({
    code: "illegal_parameter",
    where: `client_hello.${field}`,
    section: "RFC 9846 §4.2.2",
  });
  it.each<Row>([
    ["random", (hello) => ({ ...hello, random: new Uint8Array(32) }), changedField("random")],
    [
      "legacy_session_id",
      (hello) => ({ ...hello, legacySessionId: new Uint8Array(32) }),
      changedField("legacySessionId"),
    ],
    [
      "cipher_suites",
      (hello) => ({ ...hello, cipherSuites: [...hello.cipherSuites, 0x1304] }),
      changedField("cipherSuites"),
    ],
    [
      "the set of extensions, by one more",
      extended({ "0x2a2a": bytesOf("") }),
      changedField("extensions"),
    ],
    ["the set of extensions, by one less", without("server_name"), changedField("extensions")],
    [
      "supported_groups",
      extended({ supported_groups: [0x0017, 0x001d] }),
      changedField("extensions.supported_groups"),
    ],
    [
      "server_name",
      extended({ server_name: [{ nameType: 0, name: "other.example" }] }),
      changedField("extensions.server_name"),
    ],
    [
      "signature_algorithms",
      extended({ signature_algorithms: [0x0807] }),
      changedField("extensions.signature_algorithms"),
    ],
    [
      "psk_key_exchange_modes",
      extended({ psk_key_exchange_modes: [0] }),
      changedField("extensions.psk_key_exchange_modes"),
    ],
  ])("does not change %s", (_, change, refusal) => {
    expectRefusedAndTold(retry(change), "server", refusal);
  });

  it.each<Row>([
    [
      "legacy_version",
      (hello) => ({ ...hello, legacyVersion: 0x0302 }),
      { code: "protocol_version" },
    ],
    [
      "legacy_compression_methods",
      (hello) => ({ ...hello, legacyCompressionMethods: Uint8Array.of(0, 1) }),
      { code: "illegal_parameter", where: "client_hello.legacyCompressionMethods" },
    ],
    [
      "supported_versions",
      extended({ supported_versions: [0x0303] }),
      { code: "protocol_version" },
    ],
  ])("is checked like the first: %s", (_, change, refusal) => {
    expectRefusedAndTold(retry(change), "server", refusal);
  });

  const shares = (...groups: number[]): Change =>
    extended({
      key_share: groups.map((group) => ({ group, keyExchange: new Uint8Array(65).fill(4) })),
    });
  it.each<Row>([
    [
      "another share",
      shares(0x001d),
      {
        code: "illegal_parameter",
        where: "client_hello.extensions.key_share",
        section: "RFC 9846 §4.3.8",
      },
    ],
    ["two shares", shares(0x0017, 0x001d), { code: "illegal_parameter" }],
    [
      "no share",
      shares(),
      { code: "illegal_parameter", where: "client_hello.extensions.key_share" },
    ],
    // RFC 9846 §4.3.2
    [
      "no cookie",
      without("cookie"),
      {
        code: "illegal_parameter",
        where: "client_hello.extensions.cookie",
        section: "RFC 9846 §4.3.2",
      },
    ],
    [
      "another cookie",
      extended({ cookie: new Uint8Array(32) }),
      { code: "illegal_parameter", where: "client_hello.extensions.cookie" },
    ],
    // RFC 9846 §4.3.10
    [
      "early data",
      extended({ early_data: true }),
      {
        code: "illegal_parameter",
        where: "client_hello.extensions.early_data",
        section: "RFC 9846 §4.3.10",
      },
    ],
  ])("does not come with %s", (_, change, refusal) => {
    expectRefusedAndTold(retry(change), "server", refusal);
  });

  it("does not bring a cookie that nobody gave", () => {
    const between = intercept(
      { client: { client_hello: second(extended({ cookie: new Uint8Array(32) })) } },
      client,
      { ...server, retryCookie: false },
    );
    expectRefusedAndTold(between, "server", {
      code: "illegal_parameter",
      where: "client_hello.extensions.cookie",
    });
  });

  // RFC 9846 §4.2.2: of PSKs only those go that do not fit the suite
  it.each<[string, Change, Refusal]>([
    [
      "none of the PSKs",
      without("pre_shared_key"),
      {
        code: "missing_extension",
        where: "client_hello.extensions.pre_shared_key",
        section: "RFC 9846 §4.2.2",
      },
    ],
    [
      "another PSK",
      ({ extensions, ...fields }) => {
        const { binders, identities } = extensions.pre_shared_key!;
        const others = identities.map((each) => ({ ...each, identity: bytesOf("aa") }));
        return {
          ...fields,
          extensions: { ...extensions, pre_shared_key: { identities: others, binders } },
        };
      },
      {
        code: "illegal_parameter",
        where: "client_hello.extensions.pre_shared_key.identities",
        section: "RFC 9846 §4.2.2",
      },
    ],
  ])("does not come with %s, where one was chosen", (_, change, refusal) => {
    const tickets = resumable();
    const psks = [sessionFrom(tickets)];
    const options = [
      { ...client, psks },
      { ...server, ...tickets },
    ] as const;
    expect(isResumed(intercept({}, ...options))).toBe(true);
    const between = intercept({ client: { client_hello: second(change) } }, ...options);
    expectRefusedAndTold(between, "server", refusal);
  });

  it("may pad itself, and is not retried again", () => {
    const padded = retry(extended({ padding: new Uint8Array(10) }));
    const answers = padded.messages.filter(({ by }) => by === "server").map(({ type }) => type);
    expect(answers.slice(0, 3)).toEqual([
      "hello_retry_request",
      "server_hello",
      "encrypted_extensions",
    ]);
    expectRefused(padded, "client", { code: "bad_record_mac" });
  });

  // RFC 9849 §6.1: the client does not know yet that its offer is refused
  it("may have sealed its encrypted_client_hello anew", () => {
    const sealed: Rule = (raw, outlet, nth) => {
      const encrypted_client_hello = new Uint8Array(100).fill(nth);
      return edit("client_hello", extended({ encrypted_client_hello }))(raw, outlet, nth);
    };
    const between = intercept({ client: { client_hello: sealed } }, client, server);
    expect(between.messages.map(({ type }) => type)).toContain("server_hello");
    expectRefused(between, "client", { code: "bad_record_mac" });
  });
});
