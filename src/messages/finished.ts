import { rest, struct, type ValueOf } from "../wire/index.ts";

/** Finished (RFC 9846 §4.5.3). Its length is the negotiated hash's, which only the handshake knows. */
export const Finished = struct({ verifyData: rest });
export type Finished = ValueOf<typeof Finished>;
