import { checkLength } from "./check.ts";
import { Held } from "./held.ts";
import { kemParameters } from "./parameters.ts";
import {
  type Encapsulation,
  InvalidKemInput,
  InvalidKey,
  type Kem,
  type KemKeyPair,
  type KemName,
} from "./provider.ts";

/** A Diffie-Hellman function of a back end, whose private keys are `PrivateKey`. */
export interface Exchange<PrivateKey> {
  generate(): ExchangeKeys<PrivateKey>;
  /** Throws anything if the private key, which has the right length, is unfit. */
  importKeys(privateKey: Uint8Array): ExchangeKeys<PrivateKey>;
  /** Throws anything if the peer's key, which has the right length, is unfit. */
  sharedSecret(privateKey: PrivateKey, peer: Uint8Array): Uint8Array;
}

export interface ExchangeKeys<PrivateKey> {
  readonly publicKey: Uint8Array;
  readonly privateKey: PrivateKey;
}

/** Makes a KEM of it: encapsulation is an ephemeral key pair whose public key is the ciphertext. */
export function exchangeKem<PrivateKey>(
  name: KemName,
  backend: string,
  exchange: Exchange<PrivateKey>,
): Kem {
  const parameters = kemParameters[name];
  const generate = (): KemKeyPair => pairOf(exchange.generate());
  function pairOf({ publicKey, privateKey }: ExchangeKeys<PrivateKey>): KemKeyPair {
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
  // On all of these curves a private key is as long as the secret
  const importKeyPair = (privateKey: Uint8Array): KemKeyPair =>
    pairOf(
      importing(name, parameters.sharedSecretLength, privateKey, () =>
        exchange.importKeys(privateKey),
      ),
    );
  function agree(publicKey: Uint8Array, makeEphemeral: () => KemKeyPair): Encapsulation {
    checkLength(name, "public key", parameters.publicKeyLength, publicKey);
    const ephemeral = makeEphemeral();
    try {
      return {
        ciphertext: ephemeral.publicKey,
        sharedSecret: ephemeral.decapsulate(publicKey),
      };
    } finally {
      ephemeral.wipe();
    }
  }
  return {
    backend,
    name,
    ...parameters,
    generate,
    importKeyPair,
    encapsulate: (publicKey) => agree(publicKey, generate),
    encapsulateWith: (publicKey, privateKey) => agree(publicKey, () => importKeyPair(privateKey)),
  };
}

/** Imports a private key, and says whose fault a failure is. @throws InvalidKey */
export function importing<T>(
  kem: string,
  length: number,
  privateKey: Uint8Array,
  importKey: () => T,
): T {
  checkSecretLength(kem, "private key", length, privateKey);
  try {
    return importKey();
  } catch (cause) {
    throw new InvalidKey(`not a private key of ${kem}`, { cause });
  }
}

/** @throws InvalidKey */
export function checkSecretLength(
  kem: string,
  what: string,
  expected: number,
  secret: Uint8Array,
): void {
  if (secret.length !== expected) {
    throw new InvalidKey(`${kem} ${what} must be ${expected} bytes, not ${secret.length}`);
  }
}

/** What a library threw over the peer's input, as our error. */
export function unfit(kem: string, what: string, cause: unknown): InvalidKemInput {
  if (cause instanceof InvalidKemInput) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InvalidKemInput(`${kem} ${what} is invalid: ${reason}`, { cause });
}
