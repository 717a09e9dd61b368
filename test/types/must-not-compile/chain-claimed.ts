/** A chain is verified by verification, and an answer cannot claim that it was. */
import type { VerifyPeer } from "../../../src/schedule/index.ts";

export const right: VerifyPeer = ({ chain }) => ({ chain, vouchedBy: "the caller" });
export const wrong: VerifyPeer = ({ chain }) => ({ chain, verified: { path: chain } }); // refused: TS2739
