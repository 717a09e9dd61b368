/** The codes of `node:tls` for the engine's errors. */
import { type Certificate, NoPath, sameName } from "../../identity/index.ts";
import type { ErrorCode, TlsError } from "../../registry/index.ts";

/** OpenSSL's name for what went wrong, as Node gives it; `EPROTO` where it has none. */
export function nodeCodeOf(error: TlsError): string {
  if (error.code === "peer_alert") return alertCode(error.detail.received) ?? "EPROTO";
  if (error instanceof NoPath) return codeOfChain(error.chain);
  if (error.code === "certificate_expired" && error.message.startsWith("not valid yet")) {
    return "CERT_NOT_YET_VALID";
  }
  return codes[error.code];
}

const codes: Readonly<Record<Exclude<ErrorCode, "peer_alert">, string>> = {
  // The peer's bytes and messages
  malformed: "EPROTO",
  unexpected_message: "ERR_SSL_UNEXPECTED_MESSAGE",
  illegal_parameter: "EPROTO",
  missing_extension: "EPROTO",
  unsupported_extension: "ERR_SSL_UNSOLICITED_EXTENSION",
  bad_key_share: "ERR_SSL_BAD_KEY_SHARE",
  message_too_long: "ERR_SSL_EXCESSIVE_MESSAGE_SIZE",
  // Records
  bad_record_mac: "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
  record_overflow: "ERR_SSL_DATA_LENGTH_TOO_LONG",
  bad_record: "ERR_SSL_WRONG_VERSION_NUMBER",
  too_many_records: "EPROTO",
  too_many_key_updates: "ERR_SSL_TOO_MANY_KEY_UPDATES",
  // Negotiation
  protocol_version: "ERR_SSL_UNSUPPORTED_PROTOCOL",
  downgrade: "ERR_SSL_INAPPROPRIATE_FALLBACK",
  inappropriate_fallback: "ERR_SSL_INAPPROPRIATE_FALLBACK",
  no_common_cipher_suite: "ERR_SSL_NO_SHARED_CIPHER",
  no_common_group: "ERR_SSL_NO_SUITABLE_KEY_SHARE",
  no_common_signature_scheme: "ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM",
  no_application_protocol: "ERR_SSL_NO_APPLICATION_PROTOCOL",
  unrecognized_name: "ERR_SSL_CALLBACK_FAILED",
  insufficient_security: "EPROTO",
  // Authentication
  bad_signature: "ERR_SSL_BAD_SIGNATURE",
  bad_finished: "ERR_SSL_DIGEST_CHECK_FAILED",
  bad_binder: "ERR_SSL_BINDER_DOES_NOT_VERIFY",
  certificate_required: "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE",
  empty_certificate: "EPROTO",
  bad_certificate: "CERT_REJECTED",
  unsupported_certificate: "INVALID_PURPOSE",
  certificate_expired: "CERT_HAS_EXPIRED",
  certificate_revoked: "CERT_REVOKED",
  certificate_unknown: "CERT_UNTRUSTED",
  bad_certificate_status: "CERT_REJECTED",
  unknown_ca: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  wrong_name: "ERR_TLS_CERT_ALTNAME_INVALID",
  access_denied: "CERT_REJECTED",
  // Ends that are nobody's crime
  truncated: "ECONNRESET",
  canceled: "ECONNRESET",
  timeout: "ERR_TLS_HANDSHAKE_TIMEOUT",
  early_data_refused: "EPROTO",
  // Ours
  misuse: "ERR_INVALID_ARG_VALUE",
  internal: "EPROTO",
};

/** What OpenSSL calls a chain that ends at nobody who is trusted. */
function codeOfChain(chain: readonly Certificate[]): string {
  const path = chain.slice(0, 1);
  for (let last = path[0]; last !== undefined && !isSelfIssued(last); last = path.at(-1)) {
    const { issuer } = last;
    const next = chain.find((each) => sameName(each.subject, issuer) && !path.includes(each));
    if (next === undefined) {
      return path.length === 1
        ? "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
        : "UNABLE_TO_GET_ISSUER_CERT_LOCALLY";
    }
    path.push(next);
  }
  return path.length === 1 ? "DEPTH_ZERO_SELF_SIGNED_CERT" : "SELF_SIGNED_CERT_IN_CHAIN";
}

const isSelfIssued = ({ subject, issuer }: Certificate): boolean => sameName(subject, issuer);

/** OpenSSL's name for an alert that came: `ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED`. */
function alertCode(received: string | undefined): string | undefined {
  const alert = /^alert ([a-z0-9_]+) /.exec(received ?? "")?.[1];
  if (alert === undefined) return undefined;
  const words = alert.toUpperCase();
  if (words === "CERTIFICATE_REQUIRED") return `ERR_SSL_TLSV13_ALERT_${words}`;
  // OpenSSL has the alerts of SSL 3.0 under its name, and later ones under that of TLS 1.0
  return ssl3.has(alert) ? `ERR_SSL_SSLV3_ALERT_${words}` : `ERR_SSL_TLSV1_ALERT_${words}`;
}

const ssl3 = new Set([
  "unexpected_message",
  "bad_record_mac",
  "handshake_failure",
  "bad_certificate",
  "unsupported_certificate",
  "certificate_revoked",
  "certificate_expired",
  "certificate_unknown",
  "illegal_parameter",
]);
