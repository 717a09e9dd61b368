import type { Provider } from "../../crypto/provider.ts";
import { TlsError } from "../../registry/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { provingUsage } from "../certificate/key-usage.ts";
import { KeyPurpose } from "../der/oids.ts";
import { describe } from "../certificate/describe.ts";

/** What the peer's certificate is to authenticate. */
export type Usage = "server" | "client";

const purposes: Readonly<Record<Usage, string>> = {
  server: KeyPurpose.serverAuth,
  client: KeyPurpose.clientAuth,
};

/**
 * What TLS asks of a path on top of RFC 5280.
 * @throws TlsError `unsupported_certificate`
 */
export function checkUsage(
  path: readonly Certificate[],
  usage: Usage,
  provider: Pick<Provider, "kems">,
): void {
  checkMayAuthenticate(path[0]!, describe(path, 0), provider);
  // RFC 5280 §4.2.1.12 gives the extension a meaning in the leaf only. In a CA's certificate all
  // browsers, OpenSSL and Go read it as a limit on what the CA issues, and CAs rely on that.
  for (const [index, { extendedKeyUsage }] of path.entries()) {
    if (extendedKeyUsage === undefined) continue;
    const fits = [purposes[usage], KeyPurpose.anyExtendedKeyUsage];
    if (!fits.some((purpose) => extendedKeyUsage.includes(purpose))) {
      throw new TlsError("unsupported_certificate", `not meant for a TLS ${usage}`, {
        expected: `the extended key usage ${purposes[usage]}`,
        received: extendedKeyUsage.join(", "),
        where: describe(path, index),
        section: "RFC 5280 §4.2.1.12",
      });
    }
  }
}

/**
 * The key of a leaf may do what authenticates, if the certificate says what it may do: sign, or, where it is a KEM's,
 * what stands for encapsulation.
 * @throws TlsError `unsupported_certificate`
 */
export function checkMayAuthenticate(
  { keyUsage, publicKey }: Certificate,
  where: string,
  provider: Pick<Provider, "kems">,
): void {
  const needed = provingUsage(publicKey.type, provider);
  if (keyUsage === undefined || keyUsage.has(needed)) return;
  // RFC 9846 §4.5.1.2; RFC 9935 §5: keyEncipherment is the one use of ML-KEM's keys
  const signs = needed === "digitalSignature";
  throw new TlsError(
    "unsupported_certificate",
    `the key may not ${signs ? "sign" : "encapsulate for"} a handshake`,
    {
      expected: `the key usage ${needed}`,
      received: [...keyUsage].join(", "),
      where,
      section: signs ? "RFC 9846 §4.5.1.2" : "RFC 9935 §5, RFC 8410 §5",
    },
  );
}
