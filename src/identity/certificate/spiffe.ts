/** SPIFFE IDs and the certificates that carry them (SPIFFE-ID §2, X509-SVID §2 and §4). */
import { TlsError } from "../../registry/index.ts";
import type { Certificate } from "./certificate.ts";

/** A SPIFFE ID, taken apart (SPIFFE-ID §2): `spiffe://trust-domain/path`. */
export interface SpiffeId {
  /** As it was written; two IDs are the same if their texts are. */
  readonly text: string;
  /** The trust domain's name, in lower case. */
  readonly trustDomain: string;
  /** Empty for the trust domain itself, otherwise with a leading slash. */
  readonly path: string;
}

/** SPIFFE-ID §2.3: octets of the whole. */
const maxLength = 2048;

/**
 * Reads a SPIFFE ID. There is one way to write each: no upper case in scheme and trust domain, no
 * percent-encoding, no port, query or fragment, no empty segment and none of dots.
 * @throws TlsError `misuse` that names the rule
 */
export function parseSpiffeId(text: string): SpiffeId {
  const [, trustDomain = "", path = ""] = /^spiffe:\/\/([^/]*)(.*)$/s.exec(text) ?? [];
  const segments = path.split("/").slice(1);
  if (!text.startsWith("spiffe://")) throw malformed(text, "begins with spiffe://", "2");
  if (text.length > maxLength) throw malformed(text, `has at most ${maxLength} octets`, "2.3");
  if (!/^[a-z0-9._-]{1,255}$/.test(trustDomain)) {
    throw malformed(text, "has a trust domain of 1 to 255 of a-z 0-9 . _ -", "2.1");
  }
  if (!segments.every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.\.?$/.test(segment))) {
    throw malformed(text, "has segments of A-Z a-z 0-9 . _ -, none empty, none . or ..", "2.2");
  }
  return { text, trustDomain, path };
}

/**
 * The SPIFFE ID of a workload's certificate: its one URI, below its trust domain. What breaks a rule for
 * X509-SVIDs has none.
 */
export function spiffeIdOf(certificate: Certificate): SpiffeId | undefined {
  const [uri = ""] = certificate.subjectAltNames?.uri ?? [];
  if (!claimsSpiffeId(certificate) || svidProblem(certificate) !== undefined) return undefined;
  return parseSpiffeId(uri);
}

/**
 * Checks that a certificate which names a SPIFFE ID is an X509-SVID of a workload.
 * @throws TlsError `bad_certificate` that names the rule
 */
export function checkSvid(certificate: Certificate, where: string): void {
  if (!claimsSpiffeId(certificate)) return;
  const problem = svidProblem(certificate);
  if (problem === undefined) return;
  throw new TlsError("bad_certificate", `no valid X509-SVID: ${problem[0]}`, {
    where,
    section: `X509-SVID §${problem[1]}`,
  });
}

const claimsSpiffeId = ({ subjectAltNames }: Certificate): boolean =>
  subjectAltNames?.uri.some((uri) => /^spiffe:/i.test(uri)) === true;

/** The rule that a leaf breaks, and its section. */
function svidProblem({
  subjectAltNames,
  basicConstraints,
  keyUsage,
}: Certificate): readonly [string, string] | undefined {
  const [uri = "", ...others] = subjectAltNames?.uri ?? [];
  if (others.length > 0) return ["it has several URIs", "2"];
  const path = pathOf(uri);
  if (path === undefined) return ["its URI is not a SPIFFE ID", "2"];
  if (path === "") return ["it names a trust domain, and no workload", "3.1"];
  if (basicConstraints?.ca === true) return ["it is a CA", "4.1"];
  if (keyUsage === undefined) return ["it has no key usage", "4.3"];
  if (!keyUsage.has("digitalSignature")) return ["it lacks the key usage digitalSignature", "4.3"];
  const forbidden = (["keyCertSign", "cRLSign"] as const).find((usage) => keyUsage.has(usage));
  return forbidden === undefined ? undefined : [`it has the key usage ${forbidden}`, "4.3"];
}

function pathOf(uri: string): string | undefined {
  try {
    return parseSpiffeId(uri).path;
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}

const malformed = (text: string, rule: string, section: string): TlsError =>
  new TlsError("misuse", `a SPIFFE ID ${rule}`, {
    received: JSON.stringify(text.slice(0, 80)),
    section: `SPIFFE-ID §${section}`,
  });
