/** A link of which nobody knows whose end it is opens for no proof. */
import type { Link } from "../../../src/record/index.ts";
import { PeerAuthentication, VerifiedFinished } from "../../../src/schedule/index.ts";
import { acceptedServer, bytes, cipher, client, proof, traffic } from "./given.ts";

const peer = PeerAuthentication.byCertificate(acceptedServer, proof);
const finished = VerifiedFinished.verify(peer, traffic, bytes, bytes);
client.readApplicationData(cipher, finished);
const link: Link = client;
link.readApplicationData(cipher, finished); // refused: TS2345
