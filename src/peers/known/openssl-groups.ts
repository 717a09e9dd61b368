/** What OpenSSL calls groups, and whatever takes its names: node:tls, curl. */
export const classical = {
  x25519: "X25519",
  x448: "X448",
  secp256r1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

/** From OpenSSL 3.5 on. */
export const postQuantum = {
  X25519MLKEM768: "X25519MLKEM768",
  SecP256r1MLKEM768: "SecP256r1MLKEM768",
  SecP384r1MLKEM1024: "SecP384r1MLKEM1024",
  MLKEM512: "MLKEM512",
  MLKEM768: "MLKEM768",
  MLKEM1024: "MLKEM1024",
};
