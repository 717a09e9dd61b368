/** Chains that a plan describes by the types of their keys, the same in every run. */
import { createNoble, isKemKeyType, noble, seededRandom } from "../../crypto/index.ts";
import {
  type Certificate,
  createDecapsulator,
  createSigner,
  type Credential,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  KeyPurpose,
  type LocalSigner,
} from "../../identity/index.ts";
import type { ChainKey } from "../plan/credential-names.ts";
import { labName, labTime } from "./lab-pki.ts";

export interface LabChain {
  readonly credential: Credential;
  /** Signs with the leaf's key; absent for one that encapsulates. */
  readonly signer?: LocalSigner;
  /** What a peer has to trust. */
  readonly root: Certificate;
}

const chains = new Map<string, LabChain>();

/** @param keys the leaf's first, the root's last */
export function labChain(keys: readonly ChainKey[]): LabChain {
  const name = keys.join(" ");
  const chain = chains.get(name) ?? makeChain(keys, name);
  chains.set(name, chain);
  return chain;
}

const day = 24 * 60 * 60 * 1000;

function makeChain(keys: readonly ChainKey[], seed: string): LabChain {
  const provider = createNoble({ random: seededRandom(`chain ${seed}`) });
  const pairs = keys.map((type) => {
    const key = provider.generateKey(type);
    return {
      privateKey: encodePrivateKey(key),
      publicKey: encodePublicKey(type, key.publicKey),
    };
  });
  const common = { notBefore: labTime - day, notAfter: labTime + 90 * day, provider };
  const chain: Certificate[] = [];
  // From the root down: each signs the next
  for (let at = pairs.length - 1; at >= 0; at--) {
    const { privateKey, publicKey } = pairs[at]!;
    const [issuer] = chain;
    const issued = {
      publicKey,
      signingKey: pairs[at + 1]?.privateKey ?? privateKey,
      ...(issuer && { issuer }),
    };
    chain.unshift(
      issueCertificate(
        at === 0
          ? {
              ...common,
              ...issued,
              subject: { CN: labName },
              names: { dns: [labName] },
              extendedKeyUsage: [KeyPurpose.serverAuth],
            }
          : {
              ...common,
              ...issued,
              subject: { O: "kemistry", CN: `${keys[at]} authority ${at}` },
              ca: {},
            },
      ),
    );
  }
  const root = chain.pop()!;
  const { privateKey } = pairs[0]!;
  if (isKemKeyType(keys[0]!)) {
    return { credential: { chain, decapsulator: createDecapsulator(privateKey, noble) }, root };
  }
  const signer = createSigner(privateKey, noble);
  return { credential: { chain, signer }, signer, root };
}
