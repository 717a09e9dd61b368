/** The name of the server that a client wants, in the one form that is sent, verified and remembered. */
import { parseIpAddress, parseReferenceName } from "../identity/index.ts";
import { printable, TlsError } from "../registry/index.ts";

/**
 * Lower-case A-labels without a trailing dot; an IP address without brackets. What is not ASCII is converted
 * as browsers do it (UTS #46), by the `URL` that every runtime has: `bücher.example` becomes
 * `xn--bcher-kva.example`.
 *
 * @throws RangeError for what is no host name and no IP address (RFC 6066 §3, RFC 9525 §6.1)
 */
export function toServerName(given: string): string {
  const address = given.replace(/^\[(.*)\]$/, "$1");
  if (parseIpAddress(address) !== undefined) return address;
  try {
    const reference = parseReferenceName(toAscii(given));
    // Digits of other scripts make no address: nobody would see what is connected to
    if (reference.kind === "dns") return reference.labels.join(".");
  } catch (error) {
    if (!(error instanceof TlsError)) throw error;
  }
  throw new RangeError(
    `${printable(JSON.stringify(given), 96)} is no host name and no IP address: serverName is labels of 1 to ` +
      `63 letters, digits, hyphens and underscores with dots between them, 253 characters in all, and without ` +
      `a port or a wildcard: "www.example.com" (RFC 6066 §3)`,
  );
}

/** `URL` would also read ports, paths, user names and escapes: only a host gets there. */
function toAscii(name: string): string {
  // oxlint-disable-next-line no-control-regex -- ASCII is meant
  if (/^[\x00-\x7f]*$/.test(name)) return name;
  if (/[\x00-\x2c\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]/.test(name)) return "";
  try {
    return new URL(`https://${name}`).hostname;
  } catch {
    return "";
  }
}
