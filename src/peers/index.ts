/** Foreign programs, as ends of a run. */
export { findPeer } from "./find.ts";
export { knownPeers } from "./known/index.ts";
export { type Flags, flags, opensslArguments, opensslVersion, portOf } from "./openssl.ts";
export { type Peer, readPeer } from "./peer.ts";
export { PeerProcess } from "./process.ts";
export type { EndSetup } from "./setup.ts";
export { SocketEnd } from "./socket-end.ts";
