/** IANA names and numbers, members verbatim. */

/** ContentType (RFC 9846 §5.1). */
export const ContentType = {
  change_cipher_spec: 20,
  alert: 21,
  handshake: 22,
  application_data: 23,
} as const;

/** HandshakeType (RFC 9846 §4, Appendix B.3; kem_encapsulation: draft-celi-wiggers-tls-authkem-07 §4.2). */
export const HandshakeType = {
  client_hello: 1,
  server_hello: 2,
  new_session_ticket: 4,
  end_of_early_data: 5,
  encrypted_extensions: 8,
  certificate: 11,
  certificate_request: 13,
  certificate_verify: 15,
  finished: 20,
  key_update: 24,
  compressed_certificate: 25,
  kem_encapsulation: 30,
  message_hash: 254,
} as const;

/** ProtocolVersion, as it stands in supported_versions and the legacy fields. */
export const ProtocolVersion = {
  "SSL 3.0": 0x0300,
  "TLS 1.0": 0x0301,
  "TLS 1.1": 0x0302,
  "TLS 1.2": 0x0303,
  "TLS 1.3": 0x0304,
} as const;

/** CipherSuite (RFC 9846 Appendix B.4), and the two signalling values that a TLS 1.3 stack meets. */
export const CipherSuite = {
  TLS_AES_128_GCM_SHA256: 0x1301,
  TLS_AES_256_GCM_SHA384: 0x1302,
  TLS_CHACHA20_POLY1305_SHA256: 0x1303,
  TLS_AES_128_CCM_SHA256: 0x1304,
  TLS_AES_128_CCM_8_SHA256: 0x1305,
  TLS_EMPTY_RENEGOTIATION_INFO_SCSV: 0x00ff,
  TLS_FALLBACK_SCSV: 0x5600,
} as const;

/**
 * ExtensionType (RFC 9846 §4.3 and the registry of RFC 9847). stored_auth_key and early_auth have no numbers yet
 * (draft-wiggers-tls-authkem-psk-05 §4.2): these are of our choice, from the range for private use.
 */
export const ExtensionType = {
  server_name: 0,
  max_fragment_length: 1,
  status_request: 5,
  supported_groups: 10,
  signature_algorithms: 13,
  use_srtp: 14,
  heartbeat: 15,
  application_layer_protocol_negotiation: 16,
  signed_certificate_timestamp: 18,
  client_certificate_type: 19,
  server_certificate_type: 20,
  padding: 21,
  extended_main_secret: 23,
  compress_certificate: 27,
  record_size_limit: 28,
  delegated_credential: 34,
  pre_shared_key: 41,
  early_data: 42,
  supported_versions: 43,
  cookie: 44,
  psk_key_exchange_modes: 45,
  certificate_authorities: 47,
  oid_filters: 48,
  post_handshake_auth: 49,
  signature_algorithms_cert: 50,
  key_share: 51,
  transparency_info: 52,
  external_id_hash: 55,
  external_session_id: 56,
  quic_transport_parameters: 57,
  ticket_request: 58,
  ech_outer_extensions: 0xfd00,
  encrypted_client_hello: 0xfe0d,
  renegotiation_info: 0xff01,
  stored_auth_key: 0xff5b,
  early_auth: 0xff5c,
} as const;

/** NamedGroup (RFC 9846 §4.3.7, RFC 10024, draft-ietf-tls-mlkem). */
export const NamedGroup = {
  secp256r1: 0x0017,
  secp384r1: 0x0018,
  secp521r1: 0x0019,
  x25519: 0x001d,
  x448: 0x001e,
  MLKEM512: 0x0200,
  MLKEM768: 0x0201,
  MLKEM1024: 0x0202,
  SecP256r1MLKEM512: 0x11e9,
  MLKEM512X25519: 0x11ea,
  SecP256r1MLKEM768: 0x11eb,
  X25519MLKEM768: 0x11ec,
  SecP384r1MLKEM1024: 0x11ed,
} as const;

