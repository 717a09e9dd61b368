/** T4: sizes of the hellos that OpenSSL 3.5 sends, by our encoder, and how many segments they take. */
import { kemParameters } from "../../crypto/index.ts";
import { type Group, groups } from "../../groups/index.ts";
import { encodeMessage } from "../../messages/index.ts";
import { symmetric, traceRun } from "../network/index.ts";
import { claim, compared, type Figure, type Study } from "./figure.ts";

const name = "hello-sizes";
/** Fifteen bytes, as published. */
const host = "www.example.org";

interface Row {
  /** The groups that are offered, and those of them with a share; the first one is chosen. */
  readonly groups: readonly string[];
  readonly shares: readonly string[];
  readonly published: { readonly client: number; readonly server: number };
}

const defaults = [
  "X25519MLKEM768",
  "x25519",
  "secp256r1",
  "x448",
  "secp384r1",
  "secp521r1",
  "ffdhe2048",
  "ffdhe3072",
];

const rows: readonly Row[] = [
  { groups: ["x25519"], shares: ["x25519"], published: { client: 254, server: 122 } },
  {
    groups: ["X25519MLKEM768", "x25519"],
    shares: ["X25519MLKEM768"],
    published: { client: 1440, server: 1210 },
  },
  {
    groups: defaults,
    shares: ["X25519MLKEM768", "x25519"],
    published: { client: 1488, server: 1210 },
  },
  {
    groups: ["SecP256r1MLKEM768"],
    shares: ["SecP256r1MLKEM768"],
    published: { client: 1463, server: 1243 },
  },
  {
    groups: ["SecP384r1MLKEM1024"],
    shares: ["SecP384r1MLKEM1024"],
    published: { client: 1879, server: 1755 },
  },
  { groups: ["MLKEM768"], shares: ["MLKEM768"], published: { client: 1398, server: 1178 } },
  { groups: ["MLKEM1024"], shares: ["MLKEM1024"], published: { client: 1782, server: 1658 } },
];

/** One hybrid share splits from a host name of 19 bytes on; by the bytes of an Ethernet payload. */
const segments = [
  { mtu: 1500, hostLength: 18, published: 1 },
  { mtu: 1500, hostLength: 19, published: 2 },
] as const;

export function helloSizes(): Study {
  const figures = [
    ...rows.flatMap((row) => [
      size(row, "ClientHello", row.published.client, clientHello(row, host)),
      size(row, "ServerHello", row.published.server, serverHello(row)),
    ]),
    ...segments.map(({ mtu, hostLength, published }) => split(mtu, hostLength, published)),
  ];
  return {
    name,
    title: "Sizes of hellos",
    source:
      "OpenSSL 3.5.4 on the wire, with a host name of 15 bytes and a session id of 32; without the record's header of 5 bytes",
    inputs: [
      "Which extensions OpenSSL sends, and how many entries its lists of suites, versions and signature schemes have.",
    ],
    figures,
    claims: [claim(name, "bytes and segments: exact", 1, figures)],
  };
}

function size(row: Row, message: string, published: number, bytes: Uint8Array): Figure {
  return compared({
    study: name,
    group: "bytes",
    name: `${message}, ${row.groups.length > 2 ? "OpenSSL's default groups" : row.groups.join(" and ")}`,
    unit: "bytes",
    published,
    ours: bytes.length,
  });
}

/** Segments of a ClientHello with one hybrid share: what a run hands down. */
function split(mtu: number, hostLength: number, published: number): Figure {
  const hello = clientHello(rows[1]!, "h".repeat(hostLength)).length + 5;
  const network = symmetric({ rtt: 10, mss: mtu - 52, unit: "segment" });
  const { packets } = traceRun(
    network,
    { client: [{ write: hello }], server: [{ received: hello }] },
    1,
  );
  return compared({
    study: name,
    group: "segments",
    name: `ClientHello with one share of X25519MLKEM768, a host name of ${hostLength} bytes, MTU ${mtu}`,
    unit: "segments",
    published,
    ours: packets.filter(({ from, kind }) => from === "client" && kind === "data").length,
  });
}

const group = (wanted: string): Group | undefined =>
  groups.find(({ name: known }) => known === wanted);

/** Bytes of a share: of encapsulation keys, or of ciphertexts. */
const share = (of: string, part: "publicKeyLength" | "ciphertextLength"): Uint8Array =>
  new Uint8Array(
    group(of)!.kems.reduce(
      (sum, kem) => sum + (typeof kem === "string" ? kemParameters[kem] : kem)[part],
      0,
    ),
  );

/** Finite-field groups are not ours: their code points only (RFC 9846 §4.3.7). */
const finiteField: Readonly<Record<string, number>> = { ffdhe2048: 0x0100, ffdhe3072: 0x0101 };
const codeOf = (of: string): number => group(of)?.code ?? finiteField[of]!;

function clientHello(row: Row, hostName: string): Uint8Array {
  // Of hybrids OpenSSL does not say how it writes points
  const hasCurves = row.groups.some((one) => !one.includes("MLKEM"));
  return encodeMessage("client_hello", {
    legacyVersion: 0x0303,
    random: new Uint8Array(32),
    legacySessionId: new Uint8Array(32),
    cipherSuites: [0x1302, 0x1303, 0x1301],
    legacyCompressionMethods: new Uint8Array(1),
    extensions: {
      server_name: [{ nameType: 0, name: hostName }],
      // ec_point_formats, session_ticket, encrypt_then_mac: of TLS 1.2, and not ours
      ...(hasCurves && { "0x000b": Uint8Array.of(3, 0, 1, 2) }),
      supported_groups: row.groups.map(codeOf),
      "0x0023": new Uint8Array(0),
      "0x0016": new Uint8Array(0),
      extended_main_secret: new Uint8Array(0),
      signature_algorithms: Array.from({ length: 29 }, (_, at) => 0x0a00 + at),
      supported_versions: [0x0304],
      psk_key_exchange_modes: [1],
      key_share: row.shares.map((of) => ({
        group: codeOf(of),
        keyExchange: share(of, "publicKeyLength"),
      })),
    },
  });
}

function serverHello(row: Row): Uint8Array {
  const [chosen] = row.shares;
  return encodeMessage("server_hello", {
    legacyVersion: 0x0303,
    random: new Uint8Array(32),
    legacySessionIdEcho: new Uint8Array(32),
    cipherSuite: 0x1302,
    legacyCompressionMethod: 0,
    extensions: {
      supported_versions: 0x0304,
      key_share: { group: codeOf(chosen!), keyExchange: share(chosen!, "ciphertextLength") },
    },
  });
}
