/** An identity that no verifier gave. */
import { PeerAuthentication } from "../../../src/schedule/index.ts";
import { acceptedServer, chain, proof } from "./given.ts";

PeerAuthentication.byCertificate(acceptedServer, proof);
const claimed = { role: "server" as const, identity: { chain }, key: chain[0]!.publicKey };
PeerAuthentication.byCertificate(claimed, proof); // refused: TS2741
