/** A TCP segment in an IPv4 packet, as it is written into a capture: headers without options, checksums that are right. */

/** What a segment is for (RFC 9293 §3.1), as bits. */
export const TcpFlag = { fin: 1, syn: 2, reset: 4, push: 8, acknowledge: 16 } as const;

/** One end of a connection in a capture. */
export interface Endpoint {
  /** IPv4 or IPv6, as text. */
  readonly address: string;
  /** TCP port. */
  readonly port: number;
}

export interface TcpSegment {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Modulo 2^32, as the next two. */
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

const ipHeader = 20;
const tcpHeader = 20;
const tcpProtocol = 6;

/** @throws RangeError for an address that is none of IPv4, and for more payload than a packet can hold */
export function tcpPacket({ from, to, flags, payload, ...numbers }: TcpSegment): Uint8Array {
  const length = ipHeader + tcpHeader + payload.length;
  if (length > 0xffff) throw new RangeError(`an IPv4 packet of ${length} bytes`);
  const packet = new Uint8Array(length);
  const view = new DataView(packet.buffer);
  packet[0] = 0x45;
  view.setUint16(2, length);
  view.setUint16(6, 0x4000); // do not fragment
  packet[8] = 64;
  packet[9] = tcpProtocol;
  packet.set(ipv4(from.address), 12);
  packet.set(ipv4(to.address), 16);
  view.setUint16(10, checksum(packet.subarray(0, ipHeader)));

  view.setUint16(20, from.port);
  view.setUint16(22, to.port);
  view.setUint32(24, numbers.sequence);
  view.setUint32(28, flags & TcpFlag.acknowledge ? numbers.acknowledgement : 0);
  packet[32] = (tcpHeader / 4) << 4;
  packet[33] = flags;
  view.setUint16(34, 0xffff);
  packet.set(payload, ipHeader + tcpHeader);
  // RFC 9293 §3.1: over the addresses, the protocol and the length too
  const pseudo = tcpProtocol + length - ipHeader;
  view.setUint16(36, checksum(packet.subarray(12), pseudo));
  return packet;
}

function ipv4(address: string): Uint8Array {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) {
    throw new RangeError(`${address} is not an IPv4 address`);
  }
  return Uint8Array.from(parts);
}

/** RFC 1071. */
function checksum(bytes: Uint8Array, first = 0): number {
  let sum = first;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
