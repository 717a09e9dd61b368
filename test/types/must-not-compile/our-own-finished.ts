/** Our own direction's proof does not open the peer's data. */
import { PeerAuthentication, VerifiedFinished } from "../../../src/schedule/index.ts";
import { acceptedClient, bytes, cipher, client, proof, server, traffic } from "./given.ts";

const peer = PeerAuthentication.byCertificate(acceptedClient, proof);
const finished = VerifiedFinished.verify(peer, traffic, bytes, bytes);
server.readApplicationData(cipher, finished);
client.readApplicationData(cipher, finished); // refused: TS2345
