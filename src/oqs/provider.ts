import { importing } from "../crypto/exchange-kem.ts";
import {
  type Kem,
  noble,
  type Provider,
  type SignatureAlgorithm,
  type SlhDsaName,
  type SubjectKeyType,
  slhDsaNames,
} from "../crypto/index.ts";
import { encapsulationKeyIn, type MlKemName, mlKems } from "../crypto/noble/kem.ts";
import { decapsulationKeyLength, kemSeedLength } from "../crypto/parameters.ts";
import * as check from "../registry/check.ts";
import type { OqsKem, OqsSignature } from "./catalogue.ts";
import { oqsKem, oqsKeyPair } from "./kem.ts";
import { algorithmOf, isKem, loadModules, type OqsOptions, oqsTable } from "./load.ts";
import type { OqsModule } from "./module.ts";
import { exactly } from "./own-key.ts";
import { signing } from "./signature.ts";

/** The KEMs and signatures that liboqs fills slots with: FIPS 203, 204 and 205. */
export type OqsSlot =
  | "ML-KEM-512"
  | "ML-KEM-768"
  | "ML-KEM-1024"
  | "ML-DSA-44"
  | "ML-DSA-65"
  | "ML-DSA-87"
  | SlhDsaName;

/** Which slots, over what, and where liboqs is. */
export interface OqsProviderOptions extends Pick<OqsOptions, "from"> {
  /** What fills all other slots, and makes keys. Default: `noble`. */
  readonly base?: Provider;
  /** Each is a module of 8.5 MB. Default: all of ML-KEM, ML-DSA and SLH-DSA. */
  readonly slots?: readonly OqsSlot[];
}

const latticeSignatures = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"] as const;

/** All that liboqs can fill. */
export const oqsSlots: readonly OqsSlot[] = [
  ...(Object.keys(mlKems) as MlKemName[]),
  ...latticeSignatures,
  ...slhDsaNames,
];

const providerTable = {
  from: oqsTable.from,
  base: check.like("a provider, such as noble", "signatures", "kems"),
  slots: check.listOf(check.oneOf(...oqsSlots)),
} satisfies check.OptionTable<OqsProviderOptions>;

/**
 * A provider whose ML-KEM, ML-DSA and SLH-DSA are liboqs's, in WebAssembly: seven to sixteen times as fast as noble's,
 * and at home in pages too. These slots draw their randomness from the platform, whatever source the base has. The modules
 * live as long as the provider is used.
 * @throws TlsError `misuse` for a package that is not installed or not whole
 */
export async function oqsProvider(options: OqsProviderOptions = {}): Promise<Provider> {
  check.checkOptions("oqsProvider", options, providerTable);
  const { base = noble, slots = oqsSlots, ...where } = options;
  const { modules } = await loadModules([...new Set(slots)].map(algorithmOf), where);
  const kems = modules.filter(isKem).map(kemSlot);
  const signatures = (modules.filter((module) => !isKem(module)) as OqsModule<OqsSignature>[]).map(
    (module) => ({ module, slot: signatureSlot(module) }),
  );
  const makers = new Map<SubjectKeyType, OqsModule>(
    signatures.flatMap(({ module, slot }) =>
      // Of a key of ML-DSA that liboqs makes nobody knows the seed, which RFC 9881 §6 has one keep
      slot.name.startsWith("SLH-DSA") ? [[slot.keyTypes[0]!, module]] : [],
    ),
  );
  return {
    ...base,
    name: `${base.name} with liboqs`,
    kems: { ...base.kems, ...byName(kems) },
    signatures: { ...base.signatures, ...byName(signatures.map(({ slot }) => slot)) },
    generateKey(type) {
      const module = makers.get(type);
      if (module === undefined) return base.generateKey(type);
      const { publicKey, secretKey } = module.generateKey();
      return { type, publicKey, privateKey: secretKey };
    },
  };
}

/** Seeds and messages that are given go by noble, which takes them; what the peer sends goes by liboqs. */
function kemSlot(module: OqsModule<OqsKem>): Kem {
  const name = module.algorithm.name as MlKemName;
  const { encapsulateWith } = noble.kems[name];
  return {
    ...oqsKem(module),
    importKeyPair(key) {
      const length = decapsulationKeyLength(name);
      if (key.length === length) {
        return importing(name, length, key, () =>
          oqsKeyPair(module, encapsulationKeyIn(name, key), key.slice()),
        );
      }
      return importing(name, kemSeedLength, key, () => {
        const { publicKey, secretKey } = mlKems[name].keygen(key);
        return oqsKeyPair(module, publicKey, secretKey);
      });
    },
    ...(encapsulateWith && { encapsulateWith }),
  };
}

function signatureSlot(module: OqsModule<OqsSignature>): SignatureAlgorithm {
  const name = module.algorithm.name as Exclude<OqsSlot, MlKemName>;
  const { secretKey } = module.algorithm;
  const secretKeyOf = (key: Uint8Array): Uint8Array =>
    exactly(secretKey, key, `${name} private key`);
  return signing(module, { name, keyType: name, secretKeyOf });
}

const byName = <T extends { readonly name: string }>(slots: readonly T[]) =>
  Object.fromEntries(slots.map((slot) => [slot.name, slot]));
