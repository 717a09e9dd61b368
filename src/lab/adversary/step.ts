/** The language of scenarios: what an attacker does, as data. */
import type { MessageType } from "../../messages/index.ts";
import type { AlertName, SignatureSchemeName } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { CredentialName } from "../plan/credential-names.ts";

/** `sealed` is a record that the adversary cannot open; `alert` and the like are records that it can. */
export type UnitName = MessageType | "alert" | "change_cipher_spec" | "application_data" | "sealed";

/** What travels: a handshake message, or a record of something else. */
export interface Unit {
  /** The end that sent it. */
  readonly from: Role;
  /** Its type: that of the message, or that of the record. */
  readonly name: UnitName;
  /** A message with its header; a record's content; of a sealed record all. */
  readonly raw: Uint8Array;
}

/** A unit by where it comes from: the first of its kind if `nth` is absent. */
export interface Place {
  /** The end that sends it. */
  readonly from: Role;
  /** The message's type, or the record's. */
  readonly on: UnitName;
  /** Which of its kind, from 1; `every`: all of them. */
  readonly nth?: number | "every";
}

/** Numbers may be names of the registry, bytes are hexadecimal. */
export type Value =
  | number
  | string
  | boolean
  | Uint8Array
  | readonly Value[]
  | { readonly [field: string]: Value };

/**
 * A change of one field by its path: `extensions.key_share[0].keyExchange`. A hybrid share has its
 * components as fields: `extensions.key_share[0].keyExchange.x25519`.
 */
export type Edit =
  | { readonly set: string; readonly to: Value }
  | { readonly remove: string }
  /** Puts a value into a list, at the end if `at` is absent. */
  | { readonly insert: string; readonly value: Value; readonly at?: number }
  | { readonly reverse: string }
  /** Exchanges the two components of a hybrid share, wherever they are cut. */
  | { readonly swapParts: string }
  /** Changes bits of one byte, counted from the end if negative. */
  | { readonly flip: string; readonly byte?: number; readonly mask?: number }
  | { readonly fill: string; readonly with: number }
  | { readonly truncate: string; readonly by: number }
  | { readonly extend: string; readonly by: number }
  /** Takes the same field of a message of the earlier connection, or, as a malicious end, of one that was sent before. */
  | { readonly copy: string; readonly fromEarlier: Place };

/** What the adversary sends. */
export type Injection =
  | { readonly message: MessageType; readonly body: { readonly [field: string]: Value } }
  /** A record under the keys of now, if there are any. */
  | {
      readonly record: "alert" | "handshake" | "application_data" | "change_cipher_spec" | number;
      readonly content: string | Uint8Array;
      /** Content type and padding of a protected record, if they are to be others. */
      readonly trailer?: string;
      readonly times?: number;
    }
  | { readonly alert: AlertName }
  | { readonly bytes: string | Uint8Array }
  | { readonly earlier: Place }
  | { readonly seen: Place };

/** A CertificateVerify that the adversary signs anew. */
export interface Signing {
  /** Whose key: of the client, or of a server's credential. Default: the sender's. */
  readonly key?: CredentialName | "client";
  /** What it says that it signed with; it does, if the key can. Default: what the message said. */
  readonly scheme?: SignatureSchemeName;
  /** In whose context (RFC 9846 §4.5.2). Default: the sender's. */
  readonly context?: Role;
}

/** One thing that the attacker does. Exactly one of the actions is given. */
export interface Step extends Place {
  /** Only if the message or record has more bytes than this. */
  readonly longerThan?: number;
  /** Does not deliver it. */
  readonly drop?: true;
  /** Delivers it after that many later units of the same end, or when both are silent. */
  readonly hold?: number;
  /** Delivers it again, so many times. */
  readonly duplicate?: number;
  /** Changes fields of the message, one after the other. */
  readonly edit?: readonly Edit[];
  /** Flips bits of one byte of the message or record, counted from the end if negative. */
  readonly flip?: { readonly byte: number; readonly mask?: number };
  /** Takes bytes off the end; a message's length is put right unless `keepLength`. */
  readonly truncate?: { readonly by: number; readonly keepLength?: true };
  /** Records with so many content bytes, and one with the rest. */
  readonly split?: readonly number[];
  /** Puts these bytes behind it, in the same record. */
  readonly append?: string;
  /** Puts it into one record with the next message. */
  readonly join?: true;
  /** Delivers these before it. */
  readonly before?: readonly Injection[];
  /** Delivers these after it. */
  readonly after?: readonly Injection[];
  /** Delivers these in its place. */
  readonly instead?: readonly Injection[];
  /** Passes it on, and sends these to where it came from. */
  readonly back?: readonly Injection[];
  /** Ends both streams after it. */
  readonly cut?: "before" | "after";
  /** Makes a Finished right again for its receiver. */
  readonly forge?: "finished";
  /** Signs a CertificateVerify anew, over what its receiver has seen. */
  readonly sign?: Signing;
}

/** The names of the actions. */
export const actions = [
  "drop",
  "hold",
  "duplicate",
  "edit",
  "flip",
  "truncate",
  "split",
  "append",
  "join",
  "before",
  "after",
  "instead",
  "back",
  "cut",
  "forge",
  "sign",
] as const;

/** A step in words: `client_hello of the client: drop`. */
export function describeStep(step: Step): string {
  const action = actions.find((name) => step[name] !== undefined) ?? "nothing";
  const nth = step.nth === undefined || step.nth === 1 ? "" : ` ${step.nth}`;
  return `${step.on}${nth} of the ${step.from}: ${action}`;
}
