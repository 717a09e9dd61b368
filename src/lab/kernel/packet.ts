/** TCP packets as a tunnel of the kernel's (VXLAN, RFC 7348 §5) hands them over: Ethernet, IPv4 and TCP in a datagram. */
import { addressText, segmentIn } from "../capture/ip.ts";
import { TcpFlag } from "../capture/tcp-packet.ts";

/** What the relay must know of a packet. */
export interface TcpPacket {
  /** Addresses, as text. */
  readonly source: string;
  readonly destination: string;
  readonly isSyn: boolean;
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** Of the Ethernet frame. */
  readonly size: number;
}

const vxlanHeader = 8;
const ethernetHeader = 14;
const ipv4 = 0x0800;
const tcp = 6;
/** The link type of captures. */
const ethernet = 1;

/** Undefined: it is something else, or cut off. */
export function readPacket(datagram: Uint8Array): TcpPacket | undefined {
  const frame = datagram.subarray(vxlanHeader);
  // Our own devices tag nothing, and the checksum is written where it stands without a tag
  if (frame[12] !== ipv4 >> 8 || frame[13] !== (ipv4 & 0xff)) return undefined;
  const segment = segmentIn(ethernet, frame);
  if (typeof segment === "string" || segment.missing !== 0) return undefined;
  const { source, destination, flags, sequence, payload } = segment;
  return {
    source: addressText(source),
    destination: addressText(destination),
    isSyn: (flags & TcpFlag.syn) !== 0,
    sequence,
    payload,
    size: frame.length,
  };
}

/**
 * Writes the checksum of TCP (RFC 9293 §3.1), which the kernel leaves to a device where there is a real one.
 *
 * @param datagram of which {@link readPacket} made a packet
 */
export function writeChecksum(datagram: Uint8Array): void {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const ip = vxlanHeader + ethernetHeader;
  const segment = ip + 4 * (view.getUint8(ip) & 0x0f);
  const end = ip + view.getUint16(ip + 2);
  view.setUint16(segment + checksumAt, 0);
  let sum = tcp + (end - segment);
  for (let at = ip + 12; at < ip + 20; at += 2) sum += view.getUint16(at);
  for (let at = segment; at < end - 1; at += 2) sum += view.getUint16(at);
  if ((end - segment) % 2 === 1) sum += view.getUint8(end - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(segment + checksumAt, ~sum & 0xffff);
}

const checksumAt = 16;
