/** The probe face, for Node: what a server, or a client, can do of post-quantum TLS, and what to change. */
export { probeServer, type ProbeOptions } from "./probe.ts";
export type {
  AlertFact,
  CertificateFact,
  DnsFacts,
  EchConfigFact,
  ExtensionFacts,
  GroupFact,
  GroupFacts,
  HandshakeFacts,
  HttpsRecordFact,
  HybridFacts,
  PreferenceFacts,
  ProbeFinding,
  ProbeReport,
  ProbeSeverity,
  ReachFacts,
  ReuseFacts,
  ServerFacts,
  SessionFacts,
  TrialFact,
  VersionFact,
} from "./facts.ts";
export { type Resolver, resolverOf } from "./dns/ask.ts";
export { probeRules, type ProbeRule } from "./rules.ts";
export { pointsOff } from "./score.ts";
export { type StartTls, startTlsNames, startTlsPorts } from "./starttls.ts";
export {
  type ClientProbeOptions,
  type ClientReport,
  type ClientVisit,
  createClientProbe,
} from "./client/listen.ts";
export type { ClientFacts } from "./client/hello-facts.ts";
export type { ExperimentFact } from "./client/experiments.ts";
