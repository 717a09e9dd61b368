/** Algorithms of liboqs, by way of the optional package `@oqs/liboqs-js`. It runs anywhere. */
export { oqsAlgorithms } from "./catalogue.ts";
export type {
  OqsAlgorithm,
  OqsAuthentication,
  OqsGroup,
  OqsKem,
  OqsSignature,
} from "./catalogue.ts";
export { falconSchemes } from "./falcon.ts";
export { defaultOqsLimits, loadOqs } from "./load.ts";
export type { LoadedAlgorithm, Oqs, OqsLimits, OqsOptions } from "./load.ts";
export { oqsProvider, oqsSlots } from "./provider.ts";
export type { OqsProviderOptions, OqsSlot } from "./provider.ts";
