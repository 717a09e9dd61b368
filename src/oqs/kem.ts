import { checkLength } from "../crypto/check.ts";
import { Held } from "../crypto/held.ts";
import { InvalidKemInput, type Kem, type KemKeyPair } from "../crypto/index.ts";
import type { OqsKem } from "./catalogue.ts";
import type { OqsModule } from "./module.ts";

/** A KEM whose work liboqs does. Keys and ciphertexts have the lengths of the catalogue, and nothing else is taken. */
export function oqsKem(module: OqsModule<OqsKem>): Kem & Required<Pick<Kem, "category">> {
  const { name, publicKey, ciphertext, sharedSecret, level } = module.algorithm;
  return {
    backend: module.backend,
    name,
    publicKeyLength: publicKey,
    ciphertextLength: ciphertext,
    sharedSecretLength: sharedSecret,
    postQuantum: true,
    category: level,
    generate() {
      const pair = module.generateKey();
      return oqsKeyPair(module, pair.publicKey, pair.secretKey);
    },
    encapsulate(key) {
      checkLength(name, "encapsulation key", publicKey, key);
      const made = module.encapsulate(key);
      if (made === undefined) throw new InvalidKemInput(`${name} encapsulation key is invalid`);
      return made;
    },
  };
}

/** @param secretKey liboqs's; it is owned, and overwritten when the pair is wiped */
export function oqsKeyPair(
  module: OqsModule<OqsKem>,
  publicKey: Uint8Array,
  secretKey: Uint8Array,
): KemKeyPair {
  const { name, ciphertext: length } = module.algorithm;
  const held = new Held(secretKey);
  return {
    publicKey,
    decapsulate(ciphertext) {
      const key = held.get();
      checkLength(name, "ciphertext", length, ciphertext);
      const secret = module.decapsulate(ciphertext, key);
      // HQC says that a ciphertext is wrong, where others reject it implicitly
      if (secret === undefined) throw new InvalidKemInput(`${name} ciphertext is invalid`);
      return secret;
    },
    wipe: () => void held.wipe(),
  };
}
