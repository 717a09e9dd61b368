/** Foreign programs, as ends of a run. */
export { findPeer } from "./find.ts";
export { knownPeers } from "./known/index.ts";
export { type Flags, flags, opensslVersion, portOf } from "./openssl.ts";
export { type Peer, readPeer } from "./peer.ts";
export { PeerProcess } from "./process.ts";
export { SocketEnd } from "./socket-end.ts";
