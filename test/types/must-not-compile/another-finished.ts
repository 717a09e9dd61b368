/** A Finished opens with the secret that it has, and with no other. */
import { PeerAuthentication, VerifiedFinished } from "../../../src/schedule/index.ts";
import { acceptedServer, bytes, cipher, client, proof, secret, traffic } from "./given.ts";

const peer = PeerAuthentication.byCertificate(acceptedServer, proof);
const finished = VerifiedFinished.verify(peer, traffic, bytes, bytes);
client.readApplicationData(cipher, finished);
client.readApplicationData(cipher, secret, finished); // refused: TS2554
