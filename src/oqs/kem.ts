import { checkLength } from "../crypto/check.ts";
import { Held } from "../crypto/held.ts";
import {
  defineKemScheme,
  InvalidKemInput,
  type Kem,
  type KemKeyPair,
  type KemScheme,
} from "../crypto/index.ts";
import type { OqsKem } from "./catalogue.ts";
import type { OqsModule } from "./module.ts";
import { ownKey } from "./own-key.ts";

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

/** As {@link oqsKem}, with keys for certificates in the form that oqs-provider gives them. */
export function oqsKemWithKeys(module: OqsModule<OqsKem>): Kem {
  const form = ownKey(module.algorithm.name, module.algorithm);
  return {
    ...oqsKem(module),
    generateKey() {
      const pair = module.generateKey();
      return { publicKey: pair.publicKey, privateKey: form.write(pair) };
    },
    importKeyPair(privateKey) {
      const { publicKey, secretKey } = form.read(privateKey);
      return oqsKeyPair(module, publicKey, secretKey);
    },
  };
}

/** The KEM as a way to authenticate, whose keys stand in certificates as they are. */
export const oqsKemScheme = ({ authentication }: OqsKem, kem: Kem): KemScheme =>
  defineKemScheme({
    name: authentication.scheme,
    code: authentication.code,
    keyType: authentication.oid,
    kem,
  });

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
