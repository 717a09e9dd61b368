import { TlsError } from "../../registry/index.ts";

/** One textual block (RFC 7468). */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY` … */
  readonly label: string;
  /** What the base64 text holds. */
  readonly der: Uint8Array;
}

/**
 * Finds all PEM blocks of a text; what stands between them is skipped (RFC 7468 §2).
 * @throws TlsError `misuse` that says what is wrong with the text
 */
export function decodePem(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  const begin = /-----BEGIN ([^\r\n]*?)-----/g;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const label = match[1] ?? "";
    const end = text.indexOf(`-----END ${label}-----`, begin.lastIndex);
    if (end < 0) {
      throw new TlsError("misuse", `the ${label} block has no line "-----END ${label}-----"`, {
        section: "RFC 7468 §2",
      });
    }
    blocks.push({ label, der: decodeBody(label, text.slice(begin.lastIndex, end)) });
    begin.lastIndex = end;
  }
  if (blocks.length === 0) {
    throw new TlsError("misuse", 'no PEM block found: there is no line "-----BEGIN …-----"', {
      received: `${text.length} characters`,
      section: "RFC 7468 §2",
    });
  }
  return blocks;
}

/** Writes one block, 64 characters a line (RFC 7468 §2). */
export function encodePem(label: string, der: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < der.length; at += 48) {
    lines.push(btoa(String.fromCharCode(...der.subarray(at, at + 48))));
  }
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function decodeBody(label: string, body: string): Uint8Array {
  if (/^\s*Proc-Type:.*ENCRYPTED/.test(body)) throw encryptedBody(label);
  try {
    return Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw new TlsError("misuse", `the ${label} block holds something other than base64`, {
      section: "RFC 7468 §3",
      cause,
    });
  }
}

const encryptedBody = (label: string): TlsError =>
  new TlsError(
    "misuse",
    `the ${label} is encrypted in the old way of OpenSSL, which is not supported; turn it into ` +
      `PKCS#8 with "openssl pkcs8 -topk8 -v2 aes256 -in old.pem -out new.pem"`,
  );
