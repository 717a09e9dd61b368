/** The providers that run anywhere. The native one imports `node:` and is part of the Node face. */
export * from "./extend.ts";
export type { HpkeKdf, HpkeKem, HpkeSuite } from "./hpke.ts";
export * from "./kem-scheme.ts";
export * from "./metered.ts";
export * from "./noble.ts";
export { checkSignature } from "./own.ts";
export * from "./parameters.ts";
export * from "./provider.ts";
export * from "./scheme.ts";
export * from "./scheme-table.ts";
export * from "./seeded.ts";
export { slim } from "./slim.ts";
export * from "./sodium.ts";
export * from "./suite.ts";
export * from "./warm-up.ts";
