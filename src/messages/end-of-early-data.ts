import { struct, type ValueOf } from "../wire/index.ts";

/** EndOfEarlyData (RFC 9846 §4.6). */
export const EndOfEarlyData = struct({});
export type EndOfEarlyData = ValueOf<typeof EndOfEarlyData>;
