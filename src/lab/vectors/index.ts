/** Corpora of test vectors: read, and run. */
export { type Corpus, type Row, runCorpus, type Subject } from "./corpus.ts";
export { UnknownFormat, UnreadableCorpus } from "./json.ts";
export { readCorpus } from "./read.ts";
