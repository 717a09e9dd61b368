/**
 * An extension has one room: its file says how it is written, in which messages it is legal, when it is
 * offered, how it is answered, and what is checked, with the section of each rule. The roles in
 * `src/handshake/` say when; here stands what.
 */
import { type ExtensionName, ExtensionType } from "../registry/index.ts";
import type { Codec, ValueOf } from "../wire/index.ts";

/** The messages that carry extensions (RFC 9846 §4.3). */
export type ExtensionContext =
  | "client_hello"
  | "server_hello"
  | "hello_retry_request"
  | "encrypted_extensions"
  | "certificate"
  | "certificate_request"
  | "new_session_ticket";

type Bodies = Partial<Record<ExtensionContext, Codec<unknown>>>;

type BodyOf<B extends Bodies, C extends ExtensionContext> = C extends keyof B
  ? B[C] extends Codec<unknown>
    ? ValueOf<B[C]>
    : never
  : never;

/**
 * What an end says in an extension; `undefined`: nothing, it is left out. Each names in the type of its
 * parameters the part of the configuration that it reads: `never` stands for all of them.
 */
export interface Sayings<B extends Bodies = Bodies> {
  /** A client in its ClientHello, by the configuration and by what changes between two ClientHellos. */
  readonly offer?: (config: never, terms: never) => BodyOf<B, "client_hello"> | undefined;
  /** A server in EncryptedExtensions, to what the client offered, by the configuration and what was chosen. */
  readonly answer?: (
    offered: never,
    config: never,
    chosen: never,
  ) => BodyOf<B, "encrypted_extensions"> | undefined;
  /** A server in its CertificateRequest. */
  readonly request?: (config: never) => BodyOf<B, "certificate_request"> | undefined;
  /** Either end beside its certificate, if the peer asked. */
  readonly present?: (credential: never) => BodyOf<B, "certificate"> | undefined;
  /** It may differ in the ClientHello after a HelloRetryRequest, or come and go (RFC 9846 §4.2.2). */
  readonly mayChange?: true;
}

/** One extension: its number, and for each message in which it is legal how its data reads. */
export interface Extension<N extends ExtensionName = ExtensionName, B extends Bodies = Bodies> {
  readonly name: N;
  readonly type: number;
  readonly bodies: B;
  readonly mayChange?: true;
}

export function extension<
  const N extends ExtensionName,
  const B extends Bodies,
  const S extends Sayings<B> = Record<never, never>,
>(name: N, bodies: B, sayings?: S): Extension<N, B> & S {
  return { name, type: ExtensionType[name], bodies, ...sayings } as Extension<N, B> & S;
}
