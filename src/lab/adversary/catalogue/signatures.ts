import type { SignatureSchemeName } from "../../../registry/index.ts";
import type { CredentialName } from "../../plan/credential-names.ts";
import type { AttackScenario, Expectation } from "../scenario.ts";
import type { Signing, Step } from "../step.ts";
import { byClient, byServer, tampered } from "./expectations.ts";

const family = "authentication";
const mutual = { server: { clientAuthentication: "require" } } as const;
/** Taken where the check is missing: so the rest of the handshake is made right, and it would open. */
const finished: readonly Step[] = [
  { from: "server", on: "finished", forge: "finished" },
  { from: "client", on: "finished", forge: "finished" },
];
const inServerName = (sign: Signing): Step => ({ from: "server", on: "certificate_verify", sign });
const inClientName = (sign: Signing): Step => ({ from: "client", on: "certificate_verify", sign });

interface Liar {
  readonly does: string;
  readonly section: string;
  readonly credential?: CredentialName;
  readonly sign: Signing;
}

const refusedScheme = byClient("illegal_parameter");
const badSignature = tampered(byClient("bad_signature", "decrypt_error"));

const server = (
  name: string,
  { does, section, credential = "own", sign }: Liar,
  expect: Expectation,
): AttackScenario => ({
  name,
  family,
  does,
  section,
  keys: "server",
  server: { credential },
  // The Finished of an end that has refused never comes
  steps: [inServerName(sign), finished[0]!],
  expect,
});

const pkcs1 = ["rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512"] as const;
/** A scheme and a key that makes such signatures, or others. */
const misfits: readonly (readonly [SignatureSchemeName, CredentialName, string])[] = [
  ["rsa_pss_pss_sha256", "rsa", "a key for RSASSA-PSS alone, with one for all of RSA"],
  ["ecdsa_secp384r1_sha384", "ecdsa", "P-384, with a key of P-256"],
  ["ed448", "own", "Ed448, with a key of Ed25519"],
  ["mldsa65", "post-quantum", "ML-DSA-65, with a key of ML-DSA-44"],
  ["ecdsa_secp256r1_sha256", "rsa", "ECDSA, with an RSA key"],
];
/** A client that takes one scheme alone, and a server's key that makes another. */
const unoffered: readonly (readonly [SignatureSchemeName, CredentialName, SignatureSchemeName])[] =
  [
    ["ed25519", "own", "mldsa44"],
    ["ecdsa_secp256r1_sha256", "ecdsa", "mldsa65"],
    ["rsa_pss_rsae_sha256", "rsa", "ed25519"],
    ["mldsa44", "post-quantum", "ecdsa_secp256r1_sha256"],
  ];

export const signatures: readonly AttackScenario[] = [
  ...pkcs1.map((scheme) =>
    server(
      scheme === "rsa_pkcs1_sha256"
        ? "scheme-for-certificates-only"
        : `${dashed(scheme)}-signature`,
      {
        does: `Signs the handshake with the server's RSA key and ${scheme}, which is for certificates only (SLOTH, Bleichenbacher)`,
        section: "RFC 9846 §4.3.3",
        credential: "rsa",
        sign: { scheme },
      },
      refusedScheme,
    ),
  ),
  {
    ...server(
      "legacy-scheme-of-server",
      {
        does: "Signs as a server with PKCS#1 v1.5, which the client takes of clients only",
        section: "RFC 9963 §2",
        credential: "rsa",
        sign: { scheme: "rsa_pkcs1_sha256_legacy" },
      },
      refusedScheme,
    ),
    client: {
      schemes: ["rsa_pss_rsae_sha256", "rsa_pkcs1_sha256_legacy"],
      certificateSchemes: ["ed25519"],
    },
  },
  ...misfits.map(([scheme, credential, what]) =>
    server(
      `${dashed(scheme)}-by-${credential}`,
      {
        does: `Says that the server signed with ${what}`,
        section: "RFC 9846 §4.5.2",
        credential,
        sign: { scheme },
      },
      refusedScheme,
    ),
  ),
  ...unoffered.map(([scheme, credential, offered]): AttackScenario => ({
    ...server(
      `unoffered-${dashed(scheme)}`,
      {
        does: `Signs with the server's key and ${scheme}, for a client that takes ${offered} alone`,
        section: "RFC 9846 §4.5.2",
        credential,
        sign: {},
      },
      refusedScheme,
    ),
    client: { schemes: [offered], certificateSchemes: ["ed25519", "mldsa44"] },
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ insert: "extensions.signature_algorithms", value: scheme }],
      },
      inServerName({}),
      finished[0]!,
    ],
  })),
  server(
    "signature-by-another-key",
    {
      does: "Signs with the key of another certificate of the same CA",
      section: "RFC 9846 §4.5.2",
      sign: { key: "other-name" },
    },
    badSignature,
  ),
  server(
    "signature-in-client-context",
    {
      does: "Signs with the server's key, over the right transcript, as if it were a client",
      section: "RFC 9846 §4.5.2",
      sign: { context: "client" },
    },
    badSignature,
  ),
  ...(
    [
      [
        "reflect-server-signature",
        "Signs with the client's key, over the right transcript, as if it were a server",
        { context: "server" },
      ],
      [
        "client-signature-by-server-key",
        "Signs for the client with the server's key",
        { key: "own" },
      ],
    ] as const
  ).map(([name, does, sign]): AttackScenario => ({
    name,
    family,
    does,
    section: "RFC 9846 §4.5.2",
    keys: "all",
    ...mutual,
    steps: [inClientName(sign), finished[1]!],
    expect: tampered(byServer("bad_signature", "decrypt_error")),
  })),
  {
    name: "unoffered-scheme-of-client",
    family,
    does: "Signs with the client's key and Ed25519, for a server that asked for ML-DSA alone",
    section: "RFC 9846 §4.5.2",
    keys: "all",
    server: {
      clientAuthentication: "require",
      schemes: ["mldsa44"],
      certificateSchemes: ["ed25519"],
    },
    steps: [
      {
        from: "server",
        on: "certificate_request",
        edit: [{ insert: "extensions.signature_algorithms", value: "ed25519" }],
      },
      inServerName({}),
      ...finished.slice(0, 1),
      inClientName({}),
      ...finished.slice(1),
    ],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "empty-certificate-with-signature",
    family,
    does: "Empties the client's certificate list for a server that only asks, and leaves the signature",
    section: "RFC 9846 §4.5.2",
    keys: "all",
    server: { clientAuthentication: "request" },
    steps: [{ from: "client", on: "certificate", edit: [{ set: "certificateList", to: [] }] }],
    expect: byServer("unexpected_message"),
  },
  {
    name: "server-certificate-for-client",
    family,
    does: "Signs for the client with the server's key and its certificate, which is for servers only",
    section: "RFC 5280 §4.2.1.12",
    keys: "all",
    ...mutual,
    steps: [
      {
        from: "client",
        on: "certificate",
        instead: [{ seen: { from: "server", on: "certificate" } }],
      },
    ],
    expect: byServer("unsupported_certificate"),
  },
];

function dashed(scheme: string): string {
  return scheme.replaceAll("_", "-");
}
