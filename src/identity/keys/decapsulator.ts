import { InvalidKey, type PrivateKeyInfo, type Provider } from "../../crypto/provider.ts";
import { kemOf } from "../../crypto/hpke.ts";
import { type KemScheme, kemSchemes } from "../../crypto/kem-scheme.ts";
import { TlsError } from "../../registry/index.ts";
import type { SignOptions } from "./signer.ts";

/** Decapsulates for one key: in memory, in a token, or at the other end of a network. */
export interface Decapsulator {
  /** Says what does the work: `@noble/post-quantum`. */
  readonly backend: string;
  /** How the key can prove itself, in order of preference. */
  readonly schemes: readonly KemScheme[];
  /** The KEM's own shared secret; the engine wipes it. @throws InvalidKemInput for what cannot be a ciphertext */
  decapsulate(
    scheme: KemScheme,
    ciphertext: Uint8Array,
    options?: SignOptions,
  ): Uint8Array | Promise<Uint8Array>;
}

/** A decapsulator whose key is in memory, so that it can always answer at once. */
export interface LocalDecapsulator extends Decapsulator {
  /** As {@link Decapsulator.decapsulate}, at once. */
  decapsulate(scheme: KemScheme, ciphertext: Uint8Array): Uint8Array;
}

/**
 * A decapsulator for a key in memory, which is imported once.
 * @param schemes how it may prove itself, best first, where the key can. Default: all that have a name
 * @throws TlsError `misuse` for a key that does not encapsulate, or that the provider cannot import
 */
export function createDecapsulator(
  key: PrivateKeyInfo,
  provider: Provider,
  schemes: readonly KemScheme[] = kemSchemes,
): LocalDecapsulator {
  const usable = schemes.filter(({ keyType }) => keyType === key.type);
  const [first] = usable;
  if (first === undefined) {
    throw new TlsError("misuse", `a ${key.type} key does not encapsulate`, {
      expected: `a key of type ${schemes.map(({ keyType }) => keyType).join(", ")}`,
      received: key.type,
    });
  }
  const kem = kemOf(first.hpke.kem, provider);
  const pair = importing(key, () => kem.importKeyPair?.(key.seed ?? key.key));
  if (pair === undefined) {
    throw new TlsError("misuse", `${kem.backend} imports no keys of ${kem.name}`, {
      expected: "a KEM with importKeyPair",
    });
  }
  return {
    backend: kem.backend,
    schemes: usable,
    decapsulate(scheme, ciphertext) {
      if (usable.includes(scheme)) return pair.decapsulate(ciphertext);
      throw new TlsError("misuse", "the key does not decapsulate with this scheme", {
        expected: usable.map(({ name }) => name).join(", "),
        received: scheme.name,
      });
    },
  };
}

function importing<T>(key: PrivateKeyInfo, importKey: () => T): T {
  try {
    return importKey();
  } catch (cause) {
    if (!(cause instanceof InvalidKey)) throw cause;
    throw new TlsError("misuse", `unusable private key: ${cause.message}`, {
      where: "privateKey",
      section: key.type.startsWith("ML-KEM") ? "RFC 9935 §6" : "RFC 5958 §2",
      cause,
    });
  }
}
