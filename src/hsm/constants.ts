/** The numbers of PKCS#11 3.0 that are used here, and for ML-DSA those of 3.2. */
export const Ckf = { rwSession: 2, serialSession: 4, osLockingOk: 2 } as const;
export const Cku = { user: 1 } as const;
export const Cko = { publicKey: 2, privateKey: 3 } as const;
export const Ckk = { rsa: 0, ec: 3, ecEdwards: 0x40, mlDsa: 0x4a } as const;

export const Cka = {
  class: 0x000,
  token: 0x001,
  private: 0x002,
  label: 0x003,
  value: 0x011,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  encrypt: 0x104,
  decrypt: 0x105,
  wrap: 0x106,
  unwrap: 0x107,
  sign: 0x108,
  signRecover: 0x109,
  verify: 0x10a,
  verifyRecover: 0x10b,
  derive: 0x10c,
  modulus: 0x120,
  modulusBits: 0x121,
  publicExponent: 0x122,
  extractable: 0x162,
  ecParams: 0x180,
  ecPoint: 0x181,
  parameterSet: 0x61d,
} as const;

export const Ckm = {
  rsaKeyPairGen: 0x0000,
  rsaPkcsPss: 0x000d,
  mlDsaKeyPairGen: 0x001c,
  mlDsa: 0x001d,
  ecKeyPairGen: 0x1040,
  ecdsa: 0x1041,
  ecEdwardsKeyPairGen: 0x1055,
  eddsa: 0x1057,
} as const;

/** CKM_SHA*_RSA_PKCS, which hash by themselves. */
export const rsaPkcs = { sha256: 0x40, sha384: 0x41, sha512: 0x42 } as const;

/** CKM_SHA* as the hash of RSASSA-PSS, and CKG_MGF1_SHA*. */
export const pssHashes = {
  sha256: { hashAlg: 0x250, mgf: 2, saltLen: 32 },
  sha384: { hashAlg: 0x260, mgf: 3, saltLen: 48 },
  sha512: { hashAlg: 0x270, mgf: 4, saltLen: 64 },
} as const;
/** pkcs11js's own name for CK_RSA_PKCS_PSS_PARAMS. */
export const pssParameters = 5;
