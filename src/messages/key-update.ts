import { KeyUpdateRequest } from "../registry/index.ts";
import { code, struct, uint8, type ValueOf } from "../wire/index.ts";

/** KeyUpdate (RFC 9846 §4.7.3). */
export const KeyUpdate = struct({ requestUpdate: code(uint8, KeyUpdateRequest) });
export type KeyUpdate = ValueOf<typeof KeyUpdate>;
