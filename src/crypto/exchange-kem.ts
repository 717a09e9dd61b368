import { checkLength } from "./check.ts";
import { Held } from "./held.ts";
import { kemParameters } from "./parameters.ts";
import { InvalidKemInput, type Kem, type KemKeyPair, type KemName } from "./provider.ts";

/** A Diffie-Hellman function of a back end, whose private keys are `PrivateKey`. */
export interface Exchange<PrivateKey> {
  generate(): { readonly publicKey: Uint8Array; readonly privateKey: PrivateKey };
  /** Throws anything if the peer's key, which has the right length, is unfit. */
  sharedSecret(privateKey: PrivateKey, peer: Uint8Array): Uint8Array;
}

/** Makes a KEM of it: encapsulation is an ephemeral key pair whose public key is the ciphertext. */
export function exchangeKem<PrivateKey>(
  name: KemName,
  backend: string,
  exchange: Exchange<PrivateKey>,
): Kem {
  const parameters = kemParameters[name];
  function generate(): KemKeyPair {
    const { publicKey, privateKey } = exchange.generate();
    const held = new Held(privateKey);
    return {
      publicKey,
      decapsulate(peer) {
        const secret = held.get();
        checkLength(name, "public key", parameters.publicKeyLength, peer);
        try {
          return exchange.sharedSecret(secret, peer);
        } catch (cause) {
          throw unfit(name, "public key", cause);
        }
      },
      wipe: () => void held.wipe(),
    };
  }
  return {
    backend,
    name,
    ...parameters,
    generate,
    encapsulate(publicKey) {
      checkLength(name, "public key", parameters.publicKeyLength, publicKey);
      const ephemeral = generate();
      try {
        return {
          ciphertext: ephemeral.publicKey,
          sharedSecret: ephemeral.decapsulate(publicKey),
        };
      } finally {
        ephemeral.wipe();
      }
    },
  };
}

/** What a library threw over the peer's input, as our error. */
export function unfit(kem: string, what: string, cause: unknown): InvalidKemInput {
  if (cause instanceof InvalidKemInput) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvalidKemInput(`${kem} ${what} is invalid: ${reason}`, { cause });
}
