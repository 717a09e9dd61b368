/** Sizes of TLS 1.3 flights on the wire, from the sizes of keys and signatures. All in bytes. */

/** A record's header, and what protects it: the inner content type and the tag. */
const header = 5;
const protection = header + 1 + 16;
/** What one record may hold (RFC 9846 §5.1). */
const fragment = 16_384;
/** A ServerHello beside its key share: with a session id of 32 bytes, supported_versions and key_share. */
const serverHello = 90;
/** A certificate beside its key and its signature: names, serial, validity, identifiers of algorithms. */
const certificateFrame = 250;
const changeCipherSpec = 6;

export interface CertificateSizes {
  /** Bytes of the subject's public key. */
  readonly key: number;
  /** Bytes of the issuer's signature. */
  readonly signature: number;
}

/** DER of a certificate of those sizes, about. */
export const certificateSize = ({ key, signature }: CertificateSizes): number =>
  certificateFrame + key + signature;

/** ServerHello in its record, and the change_cipher_spec that follows (RFC 9846 Appendix E.4). */
export const helloRecords = (share: number): number[] => [
  header + serverHello + share,
  changeCipherSpec,
];

/** A handshake message in as many protected records as it needs; without the change of keys. */
export function messageRecords(bytes: number): number[] {
  const records: number[] = [];
  for (let rest = bytes; rest > 0; rest -= fragment) {
    records.push(Math.min(rest, fragment) + protection);
  }
  return records;
}

/** Certificate, CertificateVerify and Finished of one end, each in records of its own, as OpenSSL sends them. */
export const authenticationRecords = (
  chain: readonly CertificateSizes[],
  signature: number,
  hash: number,
): number[] => [
  ...messageRecords(
    4 + 1 + 3 + chain.reduce((sum, each) => sum + 3 + certificateSize(each) + 2, 0),
  ),
  ...messageRecords(4 + 2 + 2 + signature),
  ...messageRecords(4 + hash),
];

/** EncryptedExtensions without any. */
export const encryptedExtensions = messageRecords(4 + 2);

export const sum = (sizes: readonly number[]): number =>
  sizes.reduce((total, size) => total + size, 0);
