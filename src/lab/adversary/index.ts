/** The adversary: what it does, on the path or as an end, and what comes of it; OpenSSL as an end. */
export { catalogue } from "./catalogue/index.ts";
export { ScenarioError } from "./edit.ts";
export { type OpensslVerdict, verdictOf } from "./openssl-verdict.ts";
export { type NotRun, type Openssl, type OpensslResult, startOpenssl } from "./openssl.ts";
export { startProxy } from "./proxy.ts";
export { readScenarios } from "./read-scenario.ts";
export {
  type AttackRow,
  type AttackScenario,
  endsOf,
  type Expectation,
  families,
} from "./scenario.ts";
export { type DifferentialReport, searchDifferences } from "./differential/differential.ts";
export { search, type SearchProgress, type SearchReport } from "./search.ts";
export { recordAttack, replayTape, tapeTraces } from "./tape.ts";
