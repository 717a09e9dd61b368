/** Vectors of authentication by KEM: made, and read as a corpus. */
export { authKemCorpus } from "./corpus.ts";
export { type AuthKemFile, authKemFormat } from "./format.ts";
export { generateAuthKem } from "./generate.ts";
