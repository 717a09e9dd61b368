/** What the runner expects of a handshake, held against what was negotiated. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Connection } from "../../../src/connection/index.ts";
import type { EarlyDataOutcome, Negotiated, OfferedPsk } from "../../../src/handshake/index.ts";
import { parseCertificates } from "../../../src/identity/index.ts";
import { CipherSuite, NamedGroup, nameOf, SignatureScheme } from "../../../src/registry/index.ts";
import { concat, equal, toHex } from "../../../src/wire/index.ts";
import type { Flags } from "./flags.ts";
import { credentialOfPsk, type Seen, wireNames } from "./options.ts";
import { Unmet } from "./unmet.ts";

/** What the expectations depend on. */
export interface Context {
  readonly flags: Flags;
  readonly seen: Seen;
  readonly session: OfferedPsk | undefined;
  readonly isResume: boolean;
}

function expectSame(what: string, expected: unknown, actual: unknown): void {
  if (expected !== actual)
    throw new Unmet(`${what} is ${String(actual)}, expected ${String(expected)}`);
}

export function checkExpectations(context: Context, connection: Connection): void {
  const { flags, isResume, seen } = context;
  const negotiated = connection.negotiated;
  if (negotiated === undefined) throw new Unmet("nothing was negotiated");
  expectSame("resumption", isResume && !flags["expect-session-miss"], negotiated.resumed);
  if (flags["expect-version"] !== undefined) expectSame("version", flags["expect-version"], 0x0304);
  if (flags["expect-curve-id"] !== undefined) {
    expectSame("group", nameOf(NamedGroup, flags["expect-curve-id"]), negotiated.group);
  }
  for (const name of ["expect-cipher", "expect-cipher-aes"] as const) {
    const expected = flags[name];
    if (expected !== undefined)
      expectSame("suite", nameOf(CipherSuite, expected), negotiated.cipherSuite);
  }
  if (flags["expect-hrr"]) expectSame("retry", true, negotiated.retried);
  if (flags["expect-no-hrr"]) expectSame("retry", false, negotiated.retried);
  const scheme = flags["expect-peer-signature-algorithm"];
  if (scheme !== undefined) {
    expectSame("signature scheme", nameOf(SignatureScheme, scheme), negotiated.peerSignatureScheme);
  }
  const alpn = flags.server ? flags["select-alpn"] : flags["expect-alpn"];
  if (alpn !== undefined) expectSame("protocol", alpn, negotiated.alpn ?? "");
  if (flags["expect-server-name"] !== undefined) {
    expectSame("server name", flags["expect-server-name"], negotiated.serverName);
  }
  if (flags["expect-no-server-name"]) expectSame("server name", undefined, negotiated.serverName);
  if (flags["expect-peer-cert-file"] !== undefined) {
    const expected = parseCertificates(readFileSync(flags["expect-peer-cert-file"], "utf8"));
    const actual = negotiated.peer?.chain ?? [];
    expectSame("chain length", expected.length, actual.length);
    expected.forEach((certificate, index) => {
      if (!equal(certificate.der, actual[index]!.der))
        throw new Unmet("another chain than expected");
    });
  }
  const { rawPublicKey } = negotiated.peer ?? {};
  const certificateType = flags["expect-peer-certificate-type"];
  if (certificateType !== undefined) {
    expectSame("certificate type", certificateType === 2, rawPublicKey !== undefined);
  }
  const keyHash = flags["expect-peer-rpk-sha256"];
  if (keyHash !== undefined) {
    const actual = createHash("sha256")
      .update(rawPublicKey?.spki ?? "")
      .digest("hex");
    expectSame("raw public key", toHex(keyHash), actual);
  }
  const credential = flags["expect-selected-credential"];
  if (credential !== undefined) {
    const { pskIdentity } = negotiated;
    const used = pskIdentity === undefined ? seen.selected : credentialOfPsk(flags, pskIdentity);
    expectSame("the credential", credential, used);
  }
  if (flags["expect-no-peer-cert"]) expectSame("peer", undefined, negotiated.peer);
  if (flags["require-any-client-certificate"] && negotiated.peer === undefined) {
    throw new Unmet("no certificate of the client");
  }
  if (flags["expect-accept-early-data"]) expectSame("early data", "accepted", negotiated.earlyData);
  if (flags["expect-reject-early-data"] && negotiated.earlyData === "accepted") {
    throw new Unmet("early data was accepted");
  }
  const reason = flags["expect-early-data-reason"];
  if (reason !== undefined) expectSame("early data", reason, reasonOf(context, negotiated));
  const ocsp = flags["expect-ocsp-response"];
  if (ocsp !== undefined && !equal(ocsp, seen.ocspResponse ?? new Uint8Array(0))) {
    throw new Unmet("another OCSP response than expected");
  }
  const scts = flags["expect-signed-cert-timestamps"];
  if (scts !== undefined && !equal(scts.subarray(2), sctList(seen.signedCertificateTimestamps))) {
    throw new Unmet("other SCTs than expected");
  }
}

/** BoringSSL's word for what became of early data. */
function reasonOf({ flags, session }: Context, { earlyData, resumed }: Negotiated): string {
  if (!flags["enable-early-data"]) return "disabled";
  if (earlyData === "none" && session !== undefined) {
    const { maxEarlyData = 0, alpn } = session.origin ?? {};
    const isOffered = alpn === undefined || wireNames(flags["advertise-alpn"]).includes(alpn);
    return maxEarlyData === 0 || isOffered ? "unsupported_for_session" : "alpn_mismatch";
  }
  // A client says no more than that, whatever the server's reason
  const isRefused = earlyData === "refused_by_server" || earlyData === "other_protocol";
  if (!flags.server && isRefused) return resumed ? "peer_declined" : "session_not_resumed";
  return reasons[earlyData];
}

const sctList = (scts: readonly Uint8Array[]): Uint8Array =>
  concat(...scts.flatMap((sct) => [Uint8Array.of(sct.length >> 8, sct.length & 0xff), sct]));

const reasons: Record<EarlyDataOutcome, string> = {
  accepted: "accept",
  none: "no_session_offered",
  disabled: "disabled",
  not_resumed: "session_not_resumed",
  not_first_psk: "session_not_resumed",
  not_allowed_by_ticket: "unsupported_for_session",
  other_suite: "session_not_resumed",
  other_protocol: "alpn_mismatch",
  ticket_age: "ticket_age_skew",
  replay: "replay",
  retried: "hello_retry_request",
  refused_by_server: "peer_declined",
};

export function checkSession({ flags }: Context, session: OfferedPsk | undefined): void {
  expectSame("a session", !flags["expect-no-session"], session !== undefined);
  if (session === undefined) return;
  const allows = (session.origin?.maxEarlyData ?? 0) > 0;
  expectSame("early data in the ticket", flags["expect-ticket-supports-early-data"], allows);
}
