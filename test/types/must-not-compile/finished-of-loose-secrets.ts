/** Handshake and application secrets come from one schedule, not from two hands. */
import { PeerAuthentication, VerifiedFinished } from "../../../src/schedule/index.ts";
import { bytes, secret, traffic } from "./given.ts";

const peer = PeerAuthentication.anonymousClient();
VerifiedFinished.verify(peer, traffic, bytes, bytes);
const loose = { client: secret, server: secret, handshake: traffic.handshake };
VerifiedFinished.verify(peer, loose, bytes, bytes); // refused: TS2741
