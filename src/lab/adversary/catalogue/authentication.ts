import type { AttackScenario, Expectation } from "../scenario.ts";
import type { Edit, Step, UnitName } from "../step.ts";
import { byClient, byServer, tampered } from "./expectations.ts";

const family = "authentication";
const keys = "traffic" as const;
const mutual = { server: { clientAuthentication: "require" } } as const;

const changed = (
  name: string,
  does: string,
  section: string,
  [from, on]: readonly ["client" | "server", UnitName],
  action: Omit<Step, "from" | "on">,
  [code, alert]: readonly [string, string?],
): AttackScenario => ({
  name,
  family,
  does,
  section,
  keys,
  ...(from === "client" && on !== "finished" ? mutual : {}),
  steps: [{ from, on, ...action }],
  expect: (isProof(code) ? tampered : plainly)(
    from === "server" ? byClient(code, alert) : byServer(code, alert),
  ),
});
const isProof = (code: string): boolean => code === "bad_signature" || code === "bad_finished";
const plainly = (expected: Expectation): Expectation => expected;
const edited = (...edit: Edit[]) => ({ edit });
const impostor = (
  credential: "other-name" | "unknown-ca" | "expired",
  does: string,
  code: string,
  alert = code,
): AttackScenario => ({
  name: `impostor-${credential}`,
  family,
  does,
  section: "RFC 9846 §4.5.1.2",
  server: { credential },
  steps: [],
  expect: byClient(code, alert),
});

const fromServer = (on: UnitName) => ["server", on] as const;
const fromClient = (on: UnitName) => ["client", on] as const;
const badSignature = ["bad_signature", "decrypt_error"] as const;
const badFinished = ["bad_finished", "decrypt_error"] as const;

