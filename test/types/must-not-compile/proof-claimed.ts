/** An object of the same form is no proof. */
import { PeerAuthentication, VerifiedFinished } from "../../../src/schedule/index.ts";
import { bytes, cipher, server, traffic } from "./given.ts";

const peer = PeerAuthentication.anonymousClient();
const { role, secret } = VerifiedFinished.verify(peer, traffic, bytes, bytes);
server.readApplicationData(cipher, VerifiedFinished.verify(peer, traffic, bytes, bytes));
server.readApplicationData(cipher, { role, secret }); // refused: TS2741
