/** A client that never looks at the server's certificate: only clients may stay anonymous. */
import { PeerAuthentication, VerifiedFinished } from "../../../src/schedule/index.ts";
import { acceptedServer, bytes, cipher, client, proof, traffic } from "./given.ts";

const right = PeerAuthentication.byCertificate(acceptedServer, proof);
client.readApplicationData(cipher, VerifiedFinished.verify(right, traffic, bytes, bytes));

const wrong = PeerAuthentication.anonymousClient();
client.readApplicationData(cipher, VerifiedFinished.verify(wrong, traffic, bytes, bytes)); // refused: TS2345
