/** The experimenter's face: runs handshakes under observation. It runs anywhere that the core runs. */
export { dumpMessage, type DumpLine } from "./lab/dump.ts";
export {
  type Assumptions,
  type FailureFacts,
  type Flight,
  type Ledger,
  ledgerOf,
  type MessageEntry,
  type Observed,
  type RecordEntry,
  type Totals,
} from "./lab/ledger.ts";
export { type MeasuredRun, measureHandshake } from "./lab/measure.ts";
export { type MessageFacts, messageFacts } from "./lab/message-facts.ts";
export { type NegotiatedFacts, negotiatedFacts, type PeerFacts } from "./lab/negotiated-facts.ts";
export { type Experiment, type HandshakeRun, runHandshake } from "./lab/run.ts";
export { type Scenario, setUp } from "./lab/scenario.ts";
export { type Role, type Sent, watchHandshake, watchSent } from "./lab/watch.ts";
