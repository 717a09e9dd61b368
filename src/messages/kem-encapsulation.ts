import { opaque, struct, type ValueOf } from "../wire/index.ts";

/** KEMEncapsulation (draft-celi-wiggers-tls-authkem-07 §4.2): for the key of the Certificate with the same context. */
export const KEMEncapsulation = struct({
  certificateRequestContext: opaque(0, 0xff),
  encapsulation: opaque(0, 0xffff),
});
export type KEMEncapsulation = ValueOf<typeof KEMEncapsulation>;
