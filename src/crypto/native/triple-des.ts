import * as crypto from "node:crypto";

/** 3DES in CBC mode, for files that older programs have encrypted. @throws Error for a wrong padding */
export function openTripleDes(key: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const decipher = crypto.createDecipheriv("des-ede3-cbc", key, iv);
  return Uint8Array.from(Buffer.concat([decipher.update(ciphertext), decipher.final()]));
}
