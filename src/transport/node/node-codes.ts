/** The codes that programs for `node:tls` look for, beside ours. */
import { type ErrorCode, TlsError } from "../../registry/index.ts";

const codes: Readonly<Partial<Record<ErrorCode, string>>> = {
  wrong_name: "ERR_TLS_CERT_ALTNAME_INVALID",
  unknown_ca: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  certificate_expired: "CERT_HAS_EXPIRED",
  certificate_revoked: "CERT_REVOKED",
  bad_certificate: "CERT_REJECTED",
  unsupported_certificate: "INVALID_PURPOSE",
  certificate_unknown: "CERT_UNTRUSTED",
  timeout: "ERR_TLS_HANDSHAKE_TIMEOUT",
  truncated: "ECONNRESET",
  canceled: "ECONNRESET",
  misuse: "ERR_INVALID_ARG_VALUE",
};

/** What an error of a socket of ours has beside what a {@link TlsError} has. */
export interface SocketError extends Error {
  /** Of a {@link TlsError}, or of the transport: `unknown_ca`, `ECONNREFUSED`. */
  readonly code?: string;
  /** The code that `node:tls` has for the same: `UNABLE_TO_VERIFY_LEAF_SIGNATURE`; absent for errors of the transport. */
  readonly nodeCode?: string;
}

/** Gives an error the code of `node:tls` too; `EPROTO` where that has none of its own. */
export function withNodeCode<E extends Error>(error: E): E & SocketError {
  if (error instanceof TlsError && !("nodeCode" in error)) {
    const value =
      error.code === "peer_alert" ? alertCode(error.detail.received) : codes[error.code];
    Object.defineProperty(error, "nodeCode", { value: value ?? "EPROTO" });
  }
  return error;
}

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
