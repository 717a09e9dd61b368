/**
 * The options of `node:tls` and `node:https`, in one table: each is taken, under its name there, or refused
 * with what to write instead. `docs/from-node-tls.md` shows it to readers, and a test holds the page to it.
 */
import type * as net from "node:net";
import type * as tls from "node:tls";
import * as check from "../../registry/check.ts";
import type { Role } from "../../schedule/index.ts";

/** What becomes of an option. Where only one role has it, the other is told so. */
export type Fate = ({ readonly taken: string } | { readonly instead: string }) & {
  readonly only?: Role;
};

type NodeOption = Exclude<
  keyof tls.ConnectionOptions | keyof tls.TlsOptions | keyof tls.TLSSocketOptions,
  keyof net.ServerOpts
>;

export const nodeTlsOptions = {
  // Who we are, and whom we trust
  ca: {
    taken: "trusted alone, as there; where a client has none, Node's own root certificates are",
  },
  cert: { taken: "the chain of `key`, leaf first; a list of chains where `key` is a list" },
  key: { taken: "PEM or DER, also `{ pem, passphrase }` and a list of these" },
  passphrase: { taken: "of every encrypted `key` and `pfx` that brings none of its own" },
  pfx: {
    taken:
      "PKCS #12 with AES or 3DES, also `{ buf, passphrase }` and a list of these; " +
      "none of its certificates becomes trusted: write `ca`",
  },
  crl: {
    taken: "PEM or DER lists; a certificate of the chain that none of them tells of is refused",
  },
  allowPartialTrustChain: {
    taken: "`true`, which is so here: every certificate in `ca` is an anchor",
  },
  clientCertEngine: { instead: "write `credentials` with the key of a token: openToken()" },
  privateKeyEngine: { instead: "write `credentials` with the key of a token: openToken()" },
  privateKeyIdentifier: { instead: "write `credentials` with the key of a token: openToken()" },
  // Verification
  rejectUnauthorized: {
    taken: "`false` goes on with a peer that is refused; `authorizationError` says why",
  },
  checkServerIdentity: {
    only: "client",
    taken: "asked after the chain was verified, in place of the check of the name",
  },
  requestCert: {
    only: "server",
    taken:
      "`clientAuthentication`: `require`, or with `rejectUnauthorized: false` `request`; " +
      "the authorities in `ca` are named to the client",
  },
  requestOCSP: { instead: "write `stapling: true`: the response is asked for, and checked" },
  // Algorithms and versions
  minVersion: { taken: "any: `TLSv1.3` is spoken, and is none below it" },
  maxVersion: { taken: "`TLSv1.3`, the only version that is spoken" },
  secureProtocol: { instead: "leave it out: TLS 1.3 alone is spoken" },
  secureOptions: { instead: "leave it out: they are OpenSSL's flags, mostly for older versions" },
  ciphers: { instead: 'write `suites: ["TLS_AES_256_GCM_SHA384"]`' },
  ecdhCurve: { instead: 'write `groups: ["X25519MLKEM768", "x25519"]`' },
  sigalgs: { instead: 'write `schemes: ["ecdsa_secp256r1_sha256"]`' },
  dhparam: { instead: "leave it out: TLS 1.3 has no custom parameters" },
  minDHSize: { instead: "leave it out: TLS 1.3 has no custom parameters" },
  honorCipherOrder: {
    only: "server",
    taken: "`suitePreference`: `server`, or where it is false `client`",
  },
  // Names and protocols
  servername: { only: "client", taken: "`serverName`; an empty one is that of `host`" },
  SNICallback: {
    only: "server",
    taken:
      "its context says who answers for a name: certificates, keys, whom it trusts, and no more",
  },
  ALPNProtocols: { taken: "`alpn`: names, or the list as it is on the wire" },
  ALPNCallback: {
    only: "server",
    taken: "`selectProtocol`: one of the client's protocols, or undefined, which refuses it",
  },
  // Sessions and keys
  session: {
    only: "client",
    taken: "what a `session` event of ours gave, or getSession(); not the Buffer of node:tls",
  },
  sessionTimeout: { only: "server", instead: "write `tickets: { lifetime: 300 }`, in seconds" },
  sessionIdContext: {
    instead: "leave it out: a server opens the tickets of its own `tickets` alone",
  },
  ticketKeys: {
    only: "server",
    instead: "write `tickets: sealedTickets(keys)`, after `keys.add(material)` of 48 bytes",
  },
  maxCachedSessions: {
    only: "client",
    taken: "by HttpsAgent: servers whose sessions are kept; 0 for none",
  },
  pskCallback: { instead: "write `psks` with importPsk() on a client, `lookUpPsk` on a server" },
  pskIdentityHint: { instead: "leave it out: TLS 1.3 has no hint" },
  // Sockets
  host: { only: "client", taken: "also the name to verify, where `servername` is absent" },
  port: { only: "client", taken: "as there" },
  path: { only: "client", taken: "a Unix domain socket or a pipe" },
  socket: { only: "client", taken: "any Duplex" },
  lookup: { only: "client", taken: "as there" },
  timeout: { only: "client", taken: "as there" },
  highWaterMark: { instead: "leave it out: a socket of ours buffers 64 KiB" },
  onread: { instead: "listen for `data`" },
  handshakeTimeout: { taken: "milliseconds, 10 000 if absent; on a client too" },
  secureContext: {
    taken:
      "a context of ours; a socket takes more beside it, as there; " +
      "a server or an agent does not: give it to the context",
  },
  enableTrace: { instead: "write `observer`, or `keyLog` for Wireshark" },
  isServer: {
    instead: "write new TlsSocket(stream, { isServer: true, cert, key }), or call connect()",
  },
  server: { instead: "call createServer() and emit `connection` on it" },
} as const satisfies Readonly<
  Record<NodeOption | "maxCachedSessions" | "highWaterMark" | "onread", Fate>
>;

/** Checks that refuse what this role does not take. */
export function refusedBy(role: Role): Readonly<Record<string, check.Check>> {
  const checks: Record<string, check.Check> = {};
  for (const [name, fate] of Object.entries<Fate>(nodeTlsOptions)) {
    if ("instead" in fate) checks[name] = check.refused(fate.instead);
    else if (fate.only !== undefined && fate.only !== role) {
      checks[name] = check.refused(`it is an option of a ${fate.only}`);
    }
  }
  return checks;
}
