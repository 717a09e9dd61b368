/**
 * What sockets and servers of `node:tls` have and these have not: whoever calls or listens is told what to write
 * instead, where silence would pass for an answer.
 */
/** Methods of `tls.TLSSocket`. */
export const refusedOfSocket = {
  connect: "call connect() of kemistry/node for each connection",
  enableTrace: "give `observer` to connect() or createServer(), or `keyLog` for Wireshark",
  renegotiate: "TLS 1.3 has no renegotiation: call updateKeys() or requestCertificate()",
  setKeyCert: "give `SNICallback` or `identityFor` to createServer()",
} as const;

/** Methods of `tls.Server`. */
export const refusedOfServer = {
  getTicketKeys: "give `tickets: sealedTickets(keys)` to createServer(), and keep the keys",
  setTicketKeys: "give `tickets: sealedTickets(keys)` to createServer(), and call keys.add()",
} as const;

/** Events of either that never come. */
export const refusedEvents = {
  OCSPRequest: "give `ocspResponse` to the credential: it is stapled where a client asks",
  OCSPResponse: "give `stapling: true` to connect(): the response is asked for, and checked",
} as const;

/** Gives a class methods that throw. */
export function refuseMethods(
  prototype: object,
  who: string,
  methods: Readonly<Record<string, string>>,
): void {
  for (const [name, instead] of Object.entries(methods)) {
    const value = (): never => {
      throw new TypeError(`${who}: ${name}() is not there; ${instead}`);
    };
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}

/** @throws TypeError for an event that never comes */
export function refuseEvent(who: string, event: string | symbol): void {
  if (typeof event !== "string" || !Object.hasOwn(refusedEvents, event)) return;
  const instead = refusedEvents[event as keyof typeof refusedEvents];
  throw new TypeError(`${who}: the event ${event} never comes; ${instead}`);
}
