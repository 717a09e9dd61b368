import type { PublicKeyInfo } from "../../crypto/provider.ts";
import { TlsError } from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";

/** The proof that a raw public key (RFC 7250) is one of those that are trusted. */
export class TrustedKey {
  /** Makes the type nominal: an object of the same shape is not a proof. */
  declare protected readonly phantom: "TrustedKey";
  /** The key that is trusted. */
  readonly key: PublicKeyInfo;

  private constructor(key: PublicKeyInfo) {
    this.key = key;
  }

  /**
   * Looks for the key among those that are trusted.
   * @param trusted SubjectPublicKeyInfo in DER
   * @throws TlsError `unknown_ca` for any other key: nobody vouches for it
   */
  static verify(key: PublicKeyInfo, trusted: readonly Uint8Array[]): TrustedKey {
    if (!trusted.some((spki) => equal(spki, key.spki))) {
      throw new TlsError("unknown_ca", "the raw public key is not among those that are trusted", {
        expected: `one of ${trusted.length} keys`,
        received: `a key of type ${key.type}`,
        where: "certificate.certificateList[0]",
        section: "RFC 7250 §4.4",
      });
    }
    return new TrustedKey(key);
  }
}
