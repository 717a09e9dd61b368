import { CipherSuite } from "../registry/index.ts";
import { code, fixed, list, opaque, struct, uint16, type ValueOf } from "../wire/index.ts";
import { helloExtensions } from "./extension-block.ts";

/** ClientHello (RFC 9846 §4.2.2). */
export const ClientHello = struct({
  legacyVersion: uint16,
  random: fixed(32),
  legacySessionId: opaque(0, 32),
  cipherSuites: list(code(uint16, CipherSuite), 2, 0xfffe),
  legacyCompressionMethods: opaque(1, 255),
  extensions: helloExtensions("client_hello"),
});
export type ClientHello = ValueOf<typeof ClientHello>;
