/** pcapng files (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces, packets of three kinds, secrets. */
import type { Feed } from "./feed.ts";
import { CaptureError, type CaptureItem, type PacketParser } from "./capture-item.ts";
import { Block, byteOrderMagic, tlsKeyLog } from "./pcapng.ts";

/** Bytes of a block: a packet's, or a key log's. */
const maxBlock = 16 * 2 ** 20;
/** Interfaces of a section. */
const maxInterfaces = 4096;

interface Interface {
  readonly linkType: number;
  /** Units of its times in a millisecond. */
  readonly perMillisecond: number;
  /** Milliseconds that its times begin later. */
  readonly offset: number;
  /** Bytes that it keeps of a packet; 0: all. */
  readonly snapLength: number;
}

/** A section header reads the same in either byte order. */
export const isPcapng = (bytes: Uint8Array): boolean =>
  viewOf(bytes).getUint32(0) === Block.section;

export const readPcapng: PacketParser = function* (
  feed: Feed,
): Generator<CaptureItem | undefined, void, void> {
  let littleEndian = true;
  let interfaces: Interface[] = [];
  let at = 0;
  for (let number = 1; ;) {
    // A section header says its byte order in its third word
    const head = feed.peek(12);
    if (head === undefined) {
      yield undefined;
      continue;
    }
    const damaged = (what: string): CaptureError =>
      new CaptureError(`block ${number} ${what}: the file is damaged there`);
    if (viewOf(head).getUint32(0) === Block.section) {
      littleEndian = viewOf(head).getUint32(8, true) === byteOrderMagic;
      if (viewOf(head).getUint32(8, littleEndian) !== byteOrderMagic) {
        throw damaged("begins a section of an unknown byte order");
      }
      interfaces = [];
    }
    const type = viewOf(head).getUint32(0, littleEndian);
    const length = viewOf(head).getUint32(4, littleEndian);
    if (length < 12 || length % 4 !== 0 || length > maxBlock) {
      throw damaged(`says that it has ${length} bytes`);
    }
    const block = feed.take(length);
    if (block === undefined) {
      yield undefined;
      continue;
    }
    const body = new Body(block.subarray(8, length - 4), littleEndian);
    if (viewOf(block).getUint32(length - 4, littleEndian) !== length) {
      throw damaged("has two lengths");
    }
    number++;
    if (type === Block.interface) {
      if (interfaces.length === maxInterfaces) throw damaged("is one interface too many");
      interfaces.push(interfaceIn(body));
    } else if (type === Block.secrets) {
      if (body.uint32(0) === tlsKeyLog)
        yield { kind: "keyLog", text: body.text(8, body.uint32(4)) };
    } else {
      const packet = packetIn(type, body, interfaces);
      if (packet === undefined) continue;
      at = packet.at ?? at;
      yield { kind: "packet", at, linkType: packet.linkType, bytes: packet.bytes };
    }
  }
};

interface Packet {
  /** Absent: it has no time. */
  readonly at?: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

/** `undefined` for a block that is not a packet, or one of an interface that nobody described. */
function packetIn(type: number, body: Body, interfaces: readonly Interface[]): Packet | undefined {
  if (type === Block.simplePacket) {
    const of = interfaces[0];
    if (of === undefined) return undefined;
    const length = Math.min(body.uint32(0), of.snapLength === 0 ? Infinity : of.snapLength);
    return { linkType: of.linkType, bytes: body.bytes(4, length) };
  }
  if (type !== Block.packet && type !== Block.packetOld) return undefined;
  // The older kind has a count of drops beside the interface
  const of = interfaces[type === Block.packet ? body.uint32(0) : body.uint16(0)];
  if (of === undefined) return undefined;
  const units = body.uint32(4) * 2 ** 32 + body.uint32(8);
  const at = units / of.perMillisecond + of.offset;
  return { at, linkType: of.linkType, bytes: body.bytes(20, body.uint32(12)) };
}

const Option = { end: 0, resolution: 9, offset: 14 } as const;

function interfaceIn(body: Body): Interface {
  let perMillisecond = 1e3;
  let offset = 0;
  for (let at = 8; at + 4 <= body.length;) {
    const [code, length] = [body.uint16(at), body.uint16(at + 2)];
    if (code === Option.end) break;
    if (code === Option.resolution) {
      const digits = body.bytes(at + 4, 1)[0] ?? 6;
      // The first bit: a power of two instead of ten
      const perSecond = digits & 0x80 ? 2 ** (digits & 0x7f) : 10 ** digits;
      perMillisecond = perSecond / 1000;
    }
    if (code === Option.offset) {
      offset = body.int64(at + 4) * 1000;
    }
    at += 4 + ((length + 3) & ~3);
  }
  return { linkType: body.uint16(0), snapLength: body.uint32(4), perMillisecond, offset };
}

/** Fields of a block; what is not there is 0, or empty. */
class Body {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#littleEndian = littleEndian;
  }

  get length(): number {
    return this.#bytes.length;
  }

  uint16(at: number): number {
    return at + 2 > this.length ? 0 : this.#view.getUint16(at, this.#littleEndian);
  }

  uint32(at: number): number {
    return at + 4 > this.length ? 0 : this.#view.getUint32(at, this.#littleEndian);
  }

  int64(at: number): number {
    return at + 8 > this.length ? 0 : Number(this.#view.getBigInt64(at, this.#littleEndian));
  }

  bytes(at: number, length: number): Uint8Array {
    return this.#bytes.subarray(at, at + length);
  }

  text(at: number, length: number): string {
    return latin1(this.bytes(at, length));
  }
}

/** A key log is ASCII. */
const latin1 = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
