import { DecodeError } from "../wire/index.ts";
import type { AlertName } from "./alert.ts";
import { printable } from "./printable.ts";

/**
 * Every way in which a connection can fail, and the alert that tells the peer: the one table from
 * error to alert (RFC 9846 §6.2). `undefined` sends none.
 */
export const alertOf = {
  // The peer's bytes and messages
  malformed: "decode_error",
  unexpected_message: "unexpected_message",
  illegal_parameter: "illegal_parameter",
  missing_extension: "missing_extension",
  unsupported_extension: "unsupported_extension",
  bad_key_share: "illegal_parameter",
  message_too_long: "illegal_parameter",
  // Records
  bad_record_mac: "bad_record_mac",
  record_overflow: "record_overflow",
  bad_record: "unexpected_message",
  too_many_records: "unexpected_message",
  too_many_key_updates: "unexpected_message",
  // Negotiation
  protocol_version: "protocol_version",
  downgrade: "illegal_parameter",
  inappropriate_fallback: "inappropriate_fallback",
  no_common_cipher_suite: "handshake_failure",
  no_common_group: "handshake_failure",
  no_common_signature_scheme: "handshake_failure",
  no_application_protocol: "no_application_protocol",
  unrecognized_name: "unrecognized_name",
  insufficient_security: "insufficient_security",
  // Authentication
  bad_signature: "decrypt_error",
  bad_finished: "decrypt_error",
  bad_binder: "decrypt_error",
  certificate_required: "certificate_required",
  empty_certificate: "decode_error",
  bad_certificate: "bad_certificate",
  unsupported_certificate: "unsupported_certificate",
  certificate_expired: "certificate_expired",
  certificate_revoked: "certificate_revoked",
  certificate_unknown: "certificate_unknown",
  /** A stapled OCSP response is malformed, stale, or signed by somebody who may not. */
  bad_certificate_status: "bad_certificate_status_response",
  unknown_ca: "unknown_ca",
  /** The certificate is valid, but for another name. */
  wrong_name: "bad_certificate",
  access_denied: "access_denied",
  // Ends that are nobody's crime
  peer_alert: undefined,
  truncated: undefined,
  canceled: "user_canceled",
  timeout: "general_error",
  /** The server took another application protocol than early data was written for. */
  early_data_refused: "user_canceled",
  // Ours
  misuse: "internal_error",
  internal: "internal_error",
} as const satisfies Record<string, AlertName | undefined>;

/** What kind of error a {@link TlsError} is. Each has one alert, or none. */
export type ErrorCode = keyof typeof alertOf;

/** What a {@link TlsError} says beside its message. */
export interface ErrorDetail {
  /** What the standard, or the caller's configuration, asks for. */
  readonly expected?: string;
  /** What came instead. */
  readonly received?: string;
  /** The field path, as dumps have it: `client_hello.extensions.key_share[0].keyExchange`. */
  readonly where?: string;
  /** `RFC 9846 §4.3.8`. */
  readonly section?: string;
  /** The rule of a policy that it breaks: `groups`. */
  readonly rule?: string;
  /** The error that led to this one, as `Error.cause`. */
  readonly cause?: unknown;
}

/** The one error that the engine throws. What the peer is told follows from {@link alertOf}. */
export class TlsError extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "TlsError";
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** What was expected, what came, and where. */
  readonly detail: ErrorDetail;
  /** Which end noticed; set by the connection. */
  role: "client" | "server" | undefined;

  /** What peers said in `message` and `detail` is made fit for logs: {@link printable}. */
  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(
      printable(message, longest),
      detail.cause === undefined ? undefined : { cause: detail.cause },
    );
    this.code = code;
    this.detail = printableDetail(detail);
    const { expected, received, where, section } = this.detail;
    if (expected !== undefined) this.message += `; expected ${expected}`;
    if (received !== undefined)
      this.message += `${expected === undefined ? ";" : ","} received ${received}`;
    const place = [where, section].filter((part) => part !== undefined).join(", ");
    if (place !== "") this.message += ` (${place})`;
  }

  /** The alert that this end sends for the error; `undefined` for none. */
  get alert(): AlertName | undefined {
    return alertOf[this.code];
  }
}

/** Characters of each part: a list of all groups or schemes fits. */
const longest = 1024;

function printableDetail(detail: ErrorDetail): ErrorDetail {
  const parts = Object.entries(detail).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === "string" ? printable(value, longest) : value,
  ]);
  return Object.fromEntries(parts) as ErrorDetail;
}

/** Makes any thrown value a {@link TlsError}: malformed input and our own bugs included. */
export function toTlsError(error: unknown, where?: string): TlsError {
  if (error instanceof TlsError) return error;
  if (error instanceof DecodeError) {
    if (where !== undefined) error.within(where);
    return new TlsError("malformed", `malformed message: ${error.message}`, {
      where: error.path,
      section: "RFC 9846 §6.2",
      cause: error,
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  return new TlsError("internal", `internal error: ${text}`, { cause: error });
}
