/** The peers that are described here. */
import type { Peer } from "../peer.ts";
import { openssl, openssl3 } from "./openssl.ts";

export const knownPeers: readonly Peer[] = [openssl, openssl3];
