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
import type { OqsSignature } from "./catalogue.ts";
import { exactly, ownKey } from "./own-key.ts";

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
  const { oid } = engine.algorithm;
  const own = ownKey(oid, engine.algorithm);
  const secretKeyOf = (key: Uint8Array): Uint8Array => own.read(key).secretKey;
  return {
    ...signing(engine, { name: oid, keyType: oid, secretKeyOf }),
    publicKey: (key) => own.read(key).publicKey,
    generateKey(random) {
      const made = engine.generateKey(random);
      return { publicKey: made.publicKey, privateKey: own.write(made) };
    },
  };
}
