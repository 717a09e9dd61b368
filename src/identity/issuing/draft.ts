import type {
  PrivateKeyInfo,
  Provider,
  PublicKeyInfo,
  SignatureName,
  Oid,
} from "../../crypto/provider.ts";
import { signatureNameIn } from "../../crypto/scheme.ts";
import { TlsError } from "../../registry/index.ts";
import { encodeSignatureAlgorithm } from "../keys/algorithm.ts";
import { bitString, sequence } from "../der/der-writer.ts";
import { hasRightSignature } from "../certificate/signed.ts";
import { cannotSign, type Signer, signerOf } from "../keys/signer.ts";

/**
 * A certificate, request, list or response that waits for its signature. Whoever holds the key signs
 * `tbs`: this process at once, or a token and in its own time.
 */
export interface Draft<T> {
  /** The algorithm that must sign, as `tbs` says it. */
  readonly signatureName: SignatureName | Oid;
  /** The bytes to sign. */
  readonly tbs: Uint8Array;
  /** The public half of the key that must sign it. @throws TlsError if it is of a kind that is not supported */
  readonly signedBy: PublicKeyInfo;
  /** Does not verify it. @param signature in DER for ECDSA, raw otherwise */
  complete(signature: Uint8Array): T;
}

/** Who will sign: a certificate, say, or what will be one. */
interface DraftSigner {
  readonly signatureName: SignatureName | Oid;
  readonly signer: { readonly publicKey: PublicKeyInfo };
}

/** The usual form: SEQUENCE { tbs, signatureAlgorithm, signature, … }. */
export function draftOf<T>(
  tbs: Uint8Array,
  { signatureName, signer }: DraftSigner,
  parse: (der: Uint8Array) => T,
  ...after: readonly Uint8Array[]
): Draft<T> {
  const algorithm = encodeSignatureAlgorithm(signatureName);
  return {
    signatureName,
    tbs,
    get signedBy() {
      return signer.publicKey;
    },
    complete: (signature) => parse(sequence(tbs, algorithm, bitString(signature), ...after)),
  };
}

/**
 * Signs with a key in memory, whether or not it is the issuer's: laboratories issue what is wrong.
 * @throws TlsError `misuse` if the provider cannot sign with that key
 */
export const signDraft = <T>(draft: Draft<T>, key: PrivateKeyInfo, provider: Provider): T =>
  draft.complete(signatureOf(draft, key, provider));

/**
 * As {@link signDraft}, and verifies the signature, as authorities do with their own work.
 * @throws TlsError `misuse` also if it is wrong: the key is not the issuer's
 */
export const signAndVerify = <T>(draft: Draft<T>, key: PrivateKeyInfo, provider: Provider): T =>
  completeVerified(draft, signatureOf(draft, key, provider), provider);

function signatureOf<T>(draft: Draft<T>, key: PrivateKeyInfo, provider: Provider): Uint8Array {
  const algorithm = provider.signatures[draft.signatureName];
  const sign = algorithm && signerOf(key, algorithm);
  if (sign === undefined) throw cannotSign(key, provider);
  return sign(draft.tbs);
}

/**
 * Signs with a key that is elsewhere, and verifies what came from there.
 * @throws TlsError `misuse` if the signer has no scheme for the draft's algorithm, or the signature is
 *   wrong: by another key, or in another form
 */
export async function signDraftWith<T>(
  draft: Draft<T>,
  signer: Signer,
  provider: Provider,
): Promise<T> {
  const scheme = signer.schemes.find((each) => signatureNameIn(each) === draft.signatureName);
  if (scheme === undefined) {
    throw new TlsError("misuse", "the signer does not sign with this algorithm", {
      expected: signer.schemes.map(signatureNameIn).join(", "),
      received: draft.signatureName,
    });
  }
  return completeVerified(draft, await signer.sign(scheme, draft.tbs), provider);
}

function completeVerified<T>(draft: Draft<T>, signature: Uint8Array, provider: Provider): T {
  const { signatureName, tbs, signedBy } = draft;
  const signed = {
    der: tbs,
    tbs,
    signatureAlgorithm: signatureName,
    signatureOid: signatureName,
    signature,
  };
  if (hasRightSignature(signed, signedBy, provider, "signature")) return draft.complete(signature);
  throw new TlsError("misuse", "the signature is not one of the issuer's key", {
    expected: `${signatureName}, in DER for ECDSA, by the key of the issuer's certificate`,
    received: `${signature.length} bytes`,
    where: "signature",
  });
}
