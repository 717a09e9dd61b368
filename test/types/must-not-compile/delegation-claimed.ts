/** A delegated key is one that the certificate's key was seen to delegate to. */
import type { PossessionProof } from "../../../src/schedule/index.ts";
import { chain, proof } from "./given.ts";

export const right: PossessionProof = { ...proof, delegated: proof.delegated };
const delegated = { key: chain[0]!.publicKey, delegator: chain[0]!.publicKey };
export const wrong: PossessionProof = { ...proof, delegated }; // refused: TS2739
