/** What an end is made of: bundled with a fault in it, and without. */
export { createNative } from "../../src/crypto/native.ts";
export { Laboratory } from "../../src/lab/adversary/laboratory.ts";
export { Conversation } from "../../src/lab/adversary/conversation.ts";
export { Bench } from "../../src/lab/adversary/trial.ts";
export { MaliciousBench } from "../../src/lab/adversary/malicious-trial.ts";
export { seededDraws } from "../../src/lab/adversary/mutate.ts";
export { SearchEnds } from "../../src/lab/adversary/search-ends.ts";
export { TlsError } from "../../src/registry/index.ts";
