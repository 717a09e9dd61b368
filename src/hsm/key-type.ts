/** Types of key that a token can hold for us. It stands alone: whoever reads these types need not have `pkcs11js`. */
export type TokenKeyType =
  | "secp256r1"
  | "secp384r1"
  | "secp521r1"
  | "ed25519"
  | "rsa"
  | "ML-DSA-44"
  | "ML-DSA-65"
  | "ML-DSA-87";
