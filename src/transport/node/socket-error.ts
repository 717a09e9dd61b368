/**
 * What sockets fail with. Programs for `node:tls` decide by `code`: whether to try again, or to go on without proof. So
 * that is Node's, and the engine's own error is the `cause`.
 */
import {
  type AlertName,
  type ErrorCode,
  type ErrorDetail,
  TlsError,
} from "../../registry/index.ts";
import { nodeCodeOf } from "./node-codes.ts";

/** TLS has failed on a socket. */
export class TlsSocketError extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "TlsSocketError";
  /** As `node:tls` has it: `UNABLE_TO_VERIFY_LEAF_SIGNATURE`, `ECONNRESET`. */
  readonly code: string;
  /** The engine's error, with a `code` of its own: `unknown_ca`. */
  declare readonly cause: TlsError;

  constructor(cause: TlsError) {
    super(cause.message, { cause });
    this.code = nodeCodeOf(cause);
  }

  /** As of {@link TlsError}: `unknown_ca`. */
  get reason(): ErrorCode {
    return this.cause.code;
  }

  /** The alert that this end sends for it; `undefined` for none. */
  get alert(): AlertName | undefined {
    return this.cause.alert;
  }

  /** As of {@link TlsError}: what was expected, what came, and where. */
  get detail(): ErrorDetail {
    return this.cause.detail;
  }

  /** Which end noticed. */
  get role(): "client" | "server" | undefined {
    return this.cause.role;
  }
}

/** What a socket fails with: TLS, or its transport, as Node tells that (`ECONNREFUSED`). */
export type SocketError = TlsSocketError | NodeJS.ErrnoException;

/** As a socket tells it. */
export const asSocketError = <E extends Error>(error: E): E | TlsSocketError =>
  error instanceof TlsError ? new TlsSocketError(error) : error;

/** The engine's error, where there is one behind this. */
export function tlsErrorOf(error: unknown): TlsError | undefined {
  if (error instanceof TlsError) return error;
  return error instanceof TlsSocketError ? error.cause : undefined;
}
