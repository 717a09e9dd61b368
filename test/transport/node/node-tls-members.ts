/** What `node:tls`, `node:net` and `node:https` have beside options, and what it is here: `docs/from-node-tls.md` shows it. */

/** `same`: as there, perhaps with more to say. `differs`: how, and why. `instead`: not there; what to write. */
export type Fate =
  | { readonly same: string }
  | { readonly differs: string }
  | { readonly instead: string };

const same = { same: "as there" } as const;

export const socketMembers: Readonly<Record<string, Fate>> = {
  address: same,
  alpnProtocol: same,
  authorizationError: {
    differs: "an Error, whose `code` is the string that Node gives here; else `null`",
  },
  authorized: same,
  autoSelectFamilyAttemptedAddresses: same,
  bufferSize: same,
  bytesRead: { same: "records of the transport, not data" },
  bytesWritten: { same: "records of the transport, not data" },
  connect: { instead: "call connect() of kemistry/node for each connection" },
  connecting: same,
  destroySoon: same,
  destroyed: same,
  disableRenegotiation: { same: "does nothing: TLS 1.3 has no renegotiation" },
  enableTrace: {
    instead: "give `observer` to connect() or createServer(), or `keyLog` for Wireshark",
  },
  encrypted: same,
  end: same,
  exportKeyingMaterial: same,
  getCertificate: same,
  getCipher: same,
  getEphemeralKeyInfo: { same: '`{ type: "KEM", name }` for a group with ML-KEM' },
  getFinished: same,
  getPeerCertificate: same,
  getPeerFinished: same,
  getPeerX509Certificate: same,
  getProtocol: same,
  getSession: { differs: "bytes of our own; `undefined` until the server has sent a ticket" },
  getSharedSigalgs: { same: "in the client's order; ML-DSA by IANA's names" },
  getTLSTicket: same,
  getX509Certificate: same,
  isSessionReused: same,
  localAddress: same,
  localFamily: same,
  localPort: same,
  pause: same,
  pending: same,
  readyState: same,
  ref: same,
  remoteAddress: same,
  remoteFamily: same,
  remotePort: same,
  renegotiate: {
    instead: "TLS 1.3 has no renegotiation: call updateKeys() or requestCertificate()",
  },
  resetAndDestroy: same,
  resume: same,
  servername: same,
  setEncoding: same,
  setKeepAlive: same,
  setKeyCert: { instead: "give `SNICallback` or `identityFor` to createServer()" },
  setMaxSendFragment: same,
  setNoDelay: same,
  setTimeout: same,
  timeout: same,
  unref: same,
  write: same,
};

export const serverMembers: Readonly<Record<string, Fate>> = {
  addContext: { differs: "the context says who answers for the name, and no more" },
  getTicketKeys: {
    instead: "give `tickets: sealedTickets(keys)` to createServer(), and keep the keys",
  },
  setSecureContext: { differs: "replaces what it is given; all else stays (`update` is the same)" },
  setTicketKeys: {
    instead: "give `tickets: sealedTickets(keys)` to createServer(), and call keys.add()",
  },
};

export const events: Readonly<Record<string, Fate>> = {
  OCSPRequest: {
    instead: "give `ocspResponse` to the credential: it is stapled where a client asks",
  },
  OCSPResponse: {
    instead: "give `stapling: true` to connect(): the response is asked for, and checked",
  },
  keylog: same,
  newSession: { same: "what `resumeSession` is to give back; it holds the session's secret" },
  resumeSession: {
    same: "without a listener of `newSession` tickets are sealed, and it never comes",
  },
  secureConnect: same,
  secureConnection: same,
  session: { differs: "brings an object, which `session` takes; getSession() gives bytes" },
  tlsClientError: { differs: "also for a later error of a socket that nobody listens to" },
};

export const functions: Readonly<Record<string, Fate>> = {
  "https.Agent": {
    differs: "`HttpsAgent`; who borrows methods of its prototype (agentkeepalive) uses it itself",
  },
  "https.Server": { differs: "`HttpsServer`" },
  "https.createServer": { differs: "`createHttpsServer`" },
  "https.get": { differs: "Node's own, with `agent: new HttpsAgent(…)`" },
  "https.globalAgent": { differs: "none: give `agent` to each request, or to the library" },
  "https.request": { differs: "Node's own, with `agent: new HttpsAgent(…)`" },
  "tls.CLIENT_RENEG_LIMIT": { instead: "TLS 1.3 has no renegotiation" },
  "tls.CLIENT_RENEG_WINDOW": { instead: "TLS 1.3 has no renegotiation" },
  "tls.DEFAULT_CIPHERS": { instead: "give `suites`" },
  "tls.DEFAULT_ECDH_CURVE": {
    instead: "give `groups`; `defaultGroups` are those of who gives none",
  },
  "tls.DEFAULT_MAX_VERSION": { instead: "TLS 1.3 alone is spoken" },
  "tls.DEFAULT_MIN_VERSION": { instead: "TLS 1.3 alone is spoken" },
  "tls.Server": { differs: "`TlsServer`" },
  "tls.TLSSocket": {
    differs:
      "`TlsSocket`: `new TlsSocket(stream, { isServer: true, … })`, or `connect({ socket })`; " +
      "it reads the stream's `data`, so call no setEncoding() on that, and emit none",
  },
  "tls.checkServerIdentity": { differs: "Node's own does, where `checkServerIdentity` wants it" },
  "tls.connect": same,
  "tls.createSecureContext": { differs: "a client's; a server's is made by `createServerContext`" },
  "tls.createSecurePair": {
    instead: "write createClient() and createServer() of `kemistry`: no I/O in them",
  },
  "tls.createServer": same,
  "tls.getCACertificates": {
    same: "on Node before 22.15 too, where `system` is a file of the system's",
  },
  "tls.getCertificateCompressionAlgorithms": {
    instead: "read `certificateCompressors`: those of this version of Node",
  },
  "tls.getCiphers": { instead: "read `suites` of `kemistry`" },
  "tls.rootCertificates": {
    differs: "Node's own; a client without `ca` trusts them, and NODE_EXTRA_CA_CERTS",
  },
  "tls.setDefaultCACertificates": {
    differs: "Node's own, since 22.19; a client without `ca` trusts what it was given",
  },
};
