import {
  InvalidKemInput,
  type Kem,
  type KemName,
  type Provider,
  suites,
} from "../../crypto/index.ts";
import { concat } from "../../wire/index.ts";
import { type Adapter, Refused, Unsupported } from "./adapter.ts";
import { findByName } from "./end.ts";
import type { GroupFacts } from "./format.ts";
import { deriveBinderKey, deriveExport, deriveSecrets } from "./secrets.ts";

/** Drives the primitives of a provider, with nothing of the engine around them. */
export function providerAdapter(provider: Provider): Adapter {
  const kemsOf = ({ components }: GroupFacts): Kem[] =>
    components.map((name) => provider.kems[name as KemName]);
  return {
    name: provider.name,
    clientShare(group, privateKeys) {
      const kems = kemsOf(group);
      const pairs = kems.map((kem, index) => {
        const pair = kem.importKeyPair?.(privateKeys[index]!);
        if (pair === undefined) throw new Unsupported(`${kem.name} takes no given private keys`);
        return pair;
      });
      return {
        share: concat(...pairs.map(({ publicKey }) => publicKey)),
        sharedSecret(serverShare) {
          const parts = split(serverShare, kems, "ciphertextLength");
          return concat(
            ...pairs.map((pair, index) => judged(() => pair.decapsulate(parts[index]!))),
          );
        },
      };
    },
    serverShare(group, clientShare, randomness) {
      const kems = kemsOf(group);
      const parts = split(clientShare, kems, "publicKeyLength");
      // All parts are judged before the first that cannot be answered is given up
      const answers = kems.map((kem, index) => {
        const [key, given] = [parts[index]!, randomness[index]!];
        if (kem.encapsulateWith !== undefined)
          return judged(() => kem.encapsulateWith!(key, given));
        judged(() => kem.encapsulate(key));
        return undefined;
      });
      const known = answers.filter((answer) => answer !== undefined);
      if (known.length < answers.length) {
        throw new Unsupported("this back end takes no given randomness for ML-KEM");
      }
      return {
        share: concat(...known.map(({ ciphertext }) => ciphertext)),
        sharedSecret: concat(...known.map(({ sharedSecret }) => sharedSecret)),
      };
    },
    secrets: (hash, input) => deriveSecrets(provider.hashes[hash], input),
    binderKey: (hash, psk, origin) => deriveBinderKey(provider.hashes[hash], psk, origin),
    exportKeyingMaterial: (hash, exporter, input) =>
      deriveExport(provider.hashes[hash], exporter, input),
    openRecord({ suite, key, iv, sequence, record }) {
      const aead = provider.aeads[findByName("cipher suite", suites, suite).aead].importKey(key);
      const nonce = iv.slice();
      // RFC 9846 §5.3: the 64-bit sequence number, of which a vector needs 32 bits
      for (let at = 0; at < 4; at++) nonce[11 - at]! ^= sequence >>> (8 * at);
      return aead.open(nonce, record.subarray(0, 5), record.subarray(5));
    },
  };
}

/** @throws Refused for another length */
function split(
  share: Uint8Array,
  kems: readonly Kem[],
  size: "publicKeyLength" | "ciphertextLength",
): Uint8Array[] {
  let end = 0;
  const parts = kems.map((kem) => share.subarray(end, (end += kem[size])));
  if (share.length !== end) throw new Refused(`${share.length} bytes, not ${end}`);
  return parts;
}

function judged<T>(operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof InvalidKemInput) throw new Refused(error.message, { cause: error });
    throw error;
  }
}
