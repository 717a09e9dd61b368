/** Blocks of a pcapng file (draft-ietf-opsawg-pcapng), as they are written: little-endian, times in nanoseconds. */
import { concatAll, utf8 } from "../../wire/index.ts";

/** Types of blocks, and what else names things in them. */
export const Block = {
  section: 0x0a0d0d0a,
  interface: 1,
  packetOld: 2,
  simplePacket: 3,
  packet: 6,
  secrets: 10,
} as const;

/** The number by which a section says its byte order. */
export const byteOrderMagic = 0x1a2b3c4d;
/** Secrets type of a key log in the format of RFC 9850. */
export const tlsKeyLog = 0x544c534b;

const Option = { end: 0, interfaceName: 2, application: 4, resolution: 9 } as const;
/** Digits of a second behind the point. */
const nanoseconds = 9;

/** Begins a file. */
export const sectionHeader = (application: string): Uint8Array =>
  block(
    Block.section,
    words(byteOrderMagic, 1 /* version 1.0 */, 0xffffffff, 0xffffffff /* length unknown */),
    option(Option.application, utf8(application)),
    option(Option.end, new Uint8Array(0)),
  );

/** A place at which packets are seen. They are numbered in order, from 0. */
export const interfaceDescription = (linkType: number, name: string): Uint8Array =>
  block(
    Block.interface,
    words(linkType, 0 /* no limit */),
    option(Option.interfaceName, utf8(name)),
    option(Option.resolution, Uint8Array.of(nanoseconds)),
    option(Option.end, new Uint8Array(0)),
  );

/** Lines of a key log. They must stand before the packets that they open. */
export function decryptionSecrets(lines: readonly string[]): Uint8Array {
  const log = utf8(`${lines.join("\n")}\n`);
  return block(Block.secrets, words(tlsKeyLog, log.length), padded(log));
}

/** A packet, whole. @param at nanoseconds since the epoch */
export function enhancedPacket(place: number, at: bigint, bytes: Uint8Array): Uint8Array {
  const [high, low] = [Number(at >> 32n), Number(at & 0xffffffffn)];
  return block(Block.packet, words(place, high, low, bytes.length, bytes.length), padded(bytes));
}

/** Its length stands at both ends. */
function block(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = 12 + parts.reduce((sum, part) => sum + part.length, 0);
  return concatAll([words(type, length), ...parts, words(length)]);
}

function option(code: number, value: Uint8Array): Uint8Array {
  const head = new Uint8Array(4);
  const view = new DataView(head.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  return concatAll([head, padded(value)]);
}

/** 32 bits each. */
function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, at) => view.setUint32(4 * at, value, true));
  return bytes;
}

function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array((bytes.length + 3) & ~3);
  whole.set(bytes);
  return whole;
}
