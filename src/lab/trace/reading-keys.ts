import type { MessageType } from "../../messages/index.ts";
import type { EpochName } from "../../record/index.ts";
import type { Role } from "../../schedule/index.ts";

/** What is in a record. */
export interface Opened {
  /** ContentType; of a protected record the inner one. */
  readonly type: number;
  readonly content: Uint8Array;
}

/** The keys of both directions, as somebody follows them who reads what the ends send. */
export interface ReadingKeys {
  /** Of the last record that was opened. */
  epochOf(from: Role): EpochName;
  /** `undefined` for what cannot be read. */
  open(from: Role, record: Uint8Array): Opened | undefined;
  /** Whether {@link find} may find something. Absent: nothing is ever found. */
  canFind?(from: Role): boolean;
  /** Opens a record of which nobody knows how many came before, and goes on behind it; `undefined` if that cannot be done. */
  find?(from: Role, record: Uint8Array): Opened | undefined;
  /** An end is about to have sent this message: what a hello says is known from now on. */
  reads(from: Role, type: MessageType | undefined, raw: Uint8Array): void;
  /** An end has sent this message: its keys change behind it. */
  read(from: Role, type: MessageType | undefined): void;
}

/** TLSInnerPlaintext (RFC 9846 §5.2): the content type is the last byte that is not zero. */
export function withoutPadding(inner: Uint8Array): Opened {
  const end = inner.findLastIndex((byte) => byte !== 0);
  return { type: inner[end] ?? 0, content: inner.slice(0, Math.max(0, end)) };
}
