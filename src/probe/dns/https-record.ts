/** HTTPS records (RFC 9460) with configurations of Encrypted ClientHello (RFC 9848, RFC 9849 §4), as plain facts. */
import { nameOf, printable } from "../../registry/index.ts";
import {
  decode,
  DecodeError,
  list,
  opaque,
  Reader,
  rest,
  struct,
  text,
  uint16,
  uint8,
} from "../../wire/index.ts";
import type { EchConfigFact, HttpsRecordFact } from "../facts.ts";
import { readName } from "./message.ts";

const key = { alpn: 1, ech: 5 } as const;

/** What one record says. Never throws: what cannot be read is a fact too. */
export function httpsRecord(data: Uint8Array): HttpsRecordFact {
  try {
    return read(new Reader(data));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { priority: 0, target: "", alpn: [], ech: [], problem: error.message };
  }
}

function read(reader: Reader): HttpsRecordFact {
  const priority = reader.uint(2);
  const target = printable(readName(reader, "refused"), 255);
  let alpn: string[] = [];
  let ech: EchConfigFact[] = [];
  for (let last = -1; reader.remaining > 0;) {
    const number = reader.uint(2);
    const value = reader.take(reader.uint(2));
    // RFC 9460 §2.2: each once, in order
    if (number <= last) throw new DecodeError(`its parameter ${number} is out of order`);
    last = number;
    if (number === key.alpn) alpn = decodeAlpn(value);
    if (number === key.ech) ech = configsIn(value);
  }
  return { priority, target, alpn, ech };
}

/** RFC 9460 §7.1.1: a list without a length of its own. */
function decodeAlpn(value: Uint8Array): string[] {
  const reader = new Reader(value);
  const names: string[] = [];
  while (reader.remaining > 0) names.push(printable(protocol.read(reader), 40));
  return names;
}
const protocol = text(1, 255);

const configs = list(struct({ version: uint16, contents: opaque(0, 0xffff) }), 1, 0xffff);

/** Of version 0xfe0d (RFC 9849 §4). */
const contents = struct({
  configId: uint8,
  kemId: uint16,
  publicKey: opaque(1, 0xffff),
  cipherSuites: list(struct({ kdf: uint16, aead: uint16 }), 4, 0xfffc),
  maximumNameLength: uint8,
  publicName: text(1, 255),
  extensions: rest,
});
const current = 0xfe0d;

/** HPKE's (RFC 9180 §7.1). */
const kems = {
  "DHKEM(P-256)": 0x0010,
  "DHKEM(P-384)": 0x0011,
  "DHKEM(P-521)": 0x0012,
  "DHKEM(X25519)": 0x0020,
  "DHKEM(X448)": 0x0021,
};

/** @throws DecodeError */
function configsIn(value: Uint8Array): EchConfigFact[] {
  return decode(configs, value, 64).flatMap(({ version, contents: bytes }) => {
    // Of other versions nothing is known, and clients pass them over
    if (version !== current) return [];
    const { kemId, publicName } = decode(contents, bytes, 64);
    return [{ publicName: printable(publicName, 255), kem: nameOf(kems, kemId, 2) }];
  });
}
