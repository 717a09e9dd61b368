import {
  InvalidKey,
  isOid,
  type PrivateKeyInfo,
  type Provider,
  type SignatureAlgorithm,
} from "../../crypto/provider.ts";
import { algorithmOf, knownSchemes, type Scheme } from "../../crypto/scheme.ts";
import { importSigner } from "../../crypto/own.ts";
import { isFitFor } from "../../crypto/parameters.ts";
import { TlsError } from "../../registry/index.ts";

/** Signs for one key: in memory, in a token, or at the other end of a network. */
export interface Signer {
  /** Says what does the work: `@noble/curves`, `PKCS#11 …`. */
  readonly backend: string;
  /** What the key can sign in a handshake, in order of preference. */
  readonly schemes: readonly Scheme[];
  /** Signs the whole message, hashing as the scheme says; ECDSA signatures are in DER. */
  sign(
    scheme: Scheme,
    message: Uint8Array,
    options?: SignOptions,
  ): Uint8Array | Promise<Uint8Array>;
}

/** What goes along with a message that is to be signed. */
export interface SignOptions {
  /** Aborted when nobody waits for the signature any more: its connection has ended. */
  readonly signal?: AbortSignal;
}

/** A signer whose key is in memory, so that it can always answer at once. */
export interface LocalSigner extends Signer {
  /** As {@link Signer.sign}, at once. */
  sign(scheme: Scheme, message: Uint8Array): Uint8Array;
}

const usualSchemes = knownSchemes.filter(({ clientOnly }) => clientOnly !== true);

/**
 * A signer for a key in memory. The key is imported once for each algorithm.
 * @param schemes what it may sign with, best first, where the key can. Default: all but those of RFC 9963
 * @throws TlsError `misuse` if the provider cannot sign with such a key
 */
export function createSigner(
  key: PrivateKeyInfo,
  provider: Provider,
  schemes: readonly Scheme[] = usualSchemes,
): LocalSigner {
  const imported = new Map<Scheme, (message: Uint8Array) => Uint8Array>();
  for (const scheme of schemes) {
    if (!scheme.inHandshake || scheme.keyType !== key.type) continue;
    const algorithm = algorithmOf(scheme, provider);
    const sign = isFitFor(algorithm, key) ? signerOf(key, algorithm) : undefined;
    if (sign !== undefined) imported.set(scheme, sign);
  }
  const usable = [...imported.keys()];
  const [first] = usable;
  if (first === undefined) throw cannotSign(key, provider);
  return {
    backend: algorithmOf(first, provider).backend,
    schemes: usable,
    sign(scheme, message) {
      const sign = imported.get(scheme);
      if (sign === undefined) {
        throw new TlsError("misuse", "the key cannot sign with this scheme", {
          expected: usable.map(({ name }) => name).join(", "),
          received: scheme.name,
        });
      }
      return sign(message);
    },
  };
}

/**
 * Imports a key, to sign with it; `undefined` where the provider does not.
 * @throws TlsError `misuse` for a key that is well formed and still none: a scalar of zero
 */
export function signerOf(
  key: PrivateKeyInfo,
  algorithm: SignatureAlgorithm,
): ((message: Uint8Array) => Uint8Array) | undefined {
  try {
    return importSigner(algorithm, key);
  } catch (cause) {
    if (!(cause instanceof InvalidKey)) throw cause;
    throw new TlsError("misuse", `unusable private key: ${cause.message}`, {
      where: "privateKey",
      section: "RFC 5958 §2",
      cause,
    });
  }
}

export function cannotSign(key: PrivateKeyInfo, provider: Provider): TlsError {
  const remedy = isOid(key.type)
    ? "give the scheme of your own, with an algorithm that has a signer"
    : "the native one of kemistry/node does";
  return new TlsError(
    "misuse",
    `the provider "${provider.name}" does not sign with ${key.type} keys; ${remedy}`,
  );
}
