/** What an end is made of: bundled with a fault in it, and without. */
export { createNative } from "../../src/crypto/native.ts";
export { Laboratory } from "../../src/lab/adversary/laboratory.ts";
export { Meeting } from "../../src/lab/adversary/meeting.ts";
