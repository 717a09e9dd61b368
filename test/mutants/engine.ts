/** What an end is made of: bundled with a fault in it, and without. */
export { createNative } from "../../src/crypto/native.ts";
export { Laboratory } from "../../src/lab/adversary/laboratory.ts";
export { Conversation } from "../../src/lab/adversary/conversation.ts";
