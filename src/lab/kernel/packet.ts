/** TCP packets as a tunnel of the kernel's (VXLAN, RFC 7348 §5) hands them over: Ethernet, IPv4 and TCP in a datagram. */

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
const syn = 0x02;

/** Undefined: it is something else, or cut off. */
export function readPacket(datagram: Uint8Array): TcpPacket | undefined {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const ip = vxlanHeader + ethernetHeader;
  if (datagram.length < ip + 20 || view.getUint16(ip - 2) !== ipv4) return undefined;
  const segment = ip + 4 * (view.getUint8(ip) & 0x0f);
  const end = ip + view.getUint16(ip + 2);
  if (view.getUint8(ip + 9) !== tcp || segment + 20 > end || end > datagram.length) {
    return undefined;
  }
  const start = segment + 4 * (view.getUint8(segment + 12) >> 4);
  if (start > end) return undefined;
  return {
    source: address(datagram, ip + 12),
    destination: address(datagram, ip + 16),
    isSyn: (view.getUint8(segment + 13) & syn) !== 0,
    sequence: view.getUint32(segment + 4),
    payload: datagram.subarray(start, end),
    size: datagram.length - vxlanHeader,
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

const address = (bytes: Uint8Array, at: number): string => bytes.subarray(at, at + 4).join(".");
