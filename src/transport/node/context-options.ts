/** What may be said to a context: the engine's options, PEM, and the spellings of `node:tls`. */
import {
  type ClientOptions,
  clientTable,
  earlyDataTable,
  type ServerOptions,
  serverTable,
} from "../../connection/index.ts";
import type { Tickets } from "../../handshake/index.ts";
import type { CertificateInput } from "../../identity/index.ts";
import * as check from "../../registry/check.ts";
import { contents, type CredentialOptions, credentialTable } from "./credentials.ts";
import type { CheckServerIdentity } from "./identity-check.ts";
import type { SniCallback } from "./sni.ts";
import { refusedBy } from "./node-tls.ts";
import { type RotatingTicketOptions, rotatingTicketTable } from "./tickets.ts";
import { isBytes } from "../../wire/index.ts";

/** Certificates and keys as they come from files, and what else `node:tls` calls by other names. */
export interface PemOptions extends CredentialOptions {
  /** Certificates to trust: PEM with any number of them, DER, or a list of these. */
  readonly ca?: CertificateInput;
  /** Revocation lists: PEM with any number of them, DER, or a list. Whoever they do not tell of is refused. */
  readonly crl?: CertificateInput;
  /**
   * `false` goes on with a peer whose certificate is not accepted: `authorized` is then false, and
   * `authorizationError` says why. Default: true.
   */
  readonly rejectUnauthorized?: boolean;
  /** As `alpn`: names, or the list as it is on the wire (RFC 7301 §3.1). */
  readonly ALPNProtocols?: readonly (string | Uint8Array)[] | Uint8Array;
  /** Any: the only version that is spoken is none below it. */
  readonly minVersion?: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";
  /** The only version that is spoken. */
  readonly maxVersion?: "TLSv1.3";
  /** So it is in any case: every certificate in `ca` is an anchor. */
  readonly allowPartialTrustChain?: true;
}

/** Where `ca`, `trust` and `verifyServer` are absent, Node's own root certificates are trusted. */
export interface ClientContextOptions extends Omit<ClientOptions, "onProgress">, PemOptions {
  /**
   * Asked after the chain was verified, in place of the check of the name: an Error refuses the server. It gets
   * the certificate as `getPeerCertificate(true)` of `node:tls` gives it.
   */
  readonly checkServerIdentity?: CheckServerIdentity;
}

/** What a server's connections have in common. */
export interface ServerContextOptions
  extends Omit<ServerOptions, "onProgress" | "tickets" | "earlyData">, PemOptions {
  /** As `clientAuthentication`: `require`, or with `rejectUnauthorized: false` `request`. */
  readonly requestCert?: boolean;
  /**
   * Tells a client by which authorities its certificate must be issued: distinguished names in DER (RFC 9846 §4.3.4).
   * Default: those in `ca`, as in `node:tls`, if they take at most 4096 bytes together, and without an `SNICallback` or
   * `identityFor`. An empty list: nobody is told.
   */
  readonly certificateAuthorities?: readonly Uint8Array[];
  /**
   * As `identityFor`, in the form of `node:tls`: gives to `done` a context for the name that a client asks for,
   * of which certificates, keys and trust count; without one the server answers as itself. An error refuses the
   * client with `unrecognized_name`.
   */
  readonly SNICallback?: SniCallback;
  /**
   * As `selectProtocol`, in the form of `node:tls`: chooses one of the client's protocols; `undefined` refuses it with
   * `no_application_protocol`.
   */
  readonly ALPNCallback?: (offered: {
    readonly servername: string;
    readonly protocols: readonly string[];
  }) => string | undefined;
  /** As `suitePreference`: `true` is `server`, `false` is `client`. */
  readonly honorCipherOrder?: boolean;
  /**
   * Makes tickets, so that clients can resume. `true`: sealed under keys of this process, which change
   * every 12 hours, and of which two old ones still open; options change that. Default: true.
   */
  readonly tickets?: boolean | RotatingTicketOptions | Tickets;
  /**
   * Takes 0-RTT data, each once. `true`: at most 16 384 bytes, and what was used is remembered in this
   * process, which must then be the only one that takes its tickets. Default: refused.
   */
  readonly earlyData?: true | Partial<NonNullable<ServerOptions["earlyData"]>>;
}

export const pemTable = {
  ...credentialTable,
  ca: contents,
  crl: contents,
  rejectUnauthorized: check.flag,
  ALPNProtocols: check.either(
    isBytes,
    check.bytes,
    check.listOf(check.either(isBytes, check.bytes, check.text)),
  ),
  minVersion: check.oneOf("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
  maxVersion: check.oneOf("TLSv1.3"),
  allowPartialTrustChain: (value, where) => {
    if (value !== true) throw new RangeError(`${where} can only be true: ${anchors}`);
  },
} satisfies check.OptionTable<PemOptions>;
const anchors = "every certificate in `ca` is an anchor; leave those out that are none";

const { onProgress: _, ...client } = clientTable;
export const clientContextTable = {
  ...refusedBy("client"),
  ...client,
  ...pemTable,
  checkServerIdentity: check.callable,
} satisfies check.OptionTable<ClientContextOptions>;

const { onProgress: __, ...server } = serverTable;
export const serverContextTable = {
  ...refusedBy("server"),
  ...server,
  ...pemTable,
  requestCert: check.flag,
  SNICallback: check.callable,
  ALPNCallback: check.callable,
  honorCipherOrder: check.flag,
  tickets: check.either(
    (value) => typeof value === "boolean",
    check.flag,
    check.either(
      (value) => typeof value === "object" && value !== null && "issue" in value,
      server.tickets,
      check.options(rotatingTicketTable),
    ),
  ),
  earlyData: check.either((value) => value === true, check.flag, check.options(earlyDataTable)),
} satisfies check.OptionTable<ServerContextOptions>;

/** Options that say the same: one of each is enough, and two could differ. */
export const synonyms: readonly (readonly string[])[] = [
  ["ca", "trust"],
  ["crl", "revocation"],
  ["ALPNProtocols", "alpn"],
  ["requestCert", "clientAuthentication"],
  ["honorCipherOrder", "suitePreference"],
  ["SNICallback", "identityFor"],
  ["ALPNCallback", "selectProtocol"],
  ["ALPNCallback", "ALPNProtocols"],
  ["ALPNCallback", "alpn"],
  ["checkServerIdentity", "verifyServer"],
  ["servername", "serverName"],
];

/** @throws TypeError for two that say the same */
export function refuseSynonyms(options: object): void {
  const given = new Map(Object.entries(options));
  for (const names of synonyms) {
    if (names.every((name) => given.get(name) !== undefined)) {
      throw new TypeError(`${names.join(" and ")} say the same: give one of them`);
    }
  }
}

/** HTTP/1.1 by ALPN where nothing else is said, as `node:https` has it. */
export const speakingHttp = <O extends { readonly secureContext?: unknown }>(options: O): O =>
  ["alpn", "ALPNProtocols", "ALPNCallback", "selectProtocol", "secureContext"].some(
    (name) => name in options,
  )
    ? options
    : { alpn: ["http/1.1"], ...options };
