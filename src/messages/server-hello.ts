import { CipherSuite } from "../registry/index.ts";
import {
  code,
  fixed,
  fromHex,
  opaque,
  struct,
  uint16,
  uint8,
  type ValueOf,
} from "../wire/index.ts";
import { helloExtensions } from "./extension-block.ts";
import type { ExtensionContext } from "../extensions/extension.ts";

const hello = <C extends ExtensionContext>(context: C) =>
  struct({
    legacyVersion: uint16,
    random: fixed(32),
    legacySessionIdEcho: opaque(0, 32),
    cipherSuite: code(uint16, CipherSuite),
    legacyCompressionMethod: uint8,
    extensions: helloExtensions(context),
  });

/** ServerHello (RFC 9846 §4.2.3). */
export const ServerHello = hello("server_hello");
export type ServerHello = ValueOf<typeof ServerHello>;

/** HelloRetryRequest (RFC 9846 §4.2.4): a ServerHello whose random is {@link helloRetryRequestRandom}. */
export const HelloRetryRequest = hello("hello_retry_request");
export type HelloRetryRequest = ValueOf<typeof HelloRetryRequest>;

/** SHA-256 of "HelloRetryRequest" (RFC 9846 §4.2.3). */
export const helloRetryRequestRandom: Uint8Array = fromHex(
  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
);
