/** Nobody but the boundary makes an accepted peer. */
import { AcceptedPeer } from "../../../src/schedule/index.ts";
import { chain, question, verifier } from "./given.ts";

AcceptedPeer.ask(verifier, question);
new AcceptedPeer("server", { chain }, chain[0]!.publicKey); // refused: TS2673
