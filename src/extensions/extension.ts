import { type ExtensionName, ExtensionType } from "../registry/index.ts";
import type { Codec } from "../wire/index.ts";

/** The messages that carry extensions (RFC 9846 §4.3). */
export type ExtensionContext =
  | "client_hello"
  | "server_hello"
  | "hello_retry_request"
  | "encrypted_extensions"
  | "certificate"
  | "certificate_request"
  | "new_session_ticket";

/** One extension: its number, and for each message in which it is legal how its data reads. */
export interface Extension<
  N extends ExtensionName = ExtensionName,
  B extends Partial<Record<ExtensionContext, Codec<unknown>>> = Partial<
    Record<ExtensionContext, Codec<unknown>>
  >,
> {
  readonly name: N;
  readonly type: number;
  readonly bodies: B;
}

export function extension<
  const N extends ExtensionName,
  const B extends Partial<Record<ExtensionContext, Codec<unknown>>>,
>(name: N, bodies: B): Extension<N, B> {
  return { name, type: ExtensionType[name], bodies };
}
