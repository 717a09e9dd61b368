/** A leaf whose key encapsulates: AuthKEM in an experiment. */
import { isKemKeyType, type KemScheme, kemSchemes, type Provider } from "../../crypto/index.ts";
import {
  createDecapsulator,
  type Decapsulator,
  encodePrivateKey,
  encodePublicKey,
} from "../../identity/index.ts";
import type { PrivateKeyInfo, PublicKeyInfo } from "../../crypto/provider.ts";
import type { KemSize } from "../sizes/index.ts";
import { countedKem, type OperationLog } from "./operations.ts";
import { standInKem } from "./stand-in.ts";

/** Of the range for private use, where a size stands in. */
const standInCode = 0xfe30;
/** Where nobody registers (ITU-T X.667). */
const standInType = "2.25.2";

/** How such a leaf proves itself to one end; a size that stands in is counted there. */
export function kemSchemeFor(size: KemSize, provider: Provider, log?: OperationLog): KemScheme {
  const known = kemSchemes.find(({ keyType }) => keyType === size.name);
  if (known !== undefined) return known;
  const kem = standInKem(size, provider.random);
  return {
    name: size.name,
    code: standInCode,
    keyType: standInType,
    hpke: {
      kem: { id: 0xffff, kem: log === undefined ? kem : countedKem(kem, log) },
      kdf: "HKDF-SHA256",
      aead: "export-only",
    },
    postQuantum: size.postQuantum,
  };
}

/**
 * @param maker makes the key, which does not count
 * @param own the provider of the end that decapsulates
 */
export function kemLeaf(
  size: KemSize,
  maker: Provider,
  own: { readonly provider: Provider; readonly scheme: KemScheme },
): {
  readonly privateKey: PrivateKeyInfo;
  readonly publicKey: PublicKeyInfo;
  readonly decapsulator: Decapsulator;
} {
  const { keyType } = own.scheme;
  const key = isKemKeyType(keyType)
    ? maker.generateKey(keyType)
    : { type: keyType, publicKey: maker.random(size.publicKey), privateKey: maker.random(32) };
  const privateKey = encodePrivateKey(key);
  return {
    privateKey,
    publicKey: encodePublicKey(keyType, key.publicKey),
    decapsulator: createDecapsulator(privateKey, own.provider, [own.scheme]),
  };
}
