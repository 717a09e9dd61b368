/** The name of the server that a client wants, in the one form that is sent, verified and remembered. */
import { hostForm, parseIpAddress } from "../identity/index.ts";
import { printable } from "../registry/index.ts";

/**
 * Lower-case A-labels without a trailing dot; an IP address without brackets. What is not ASCII is converted
 * as browsers do it (UTS #46), by the `URL` that every runtime has: `bücher.example` becomes
 * `xn--bcher-kva.example`.
 *
 * @throws RangeError for what is neither a host name nor an IP address (RFC 6066 §3, RFC 9525 §6.1)
 */
export function toServerName(given: string): string {
  const address = given.replace(/^\[(.*)\]$/, "$1");
  if (parseIpAddress(address) !== undefined) return address;
  const host = hostForm(toAscii(given));
  if (host !== undefined) return host;
  throw new RangeError(
    `${printable(JSON.stringify(given), 96)} is neither a host name nor an IP address: serverName is labels of 1 to ` +
      `63 letters, digits, hyphens and underscores with dots between them, 253 characters in all, and without ` +
      `a port or a wildcard: "www.example.com" (RFC 6066 §3)`,
  );
}

/** `URL` would also read ports, paths, user names and escapes: only a host gets there. */
function toAscii(name: string): string {
  if (/^\p{ASCII}*$/u.test(name)) return name;
  if (/[^\P{ASCII}\w.-]/u.test(name)) return "";
  try {
    return new URL(`https://${name}`).hostname;
  } catch {
    return "";
  }
}
