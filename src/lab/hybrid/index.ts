/** Vectors of hybrid handshakes: made, described, and replayed. */
export { flightsOf } from "./converse.ts";
export { describeHandshake, groupFacts, negotiatedParts } from "./describe.ts";
export { createEnd } from "./end.ts";
export type { ExchangeFile } from "./exchanges.ts";
export { applicationData } from "./features.ts";
export {
  type FlightBytes,
  formatVersion,
  type GroupFacts,
  type HandshakeFile,
  handshakeFormat,
  type HandshakeInputs,
  type HandshakeVector,
  type Identities,
  type ShareFile,
  type VectorPlan,
} from "./format.ts";
export { generateExchanges } from "./generate-exchanges.ts";
export { generateFeatures, generateHandshakes } from "./generate.ts";
export { defaultSeed, identitiesOf, recordedInputs, resume, usualScheme } from "./inputs.ts";
export { providerAdapter } from "./provider-adapter.ts";
export { openFlights } from "./records.ts";
export { generateShares, shareGroups } from "./wrong-shares.ts";
