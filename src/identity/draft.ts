import type { PrivateKeyInfo, Provider, SignatureName } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import { encodeSignatureAlgorithm } from "./algorithm.ts";
import { bitString, sequence } from "./der-writer.ts";
import { cannotSign, type Signer, signerOf } from "./signer.ts";

/**
 * A certificate, request, list or response that waits for its signature. Whoever holds the key signs
 * `tbs`: this process at once, or a token and in its own time.
 */
export interface Draft<T> {
  readonly signatureName: SignatureName;
  /** The bytes to sign. */
  readonly tbs: Uint8Array;
  /** @param signature in DER for ECDSA, raw otherwise */
  complete(signature: Uint8Array): T;
}

/** The usual form: SEQUENCE { tbs, signatureAlgorithm, signature, … }. */
export function draftOf<T>(
  tbs: Uint8Array,
  signatureName: SignatureName,
  parse: (der: Uint8Array) => T,
  ...after: readonly Uint8Array[]
): Draft<T> {
  const algorithm = encodeSignatureAlgorithm(signatureName);
  return {
    signatureName,
    tbs,
    complete: (signature) => parse(sequence(tbs, algorithm, bitString(signature), ...after)),
  };
}

/**
 * Signs with a key in memory.
 * @throws TlsError `misuse` if the provider cannot sign with that key
 */
export function signDraft<T>(draft: Draft<T>, key: PrivateKeyInfo, provider: Provider): T {
  const sign = signerOf(key, draft.signatureName, provider);
  if (sign === undefined) throw cannotSign(key, provider);
  return draft.complete(sign(draft.tbs));
}

/**
 * Signs with a key that is elsewhere.
 * @throws TlsError `misuse` if the signer has no scheme for the draft's algorithm
 */
export async function signDraftWith<T>(draft: Draft<T>, signer: Signer): Promise<T> {
  const scheme = signer.schemes.find(({ algorithm }) => algorithm === draft.signatureName);
  if (scheme === undefined) {
    throw new TlsError("misuse", "the signer does not sign with this algorithm", {
      expected: signer.schemes.map(({ algorithm }) => algorithm).join(", "),
      received: draft.signatureName,
    });
  }
  return draft.complete(await signer.sign(scheme, draft.tbs));
}
