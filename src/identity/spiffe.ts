/** SPIFFE IDs and the certificates that carry them (SPIFFE-ID §2, X509-SVID §2 and §4). */
import { TlsError } from "../registry/index.ts";
import type { Certificate } from "./certificate.ts";

export interface SpiffeId {
  /** As it was written; two IDs are the same if their texts are. */
  readonly text: string;
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
 * The SPIFFE ID of a workload's certificate: its one URI, below its trust domain. Anything else is no
 * X509-SVID, and has none.
 */
export function spiffeIdOf({
  subjectAltNames,
  basicConstraints,
}: Certificate): SpiffeId | undefined {
  const [uri, ...others] = subjectAltNames?.uri ?? [];
  // X509-SVID §2: exactly one URI; §4.1: the leaf is no CA
  if (uri === undefined || others.length > 0 || basicConstraints?.ca === true) return undefined;
  try {
    const id = parseSpiffeId(uri);
    return id.path === "" ? undefined : id;
  } catch {
    return undefined;
  }
}

const malformed = (text: string, rule: string, section: string): TlsError =>
  new TlsError("misuse", `a SPIFFE ID ${rule}`, {
    received: JSON.stringify(text.slice(0, 80)),
    section: `SPIFFE-ID §${section}`,
  });
