import type { AttackScenario } from "../scenario.ts";

const family = "versions and suites";
const random = "00".repeat(24);
const told = (alert: string) => `told ${alert}`;
const strongFirst = { suites: ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"] };

/** Changes of the ClientHello that the server must notice, or the transcript. */
const ofClientHello = (
  name: string,
  does: string,
  section: string,
  edit: NonNullable<AttackScenario["steps"][number]["edit"]>,
  server: string,
  alert: string,
): AttackScenario => ({
  name,
  family,
  does,
  section,
  steps: [{ from: "client", on: "client_hello", edit }],
  expect: { client: told(alert), server },
});

const ofServerHello = (
  name: string,
  does: string,
  section: string,
  edit: NonNullable<AttackScenario["steps"][number]["edit"]>,
  client: string,
  alert: string,
): AttackScenario => ({
  name,
  family,
  does,
  section,
  steps: [{ from: "server", on: "server_hello", edit }],
  expect: { client, server: told(alert) },
});

export const versions: readonly AttackScenario[] = [
  ofClientHello(
    "strip-tls13",
    "Leaves only TLS 1.2 in supported_versions",
    "RFC 9846 §4.3.1",
    [{ set: "extensions.supported_versions", to: ["TLS 1.2"] }],
    "protocol_version",
    "protocol_version",
  ),
  ofClientHello(
    "remove-supported-versions",
    "Takes supported_versions out of the ClientHello, so that it looks like TLS 1.2",
    "RFC 9846 §4.3.1",
    [{ remove: "extensions.supported_versions" }],
    "protocol_version",
    "protocol_version",
  ),
  ofClientHello(
    "downgrade-dance",
    "Leaves only TLS 1.2 and adds TLS_FALLBACK_SCSV, as a client that fell back does",
    "RFC 7507 §3",
    [
      { set: "extensions.supported_versions", to: ["TLS 1.2"] },
      { insert: "cipherSuites", value: "TLS_FALLBACK_SCSV" },
    ],
    "inappropriate_fallback",
    "inappropriate_fallback",
  ),
  ...[0x0300, 0x0301, 0x0304].map((version) =>
    ofClientHello(
      `client-legacy-version-${version.toString(16)}`,
      `Sets legacy_version of the ClientHello to 0x0${version.toString(16)}`,
      "RFC 9846 §4.2.2",
      [{ set: "legacyVersion", to: version }],
      "protocol_version",
      "protocol_version",
    ),
  ),
  ...(
    [
      ["01", "TLS 1.2"],
      ["00", "TLS 1.1"],
    ] as const
  ).map(([byte, version]): AttackScenario => ({
    ...ofServerHello(
      `sentinel-${version.replace(/\W/g, "").toLowerCase()}`,
      `Answers as a server that was led to ${version} does, with the sentinel in its random`,
      "RFC 9846 §4.2.3",
      [
        { remove: "extensions.supported_versions" },
        { set: "random", to: `${random}444f574e475244${byte}` },
      ],
      "downgrade",
      "illegal_parameter",
    ),
    expect: { client: "downgrade", server: told("illegal_parameter"), findings: ["sentinel"] },
  })),
  ofServerHello(
    "answer-tls12",
    "Takes supported_versions out of the ServerHello",
    "RFC 9846 §4.2.3",
    [{ remove: "extensions.supported_versions" }],
    "protocol_version",
    "protocol_version",
  ),
  ofServerHello(
    "select-tls12",
    "Lets the ServerHello select TLS 1.2 in supported_versions",
    "RFC 9846 §4.3.1",
    [{ set: "extensions.supported_versions", to: "TLS 1.2" }],
    "illegal_parameter",
    "illegal_parameter",
  ),
  ofServerHello(
    "server-legacy-version",
    "Sets legacy_version of the ServerHello to 0x0302",
    "RFC 9846 §4.2.3",
    [{ set: "legacyVersion", to: 0x0302 }],
    "protocol_version",
    "protocol_version",
  ),
  {
    ...ofClientHello(
      "strip-strong-suite",
      "Takes the suite with the longer key out of the ClientHello",
      "RFC 9846 §4.5.3",
      [{ set: "cipherSuites", to: ["TLS_AES_128_GCM_SHA256"] }],
      "told bad_record_mac",
      "",
    ),
    both: strongFirst,
    expect: {
      client: "bad_record_mac",
      server: "bad_record_mac",
      findings: ["tampered"],
    },
  },
  {
    ...ofClientHello(
      "reorder-suites",
      "Turns the order of the suites round",
      "RFC 9846 §4.5.3",
      [{ reverse: "cipherSuites" }],
      "",
      "",
    ),
    expect: {
      client: "bad_record_mac",
      server: "bad_record_mac",
      findings: ["tampered"],
    },
  },
  ofClientHello(
    "unknown-suites-only",
    "Leaves only a suite that nobody knows",
    "RFC 9846 §4.2.1",
    [{ set: "cipherSuites", to: [0x1399] }],
    "no_common_cipher_suite",
    "handshake_failure",
  ),
  {
    name: "select-other-suite",
    family,
    does: "Lets the ServerHello name another suite of those that were offered",
    section: "RFC 9846 §4.5.3",
    steps: [
      {
        from: "server",
        on: "server_hello",
        edit: [{ set: "cipherSuite", to: "TLS_AES_256_GCM_SHA384" }],
      },
    ],
    expect: { client: "bad_record_mac", server: "bad_record_mac", findings: ["tampered"] },
  },
  ofServerHello(
    "select-unoffered-suite",
    "Lets the ServerHello name a suite that was not offered",
    "RFC 9846 §4.2.3",
    [{ set: "cipherSuite", to: "TLS_CHACHA20_POLY1305_SHA256" }],
    "illegal_parameter",
    "illegal_parameter",
  ),
  ofServerHello(
    "select-unknown-suite",
    "Lets the ServerHello name a suite that nobody knows",
    "RFC 9846 §4.2.3",
    [{ set: "cipherSuite", to: 0xc02f }],
    "illegal_parameter",
    "illegal_parameter",
  ),
  ofClientHello(
    "offer-compression",
    "Adds a compression method to the ClientHello (CRIME)",
    "RFC 9846 §4.2.2",
    [{ set: "legacyCompressionMethods", to: "0001" }],
    "illegal_parameter",
    "illegal_parameter",
  ),
  ofServerHello(
    "select-compression",
    "Lets the ServerHello select a compression method",
    "RFC 9846 §4.2.3",
    [{ set: "legacyCompressionMethod", to: 1 }],
    "illegal_parameter",
    "illegal_parameter",
  ),
  ofServerHello(
    "change-session-id-echo",
    "Changes the session id that the server echoes",
    "RFC 9846 §4.2.3",
    [{ flip: "legacySessionIdEcho" }],
    "illegal_parameter",
    "illegal_parameter",
  ),
  {
    ...ofClientHello(
      "change-session-id",
      "Changes the session id of the ClientHello, which the server then echoes",
      "RFC 9846 §4.2.3",
      [{ flip: "legacySessionId" }],
      "",
      "",
    ),
    expect: { client: "illegal_parameter", server: told("illegal_parameter") },
  },
  {
    ...ofClientHello(
      "change-client-random",
      "Changes a bit of the client's random",
      "RFC 9846 §4.5.3",
      [{ flip: "random" }],
      "",
      "",
    ),
    expect: {
      client: "bad_record_mac",
      server: "bad_record_mac",
      findings: ["tampered"],
    },
  },
];