/**
 * SignatureScheme (RFC 9846 §4.3.3, RFC 9963, draft-ietf-tls-mldsa; SLH-DSA: an individual draft). Those from 0xfe01 on
 * are not signatures: they authenticate by KEM (draft-celi-wiggers-tls-authkem-07, which assigns the first; the others
 * are of our choice).
 */
export const SignatureScheme = {
  rsa_pkcs1_sha256: 0x0401,
  rsa_pkcs1_sha384: 0x0501,
  rsa_pkcs1_sha512: 0x0601,
  rsa_pkcs1_sha256_legacy: 0x0420,
  rsa_pkcs1_sha384_legacy: 0x0520,
  rsa_pkcs1_sha512_legacy: 0x0620,
  ecdsa_secp256r1_sha256: 0x0403,
  ecdsa_secp384r1_sha384: 0x0503,
  ecdsa_secp521r1_sha512: 0x0603,
  rsa_pss_rsae_sha256: 0x0804,
  rsa_pss_rsae_sha384: 0x0805,
  rsa_pss_rsae_sha512: 0x0806,
  ed25519: 0x0807,
  ed448: 0x0808,
  rsa_pss_pss_sha256: 0x0809,
  rsa_pss_pss_sha384: 0x080a,
  rsa_pss_pss_sha512: 0x080b,
  mldsa44: 0x0904,
  mldsa65: 0x0905,
  mldsa87: 0x0906,
  slhdsa_sha2_128s: 0x0911,
  slhdsa_sha2_128f: 0x0912,
  slhdsa_sha2_192s: 0x0913,
  slhdsa_sha2_192f: 0x0914,
  slhdsa_sha2_256s: 0x0915,
  slhdsa_sha2_256f: 0x0916,
  slhdsa_shake_128s: 0x0917,
  slhdsa_shake_128f: 0x0918,
  slhdsa_shake_192s: 0x0919,
  slhdsa_shake_192f: 0x091a,
  slhdsa_shake_256s: 0x091b,
  slhdsa_shake_256f: 0x091c,
  dhkem_x25519_sha256: 0xfe01,
  kem_mlkem768: 0xfe02,
  kem_mlkem1024: 0xfe03,
  kem_mlkem512: 0xfe04,
} as const;

/** PskKeyExchangeMode (RFC 9846 §4.3.9). */
export const PskKeyExchangeMode = { psk_ke: 0, psk_dhe_ke: 1 } as const;

/** CertificateType (RFC 7250). */
export const CertificateType = { X509: 0, RawPublicKey: 2 } as const;

/** CertificateCompressionAlgorithm (RFC 8879 §7.3). */
export const CertificateCompressionAlgorithm = { zlib: 1, brotli: 2, zstd: 3 } as const;

/** KeyUpdateRequest (RFC 9846 §4.7.3). */
export const KeyUpdateRequest = { update_not_requested: 0, update_requested: 1 } as const;

export type HandshakeTypeName = keyof typeof HandshakeType;
export type ExtensionName = keyof typeof ExtensionType;

/** Of two bytes: a value that means nothing, 0x0a0a, 0x1a1a … 0xfafa (RFC 8701 §2). */
export const isGrease = (value: number): boolean =>
  (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
export type CipherSuiteName = keyof typeof CipherSuite;
export type NamedGroupName = keyof typeof NamedGroup;
export type SignatureSchemeName = keyof typeof SignatureScheme;

const reversed = new WeakMap<object, Map<number, string>>();

/** The name of a number in one of these tables, or `0x…` where it has none. */
export function nameOf(table: Readonly<Record<string, number>>, value: number, digits = 4): string {
  let names = reversed.get(table);
  if (names === undefined) {
    names = new Map(Object.entries(table).map(([name, number]) => [number, name]));
    reversed.set(table, names);
  }
  return names.get(value) ?? `0x${value.toString(16).padStart(digits, "0")}`;
}
