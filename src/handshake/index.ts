export { clientAfterHandshake, serverAfterHandshake } from "./after.ts";
export { clientHandshake } from "./client.ts";
export type { ClientConfig, CommonConfig, ServerConfig } from "./config.ts";
export { expect, type Handshake, settle, type Wait } from "./coroutine.ts";
export type { Backends, Established, Negotiated } from "./established.ts";
export type { PeerIdentity, PeerQuestion, VerifyPeer } from "./peer.ts";
export type { OfferedPsk, Psk, PskLookup, SessionOrigin, TicketIssuer } from "./psk.ts";
export { serverHandshake } from "./server.ts";
