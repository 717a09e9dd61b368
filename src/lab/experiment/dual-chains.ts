/**
 * Two chains in one handshake, a classical and a post-quantum one, whose leaves both sign
 * (draft-yusef-tls-pqt-dual-certs-03). Both stand in one Certificate message, and both signatures in one
 * CertificateVerify under a code point of its own. Whoever receives them verifies both chains and both signatures.
 *
 * A model in two respects, and therefore called size only: both signatures are over the whole transcript, and what the
 * engine would refuse, the three zero bytes between the chains, are three characters more in the second leaf's subject.
 */
import { algorithmOf, type PublicKeyInfo, type Provider, type Scheme } from "../../crypto/index.ts";
import type { Signer } from "../../identity/index.ts";
import { isThenable, type PeerIdentity, type VerifyPeer } from "../../handshake/index.ts";
import { TlsError } from "../../registry/index.ts";
import { concat, toHex } from "../../wire/index.ts";

/** Of the range for private use: none is assigned yet. */
export const dualCode = 0xfe31;
/** Where nobody registers (ITU-T X.667). */
const dualOid = "2.25.3";
/** In place of the delimiter. */
export const delimiter = " PQ";

/** As the draft names a pair. */
export const dualName = (first: string, second: string): string => `${first}_${second}`;

/** Signs with both keys, which are in memory. */
export function dualSigner(scheme: Scheme, first: Signer, second: Signer): Signer {
  const signed = (signer: Signer, message: Uint8Array): Uint8Array =>
    signer.sign(signer.schemes[0]!, message) as Uint8Array;
  return {
    backend: first.backend,
    schemes: [scheme],
    sign: (_, message) => dualSignature(signed(first, message), signed(second, message)),
  };
}

/** opaque first<0..2^16-1>, and the second to the end (§5.3). */
const dualSignature = (first: Uint8Array, second: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(first.length >> 8, first.length & 0xff), first, second);

/** Both signatures of a CertificateVerify. */
export function dualParts(signature: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const [high = 0, low = 0] = signature;
  const end = 2 + high * 256 + low;
  return [signature.subarray(2, end), signature.subarray(end)];
}

/** How one end takes dual chains: the second keys of those whose chains it verified, by their first. */
export class DualChains {
  readonly #seconds = new Map<string, PublicKeyInfo>();

  /**
   * A scheme whose signatures are one of each of two schemes.
   * @param provider what verifies them
   */
  scheme(first: Scheme, second: Scheme, provider: Provider): Scheme {
    const [one, other] = [algorithmOf(first, provider), algorithmOf(second, provider)];
    return {
      name: dualName(first.name, second.name),
      code: dualCode,
      keyType: first.keyType,
      inHandshake: true,
      postQuantum: first.postQuantum || second.postQuantum,
      algorithm: {
        name: dualOid,
        backend: one.backend,
        keyTypes: [first.keyType],
        verifier: (key) => {
          const secondKey = this.#seconds.get(toHex(key.key));
          if (secondKey === undefined) return () => false;
          const [verifyFirst, verifySecond] = [one.verifier(key), other.verifier(secondKey)];
          return (message, signature) => {
            const parts = dualParts(signature);
            return verifyFirst(message, parts[0]) && verifySecond(message, parts[1]);
          };
        },
      },
    };
  }

  /**
   * Verifies both chains, each against its own anchors.
   * @param length certificates of the first
   */
  verifier(length: number, first: VerifyPeer, second: VerifyPeer): VerifyPeer {
    return (question) => {
      const [one, other] = [question.chain.slice(0, length), question.chain.slice(length)];
      const identity = atOnce(first({ ...question, chain: one }));
      // A session remembers the paths that were found
      if (!question.resumed) atOnce(second({ ...question, ocspResponse: undefined, chain: other }));
      this.#seconds.set(toHex(one[0]!.publicKey.key), other[0]!.publicKey);
      return { ...identity, chain: question.chain };
    };
  }
}

/** Verifiers of the laboratory do; what nobody awaits would verify nothing. */
function atOnce(answer: ReturnType<VerifyPeer>): PeerIdentity {
  if (isThenable(answer)) throw new TlsError("misuse", "a verifier of dual chains answers later");
  return answer;
}
