/** A Finished is verified only for an end that was authenticated. */
import { PeerAuthentication, VerifiedFinished } from "../../../src/schedule/index.ts";
import { bytes, traffic } from "./given.ts";

VerifiedFinished.verify(PeerAuthentication.anonymousClient(), traffic, bytes, bytes);
VerifiedFinished.verify(undefined, traffic, bytes, bytes); // refused: TS2345
