/** The experimenter's face: runs handshakes under observation. It runs anywhere that the core runs. */
export { type AttackOptions, type PlanRun, runAttack, runPlan } from "./lab/adversary/attack.ts";
export { catalogue } from "./lab/adversary/catalogue/index.ts";
export { ScenarioError } from "./lab/adversary/edit.ts";
export {
  type Randoms as HelloRandoms,
  type SecretEpoch,
  type SecretQuestion,
  Secrets as KeyLogSecrets,
} from "./lab/trace/keys.ts";
export { OnPath, type OnPathOptions } from "./lab/adversary/on-path.ts";
export type { Onlookers, Transfer } from "./lab/adversary/conversation.ts";
export type { ProviderMaker } from "./lab/adversary/laboratory.ts";
export { readScenarios } from "./lab/adversary/read-scenario.ts";
export type {
  Agreement,
  AttackRow,
  AttackScenario,
  EndExpectation,
  EndReport,
  Expectation,
  Family as AttackFamily,
  Keys as AdversaryKeys,
  LostHello,
} from "./lab/adversary/scenario.ts";
export type { ChainKey, CredentialName } from "./lab/plan/credential-names.ts";
export type { EndPlan, Plan } from "./lab/plan/plan.ts";
export { PlanError, readPlan } from "./lab/plan/schema.ts";
export type {
  Edit,
  Injection,
  Place,
  Step,
  Unit,
  UnitName,
  Value as StepValue,
} from "./lab/adversary/step.ts";
export {
  recordAttack,
  type RecordedAttack,
  type RecordOptions,
  type Replay,
  replayTape,
  type TapeHead,
  tapeTraces,
} from "./lab/adversary/tape.ts";
export type { CapturedConnection } from "./lab/capture/connections.ts";
export type { Unread as UnreadPacket } from "./lab/capture/ip.ts";
export { CaptureError } from "./lab/capture/capture-item.ts";
export type { Endpoint } from "./lab/capture/tcp-packet.ts";
export {
  type InspectedCapture,
  type InspectedConnection,
  inspectCapture,
  type InspectOptions,
  inspectTrace,
} from "./lab/inspection/inspect.ts";
export type { SentAlert } from "./lab/inspection/findings.ts";
export type { InspectedFacts, Inspection, Unlisted } from "./lab/inspection/inspector.ts";
export type { Proof } from "./lab/inspection/proofs.ts";
export type { Violation } from "./lab/inspection/rules.ts";
export { captureOf, type CaptureOptions } from "./lab/capture/write.ts";
export { formatTrace, parseTrace, TraceFileError, traceJsonSchema } from "./lab/trace/file.ts";
export { dumpAnyMessage, dumpMessage, type DumpLine } from "./lab/trace/dump.ts";
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
} from "./lab/trace/ledger.ts";
export {
  type EndOutcome,
  explain,
  type Explained,
  type ExplainedFlight,
  type ExplainOptions,
  type FlownItem,
  type SeenRecord,
  ticketKeys,
} from "./lab/explained/explain.ts";
export {
  type Exchange,
  type ExchangePart,
  type SecretOf,
  watchExchange,
} from "./lab/explained/exchange.ts";
export type { ExplainedField, ExplainedItem } from "./lab/explained/items.ts";
export { explainedPage } from "./lab/explained/page/page.ts";
export type { ExplainedSecret } from "./lab/explained/schedule-rows.ts";
export { type Sentence, sentenceOf } from "./lab/explained/sentences.ts";
export { exampleExperiment } from "./lab/experiment/example.ts";
export type { ChainSlots, FactorName, FactorValues, LinkPreset } from "./lab/experiment/factors.ts";
export { links, studies } from "./lab/experiment/presets.ts";
export {
  ExperimentError,
  experimentOf,
  readExperiment,
  type Sourced as ExperimentSource,
} from "./lab/experiment/read.ts";
export { experimentReport, type Reported } from "./lab/experiment/report/report.ts";
export {
  type Cell,
  type Experiment as ResolvedExperiment,
  resolveExperiment,
  studyOf,
} from "./lab/experiment/resolve.ts";
export {
  type Manifest,
  manifestOf,
  mergeParts,
  type Part as RowsPart,
  readManifest,
  readRow,
  rowLine,
} from "./lab/experiment/rows.ts";
export {
  type Acks,
  Cores,
  type FlightScript,
  type Host,
  type Jitter,
  type KernelName,
  type Link,
  type LoadOptions,
  type Loss,
  type Network,
  NetworkMedium,
  type NetworkMediumOptions,
  type NetworkOutlet,
  type Processors,
  type Outcome as RunOutcome,
  type QuicHandshake,
  type QuicLink,
  type QuicNetwork,
  type QuicOptions,
  type QuicOutcome,
  QuicRunner,
  type ReceiveWindow,
  Runner,
  runLoad,
  type RunnerOptions,
  seedFor,
  type SentPacket,
  type Step as FlightStep,
  type Symmetric,
  symmetric,
  type TracedRun,
  traceRun,
  type Traffic,
} from "./lab/network/index.ts";
export {
  type Claim,
  type Figure as StudyFigure,
  type FigureClass,
  type PaquinOptions as StudyOptions,
  type Study,
  validate,
} from "./lab/studies/index.ts";
export type { CellFacts } from "./lab/experiment/checks.ts";
export type { ChainPlan } from "./lab/experiment/chain.ts";
export type { CpuMode, MeasuredCosts } from "./lab/experiment/cpu.ts";
export type { Parts } from "./lab/experiment/names.ts";
export type { GroupPlan, HandshakePlan, HelloProfile } from "./lab/experiment/ends.ts";
export type { FlightSize } from "./lab/experiment/rounds.ts";
export type { Sequence } from "./lab/experiment/sequence.ts";
export { type CellRow, type RunOptions, runExperiment, type Shard } from "./lab/experiment/run.ts";
export {
  experimentJsonSchema,
  type CpuTable,
  type ExperimentFile,
  type GivenFactors,
} from "./lab/experiment/schema.ts";
export {
  type KemSize,
  kemSize,
  kemSizes,
  type SignatureSize,
  signatureSize,
  signatureSizes,
} from "./lab/sizes/index.ts";
export {
  type Block,
  type Column,
  type Document,
  type Figure,
  figuresOf,
  type Section,
  type Table,
} from "./report/document.ts";
export type { Charted, LegendEntry, Renderer } from "./report/charts/renderer.ts";
export { loadRenderer, svgFile } from "./report/charts/draw.ts";
export { markdown, type MarkdownOptions } from "./report/markdown.ts";
export { page } from "./report/page/page.ts";
export { type MeasuredRun, measureHandshake, type MeasureOptions } from "./lab/measure.ts";
export { type MessageFacts, messageFacts } from "./lab/trace/message-facts.ts";
export {
  type NegotiatedFacts,
  negotiatedFacts,
  type PeerFacts,
} from "./lab/trace/negotiated-facts.ts";
export { resumed } from "./lab/resume.ts";
export { type Experiment, type HandshakeRun, runHandshake } from "./lab/run.ts";
export { type Scenario, setUp } from "./lab/scenario.ts";
export type {
  Origin as TraceOrigin,
  TracedGap,
  TracedMessage,
  TracedRecord,
  TraceItem,
} from "./lab/trace/reader.ts";
export {
  type KeyLogLine,
  type ReadOptions,
  readTrace,
  type Trace,
  type TraceEvent,
  type TraceGap,
} from "./lab/trace/trace.ts";
export { type Sent, watchHandshake } from "./lab/trace/watch.ts";
export { type WireFacts, wireFacts } from "./lab/trace/wire-facts.ts";
export {
  type Both,
  type Medium,
  type Outlet,
  pump,
  pumpAsync,
  type PumpedEnd,
  type PumpOptions,
  type TapEvent,
} from "./connection/pump.ts";
export type { Role } from "./schedule/index.ts";
export {
  type Adapter,
  type AdapterEnd,
  type ClientShare,
  Refused,
  type ServerShare,
  Unsupported,
} from "./lab/hybrid/adapter.ts";
export { engineAdapter } from "./lab/hybrid/engine-adapter.ts";
export {
  type Component as VectorComponent,
  type Exchange as VectorExchange,
  type ExportRequest,
  type FeatureFacts,
  type FeatureName,
  type FlightBytes,
  type FurtherSecretName,
  type FurtherTrafficName,
  type GroupFacts,
  type HandshakeFile,
  type HandshakeInputs,
  type HandshakeKind,
  type HandshakeVector,
  type Hex,
  type Identities as VectorIdentities,
  type IdentityFacts,
  type KeyFacts,
  type MessageFactsHex,
  type NegotiatedParts,
  type Origin as VectorOrigin,
  type SecretName,
  type SessionFacts,
  type ShareFile,
  type ShareVector,
  type TrafficKeys,
  type TrafficName,
  type VectorPlan,
} from "./lab/hybrid/format.ts";
export { parseVectors } from "./lab/hybrid/read-vectors.ts";
export { generateHandshakes } from "./lab/hybrid/generate.ts";
export { providerAdapter } from "./lab/hybrid/provider-adapter.ts";
export type { OpenRecord } from "./lab/hybrid/records.ts";
export { type CheckResult, replay } from "./lab/hybrid/replay.ts";
export type {
  ExportInput,
  PskOrigin,
  ScheduleInput,
  Secrets,
  SentMessage,
} from "./lab/hybrid/secrets.ts";
export { generateShares } from "./lab/hybrid/wrong-shares.ts";
export {
  type Case,
  type Corpus,
  type Outcome,
  type Row,
  runCorpus,
  type Subject,
} from "./lab/vectors/corpus.ts";
export { UnknownFormat, UnreadableCorpus } from "./lab/vectors/json.ts";
export { readCorpus } from "./lab/vectors/read.ts";
