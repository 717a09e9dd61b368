/** ClientHellos of the probe: what it wants of them is said, the rest is as everybody sends it. */
import { createHash, randomBytes } from "node:crypto";
import type { Provider } from "../crypto/index.ts";
import { nameForSni } from "../extensions/server-name.ts";
import { generateShare, type Group } from "../groups/index.ts";
import { type ClientHello, encodeMessage, type Extensions } from "../messages/index.ts";
import { maxFragment } from "../record/index.ts";
import {
  CipherSuite,
  ContentType,
  PskKeyExchangeMode,
  ProtocolVersion,
  SignatureScheme,
} from "../registry/index.ts";
import { concat } from "../wire/index.ts";

/** A share as it stands on the wire. */
export interface ShareEntry {
  readonly group: number;
  readonly keyExchange: Uint8Array;
}

/** What differs from an ordinary ClientHello. Lists are code points, in order. */
export interface HelloParts {
  readonly legacyVersion?: number;
  readonly versions?: readonly number[];
  readonly suites?: readonly number[];
  readonly groups?: readonly number[];
  readonly shares?: readonly ShareEntry[];
  readonly schemes?: readonly number[];
  readonly sessionId?: Uint8Array;
  readonly random?: Uint8Array;
  readonly compression?: Uint8Array;
  /** Extensions that are left out. */
  readonly without?: readonly (keyof Extensions<"client_hello">)[];
  /** Extensions before all others, by number: `0x1a2b`. */
  readonly first?: Readonly<Record<`0x${string}`, Uint8Array>>;
  /** Extensions behind all others. */
  readonly last?: Readonly<Record<`0x${string}`, Uint8Array>>;
}

/** Of TLS 1.3. */
export const suiteCodes: readonly number[] = [
  CipherSuite.TLS_AES_128_GCM_SHA256,
  CipherSuite.TLS_AES_256_GCM_SHA384,
  CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
  CipherSuite.TLS_AES_128_CCM_SHA256,
  CipherSuite.TLS_AES_128_CCM_8_SHA256,
];

/** All that have a name but those of clients alone (RFC 9963). */
export const schemeCodes: readonly number[] = Object.entries(SignatureScheme)
  .filter(([name]) => !name.endsWith("_legacy"))
  .map(([, code]) => code);

/** A message, header included. @throws RangeError for parts that no hello can have */
export function encodeHello(parts: HelloParts, serverName: string | undefined): Uint8Array {
  const name = nameForSni(serverName);
  const usual: Extensions<"client_hello"> = {
    ...(name === undefined ? {} : { server_name: [{ nameType: 0, name }] }),
    supported_groups: [...(parts.groups ?? [])],
    signature_algorithms: [...(parts.schemes ?? schemeCodes)],
    supported_versions: [...(parts.versions ?? [ProtocolVersion["TLS 1.3"]])],
    psk_key_exchange_modes: [PskKeyExchangeMode.psk_dhe_ke],
    key_share: [...(parts.shares ?? [])],
  };
  for (const left of parts.without ?? []) delete usual[left];
  const hello: ClientHello = {
    legacyVersion: parts.legacyVersion ?? ProtocolVersion["TLS 1.2"],
    random: parts.random ?? randomBytes(32),
    legacySessionId: parts.sessionId ?? randomBytes(32),
    cipherSuites: [...(parts.suites ?? suiteCodes)],
    legacyCompressionMethods: parts.compression ?? Uint8Array.of(0),
    extensions: { ...parts.first, ...usual, ...parts.last },
  };
  return encodeMessage("client_hello", hello);
}

/** A handshake message in records of so many bytes of content. */
export function inRecords(message: Uint8Array, size = maxFragment, version = 0x0301): Uint8Array {
  const records: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += size) {
    const content = message.subarray(at, at + size);
    records.push(record(ContentType.handshake, content, version));
  }
  return concat(...records);
}

/** One plaintext record (RFC 9846 §5.1). */
export const record = (type: number, content: Uint8Array, version = 0x0301): Uint8Array =>
  concat(
    Uint8Array.of(type, version >> 8, version & 0xff, content.length >> 8, content.length & 0xff),
    content,
  );

/** A fresh share, whose private key is forgotten. */
export function freshShare(group: Group, provider: Provider): ShareEntry {
  const share = generateShare(group, provider);
  share.wipe();
  return { group: group.code, keyExchange: share.keyExchange };
}

/** An extension of that many bytes under a number for private use, which everybody ignores. */
export const filler = (bytes: number, type: `0x${string}` = "0xff5a") => ({
  [type]: new Uint8Array(bytes),
});

/** Bytes in hexadecimal, shortened to tell whether two are the same. */
export const fingerprint = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex").slice(0, 32);
