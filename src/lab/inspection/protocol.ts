/** What is spoken, by its first bytes: TLS records, or something that is only named. */
import { ContentType, ExtensionType, nameOf, ProtocolVersion } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { latin1 } from "./text.ts";

/** Bytes that are enough to tell. */
export const enough = 8;

/** The name of another protocol; `undefined` for what can be TLS records. */
export function otherProtocol(from: Role, first: Uint8Array): string | undefined {
  const [type = 0, major, minor = 0] = first;
  const isRecord = (Object.values(ContentType) as number[]).includes(type) && major === 3;
  if (isRecord && minor <= 4) return undefined;
  // RFC 6101 Appendix E.2: a hello of SSL 2.0, as it was sent to find newer versions
  if ((type & 0x80) !== 0 && first[2] === 1 && (first[3] ?? 9) <= 3) return "SSL 2.0";
  if (type === 5 && major! < 10) return "SOCKS";
  const text = latin1(first);
  const known = texts.find(([pattern]) => pattern.test(text));
  if (known !== undefined) return known[1];
  return from === "server" && /^220[ -]/.test(text) ? "SMTP or FTP" : "no TLS";
}

const texts: readonly (readonly [RegExp, string])[] = [
  [/^(GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|TRACE) /, "HTTP"],
  [/^CONNECT /, "HTTP, a proxy"],
  [/^HTTP\/1/, "HTTP"],
  [/^PRI \* HT/, "HTTP/2 without TLS"],
  [/^SSH-/, "SSH"],
  [/^\* OK/, "IMAP"],
  [/^\+OK/, "POP3"],
];

/**
 * The version that a ServerHello chose (RFC 9846 §4.2.3), of whichever version it is: its extensions are those of TLS
 * 1.2, so they are only walked over. 0 for one that ends too early.
 */
export function selectedVersion(raw: Uint8Array): number {
  const uint16 = (at: number): number => ((raw[at] ?? 0) << 8) | (raw[at + 1] ?? 0);
  // Header, legacy_version and random; then session id, suite, compression, and the length of the extensions
  const behindRandom = 4 + 2 + 32;
  let at = behindRandom + 1 + (raw[behindRandom] ?? 0) + 2 + 1 + 2;
  for (; at + 4 <= raw.length; at += 4 + uint16(at + 2)) {
    if (uint16(at) === ExtensionType.supported_versions) return uint16(at + 4);
  }
  return uint16(4);
}

export const versionName = (version: number): string => nameOf(ProtocolVersion, version);