export const authentication: readonly AttackScenario[] = [
  impostor(
    "other-name",
    "Answers with a valid certificate of another name",
    "wrong_name",
    "bad_certificate",
  ),
  impostor("unknown-ca", "Answers with a certificate of its own CA", "unknown_ca"),
  impostor("expired", "Answers with a certificate that has expired", "certificate_expired"),
  changed(
    "skip-certificate-verify",
    "Drops the server's CertificateVerify",
    "RFC 9846 §4.5.2",
    fromServer("certificate_verify"),
    { drop: true },
    ["unexpected_message"],
  ),
  changed(
    "change-signature",
    "Changes a bit of the server's signature",
    "RFC 9846 §4.5.2",
    fromServer("certificate_verify"),
    edited({ flip: "signature", byte: 5 }),
    badSignature,
  ),
  changed(
    "empty-signature",
    "Empties the server's signature",
    "RFC 9846 §4.5.2",
    fromServer("certificate_verify"),
    edited({ set: "signature", to: "" }),
    badSignature,
  ),
  changed(
    "scheme-of-another-key",
    "Says that the server signed with a scheme of another type of key",
    "RFC 9846 §4.5.2",
    fromServer("certificate_verify"),
    edited({ set: "algorithm", to: "ecdsa_secp256r1_sha256" }),
    ["illegal_parameter"],
  ),
  changed(
    "scheme-with-md5",
    "Says that the server signed with MD5",
    "RFC 9846 §4.3.3",
    fromServer("certificate_verify"),
    edited({ set: "algorithm", to: 0x0101 }),
    ["illegal_parameter"],
  ),
  {
    ...changed(
      "signature-of-earlier-connection",
      "Sends the CertificateVerify of an earlier connection",
      "RFC 9846 §4.5.2",
      fromServer("certificate_verify"),
      { instead: [{ earlier: { from: "server", on: "certificate_verify" } }] },
      badSignature,
    ),
    earlier: true,
  },
  {
    ...changed(
      "finished-of-earlier-connection",
      "Sends the server's Finished of an earlier connection",
      "RFC 9846 §4.5.3",
      fromServer("finished"),
      { instead: [{ earlier: { from: "server", on: "finished" } }] },
      badFinished,
    ),
    earlier: true,
  },
  changed(
    "change-server-finished",
    "Changes a bit of the server's Finished",
    "RFC 9846 §4.5.3",
    fromServer("finished"),
    edited({ flip: "verifyData" }),
    badFinished,
  ),
  changed(
    "shorten-server-finished",
    "Takes a byte off the server's Finished",
    "RFC 9846 §4.5.3",
    fromServer("finished"),
    { truncate: { by: 1 } },
    ["malformed", "decode_error"],
  ),
  changed(
    "empty-server-finished",
    "Empties the server's Finished",
    "RFC 9846 §4.5.3",
    fromServer("finished"),
    { truncate: { by: 32 } },
    ["malformed", "decode_error"],
  ),
  changed(
    "change-client-finished",
    "Changes a bit of the client's Finished",
    "RFC 9846 §4.5.3",
    fromClient("finished"),
    edited({ flip: "verifyData" }),
    badFinished,
  ),
  changed(
    "reflect-server-finished",
    "Sends the server its own Finished back (reflection)",
    "RFC 9846 §4.5.3",
    fromClient("finished"),
    { instead: [{ seen: { from: "server", on: "finished" } }] },
    badFinished,
  ),
  changed(
    "empty-server-certificate",
    "Empties the server's certificate list",
    "RFC 9846 §4.5.1.3",
    fromServer("certificate"),
    edited({ set: "certificateList", to: [] }),
    ["empty_certificate", "decode_error"],
  ),
  changed(
    "change-certificate-signature",
    "Changes a bit of the signature on the server's certificate",
    "RFC 9846 §4.5.1.2",
    fromServer("certificate"),
    edited({ flip: "certificateList[0].certData", byte: -1 }),
    ["bad_certificate"],
  ),
  changed(
    "garbage-certificate",
    "Sends bytes that are no certificate",
    "RFC 9846 §6.2",
    fromServer("certificate"),
    edited({ set: "certificateList[0].certData", to: "3003020101" }),
    ["bad_certificate"],
  ),
  changed(
    "certificate-context-in-handshake",
    "Gives the server's Certificate a context",
    "RFC 9846 §4.5.1",
    fromServer("certificate"),
    edited({ set: "certificateRequestContext", to: "01" }),
    ["illegal_parameter"],
  ),
  changed(
    "certificate-extension-uninvited",
    "Adds an SCT to the server's certificate that nobody asked for",
    "RFC 9846 §4.5.1",
    fromServer("certificate"),
    edited({ set: "certificateList[0].extensions.signed_certificate_timestamp", to: ["00"] }),
    ["unsupported_extension"],
  ),
  {
    name: "drop-certificate-request",
    family,
    does: "Drops the CertificateRequest, so that the client stays anonymous",
    section: "RFC 9846 §4.5.2",
    keys,
    ...mutual,
    steps: [{ from: "server", on: "certificate_request", drop: true }],
    expect: tampered(byClient(...badSignature)),
  },
  {
    name: "request-context-in-handshake",
    family,
    does: "Gives the CertificateRequest a context",
    section: "RFC 9846 §4.4.2",
    keys,
    ...mutual,
    steps: [
      {
        from: "server",
        on: "certificate_request",
        edit: [{ set: "certificateRequestContext", to: "01" }],
      },
    ],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "request-without-schemes",
    family,
    does: "Takes signature_algorithms out of the CertificateRequest",
    section: "RFC 9846 §4.4.2",
    keys,
    ...mutual,
    steps: [
      {
        from: "server",
        on: "certificate_request",
        edit: [{ remove: "extensions.signature_algorithms" }],
      },
    ],
    expect: byClient("missing_extension"),
  },
  changed(
    "empty-client-certificate",
    "Empties the client's certificate list",
    "RFC 9846 §4.5.1.3",
    fromClient("certificate"),
    edited({ set: "certificateList", to: [] }),
    ["certificate_required"],
  ),
  changed(
    "skip-client-certificate-verify",
    "Drops the client's CertificateVerify",
    "RFC 9846 §4.5.2",
    fromClient("certificate_verify"),
    { drop: true },
    ["unexpected_message"],
  ),
  changed(
    "skip-client-certificate",
    "Drops the client's Certificate",
    "RFC 9846 §4.5.1",
    fromClient("certificate"),
    { drop: true },
    ["unexpected_message"],
  ),
  changed(
    "reflect-server-certificate",
    "Sends the server its own certificate as the client's",
    "RFC 9846 §4.5.1.2",
    fromClient("certificate"),
    { instead: [{ seen: { from: "server", on: "certificate" } }] },
    ["unsupported_certificate"],
  ),
  {
    ...changed(
      "client-signature-of-earlier-connection",
      "Sends the client's CertificateVerify of an earlier connection (triple handshake)",
      "RFC 9846 §4.5.2",
      fromClient("certificate_verify"),
      { instead: [{ earlier: { from: "client", on: "certificate_verify" } }] },
      badSignature,
    ),
    earlier: true,
  },
  {
    name: "strip-signature-algorithms",
    family,
    does: "Takes signature_algorithms out of the ClientHello",
    section: "RFC 9846 §9.2",
    steps: [
      { from: "client", on: "client_hello", edit: [{ remove: "extensions.signature_algorithms" }] },
    ],
    expect: byServer("missing_extension"),
  },
  {
    name: "no-common-scheme",
    family,
    does: "Leaves only a signature scheme that the server's key cannot make",
    section: "RFC 9846 §4.5.1.2",
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ set: "extensions.signature_algorithms", to: ["mldsa87"] }],
      },
    ],
    expect: byServer("no_common_signature_scheme", "handshake_failure"),
  },
];
