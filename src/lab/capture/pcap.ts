/** pcap files, as libpcap writes them (draft-ietf-opsawg-pcap): either byte order, micro- or nanoseconds. */
import type { Feed } from "./feed.ts";
import { CaptureError, type CaptureItem, type PacketParser } from "./capture-item.ts";

const headerLength = 24;
const recordHeaderLength = 16;
/** Bytes of a packet that libpcap writes at most. */
export const maxPacket = 0x40000;

interface Format {
  readonly littleEndian: boolean;
  /** Units of the fraction of a second, in a millisecond. */
  readonly perMillisecond: number;
}

const formats: Readonly<Record<number, Format>> = {
  0xa1b2c3d4: { littleEndian: false, perMillisecond: 1e3 },
  0xd4c3b2a1: { littleEndian: true, perMillisecond: 1e3 },
  0xa1b23c4d: { littleEndian: false, perMillisecond: 1e6 },
  0x4d3cb2a1: { littleEndian: true, perMillisecond: 1e6 },
};

const formatOf = (bytes: Uint8Array): Format | undefined => formats[viewOf(bytes).getUint32(0)];

export const isPcap = (bytes: Uint8Array): boolean => formatOf(bytes) !== undefined;

export const readPcap: PacketParser = function* (
  feed: Feed,
): Generator<CaptureItem | undefined, void, void> {
  let header = feed.take(headerLength);
  while (header === undefined) {
    yield undefined;
    header = feed.take(headerLength);
  }
  const { littleEndian, perMillisecond } = formatOf(header)!;
  // The upper bits say how long a frame's check is
  const linkType = viewOf(header).getUint32(20, littleEndian) & 0xffff;
  for (let number = 1; ; number++) {
    const head = feed.peek(recordHeaderLength);
    if (head === undefined) {
      yield undefined;
      number--;
      continue;
    }
    const view = viewOf(head);
    const length = view.getUint32(8, littleEndian);
    if (length > maxPacket) {
      throw new CaptureError(
        `packet ${number} says that it has ${length} bytes: the file is damaged there`,
      );
    }
    const at =
      view.getUint32(0, littleEndian) * 1000 + view.getUint32(4, littleEndian) / perMillisecond;
    const record = feed.take(recordHeaderLength + length);
    if (record === undefined) {
      yield undefined;
      number--;
      continue;
    }
    yield { kind: "packet", at, linkType, bytes: record.subarray(recordHeaderLength) };
  }
};

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
