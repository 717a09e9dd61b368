import { CipherSuite } from "../registry/index.ts";
import {
  type Codec,
  code,
  fixed,
  list,
  opaque,
  struct,
  uint16,
  type ValueOf,
} from "../wire/index.ts";
import { extensionBlock, type Extensions } from "./extension-block.ts";

const block = extensionBlock("client_hello", 7);

/**
 * A client of TLS 1.2 or below may send no extensions at all. That reads as an empty block, so that it
 * is refused for its version and not for its form.
 */
const extensions: Codec<Extensions<"client_hello">> = {
  ...block,
  read: (reader) => (reader.remaining === 0 ? {} : block.read(reader)),
};

/** ClientHello (RFC 9846 §4.2.2). */
export const ClientHello = struct({
  legacyVersion: uint16,
  random: fixed(32),
  legacySessionId: opaque(0, 32),
  cipherSuites: list(code(uint16, CipherSuite), 2, 0xfffe),
  legacyCompressionMethods: opaque(1, 255),
  extensions,
});
export type ClientHello = ValueOf<typeof ClientHello>;
