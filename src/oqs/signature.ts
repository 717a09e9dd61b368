import {
  defineScheme,
  InvalidKey,
  type KeyType,
  type Oid,
  type RandomSource,
  type Scheme,
  type SignatureAlgorithm,
  type SignatureName,
  type SubjectKeyType,
} from "../crypto/index.ts";
import { readDer } from "../identity/der/der-reader.ts";
import { octetString } from "../identity/der/der-writer.ts";
import { concat, DecodeError, wipe } from "../wire/index.ts";
import type { OqsSignature } from "./catalogue.ts";

/** What does the work: a module of liboqs, or another library with keys of the same form. */
export interface Engine {
  readonly algorithm: OqsSignature;
  /** For {@link Slot.backend}. */
  readonly backend: string;
  generateKey(random: RandomSource): {
    readonly publicKey: Uint8Array;
    readonly secretKey: Uint8Array;
  };
  sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array;
  verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean;
}

/** What {@link signing} makes of an engine: signatures under one name, by keys of one type. */
interface Named {
  readonly name: SignatureName | Oid;
  readonly keyType: KeyType | Oid;
  /** liboqs's secret key from that of a {@link PrivateKeyInfo}: a copy. @throws InvalidKey */
  readonly secretKeyOf: (key: Uint8Array) => Uint8Array;
}

/** Signs and verifies whole messages with an empty context. */
export function signing(
  engine: Engine,
  { name, keyType, secretKeyOf }: Named,
): SignatureAlgorithm & Required<Pick<SignatureAlgorithm, "signer">> {
  const { publicKey, signature: longest } = engine.algorithm;
  const keyTypes = [keyType];
  const check = (type: SubjectKeyType): void => {
    if (type === keyType) return;
    throw new InvalidKey(`${engine.algorithm.name} takes ${keyType} keys, not ${type}`);
  };
  return {
    backend: engine.backend,
    name,
    keyTypes,
    verifier({ type, key }) {
      check(type);
      const own = exactly(publicKey, key, `${engine.algorithm.name} public key`);
      return (message, signature) =>
        signature.length > 0 &&
        signature.length <= longest &&
        engine.verify(message, signature, own);
    },
    signer({ type, key }) {
      check(type);
      const secretKey = secretKeyOf(key);
      return (message) => engine.sign(message, secretKey);
    },
  };
}

/** The TLS scheme, and all that certificates need of it. */
export const schemeOf = (engine: Engine): Scheme =>
  defineScheme({
    name: engine.algorithm.scheme,
    code: engine.algorithm.code,
    postQuantum: true,
    algorithm: ownSignature(engine),
    // RFC 9846 §4.5.2: opaque signature<0..2^16-1>
    inHandshake: engine.algorithm.signature <= 0xffff,
  });

/**
 * An algorithm with a key type of its own, both named by oqs-provider's object identifier. SubjectPublicKeyInfo holds
 * the public key as it is; PKCS#8, as oqs-provider writes it, an OCTET STRING with the secret key and the public key.
 */
function ownSignature(engine: Engine): SignatureAlgorithm {
  const { oid, secretKey: secretLength, publicKey: publicLength } = engine.algorithm;
  const halves = (key: Uint8Array): readonly [secret: Uint8Array, own: Uint8Array] => {
    const whole = exactly(secretLength + publicLength, unwrap(key), `${oid} private key`);
    return [whole.slice(0, secretLength), whole.slice(secretLength)];
  };
  const secretKeyOf = (key: Uint8Array): Uint8Array => halves(key)[0];
  return {
    ...signing(engine, { name: oid, keyType: oid, secretKeyOf }),
    publicKey: (key) => halves(key)[1],
    generateKey(random) {
      const { publicKey, secretKey } = engine.generateKey(random);
      const whole = concat(secretKey, publicKey);
      const privateKey = octetString(whole);
      wipe(secretKey, whole);
      return { publicKey, privateKey };
    },
  };
}

/** @throws InvalidKey */
function unwrap(key: Uint8Array): Uint8Array {
  try {
    return readDer(key, (reader) => reader.octetString("privateKey"));
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new InvalidKey(`the private key is no OCTET STRING: ${cause.message}`, { cause });
  }
}

/** A copy of a key that has the right length. @throws InvalidKey */
export function exactly(length: number, key: Uint8Array, what: string): Uint8Array {
  if (key.length === length) return new Uint8Array(key);
  throw new InvalidKey(`${what} must be ${length} bytes, not ${key.length}`);
}
