/**
 * Stand-ins for algorithms that do not run here: keys, ciphertexts and signatures of the published lengths, drawn from
 * hashes. They go through the engine like any others, so that every message and record around them is real. They
 * protect nothing.
 *
 * A signature that stands in is made with a key that says it is Ed25519's, since certificates know no other name for
 * it; what the real key would be longer stands in an extension of the certificate beside it.
 */
import {
  type Kem,
  type Provider,
  schemes,
  seededRandom,
  type SignatureAlgorithm,
} from "../../crypto/index.ts";
import type { GeneratedKey, PublicKeyInfo } from "../../crypto/provider.ts";
import { concat, equal, toHex, utf8 } from "../../wire/index.ts";
import type { KemSize, SignatureSize } from "../sizes/index.ts";
import type { OperationLog } from "./operations.ts";

/** @param random where its keys and ciphertexts come from */
export function standInKem(
  { name, publicKey, ciphertext, postQuantum }: KemSize,
  random: Provider["random"],
): Kem {
  const secretOf = (from: Uint8Array): Uint8Array => seededRandom(from)(secretLength);
  return {
    name,
    backend: "size only",
    publicKeyLength: publicKey,
    ciphertextLength: ciphertext,
    sharedSecretLength: secretLength,
    postQuantum,
    generate: () => ({ publicKey: random(publicKey), decapsulate: secretOf, wipe() {} }),
    // Its private key says nothing: who has the ciphertext has the secret
    importKeyPair: () => ({
      publicKey: new Uint8Array(publicKey),
      decapsulate: secretOf,
      wipe() {},
    }),
    encapsulate() {
      const drawn = random(ciphertext);
      return { ciphertext: drawn, sharedSecret: secretOf(drawn) };
    },
  };
}

const secretLength = 32;

/** The type of key that a stand-in says it is. */
const hostType = "ed25519";
const hostLength = 32;
/** What it signs with. */
export const hostScheme = schemes.find(({ keyType }) => keyType === hostType)!;

/** Where the rest of a longer key stands: the arc of identifiers that nobody registers (ITU-T X.667). */
const restOid = "2.25.1";

/** Keys that stand in, by their bytes: all who use one must know it. */
export class StandInKeys {
  readonly #sizes = new Map<string, SignatureSize>();

  /** A key pair; both halves are the same bytes. */
  generate(size: SignatureSize, random: Provider["random"]): GeneratedKey {
    const key = random(hostLength);
    this.#sizes.set(toHex(key), size);
    return { type: hostType, publicKey: key, privateKey: key };
  }

  sizeOf(key: Pick<PublicKeyInfo, "key">): SignatureSize | undefined {
    return this.#sizes.get(toHex(key.key));
  }

  /** A provider that signs and verifies with these keys too; what they do is counted under their own names. */
  within(provider: Provider, log?: OperationLog): Provider {
    const host = provider.signatures[hostType];
    const slot: SignatureAlgorithm = {
      ...host,
      verifier: (info) => {
        const size = this.sizeOf(info);
        if (size === undefined) return host.verifier(info);
        return (message, signature) => {
          log?.add(size.name, "verify");
          return equal(signature, signatureOf(info.key, message, size));
        };
      },
      signer: (info) => {
        const size = this.sizeOf(info);
        if (size === undefined) return host.signer!(info);
        return (message) => {
          log?.add(size.name, "sign");
          return signatureOf(info.key, message, size);
        };
      },
    };
    return { ...provider, signatures: { ...provider.signatures, [hostType]: slot } };
  }
}

const signatureOf = (
  key: Uint8Array,
  message: Uint8Array,
  { signature }: SignatureSize,
): Uint8Array => seededRandom(concat(utf8("stand-in"), key, message))(signature);

/** What makes a certificate as long as with the real key. */
export const restOfKey = (
  { publicKey }: SignatureSize,
  random: Provider["random"],
): { readonly oid: string; readonly critical: false; readonly value: Uint8Array }[] =>
  publicKey > hostLength
    ? [{ oid: restOid, critical: false, value: random(publicKey - hostLength) }]
    : [];

/** Bytes of the subject's key in a certificate, the rest of a stand-in included. */
export const keyBytes = ({
  publicKey,
  extensions,
}: {
  readonly publicKey: PublicKeyInfo;
  readonly extensions: readonly { readonly oid: string; readonly value: Uint8Array }[];
}): number =>
  publicKey.key.length + (extensions.find(({ oid }) => oid === restOid)?.value.length ?? 0);
