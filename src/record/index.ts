export { carriesData, type EpochName, type RecordCipher } from "./epoch.ts";
export { defaultLimits, type Limits, maxFragment, recordHeaderLength } from "./limits.ts";
export { type Direction, Link, type LinkOptions, type Observer } from "./link.ts";
export { alertName, type Incoming, type IncomingMessage, type RecordFact } from "./receiver.ts";
export { padToMultipleOf, type PaddingPolicy } from "./padding.ts";
export type { KeyUpdateRequestName } from "./sender.ts";
