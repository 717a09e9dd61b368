/** From a captured packet to the TCP segment in it: link layers, VLAN tags, IPv4 and IPv6. */

/** A TCP segment in a packet. A view: to be used at once. */
export interface CapturedSegment {
  /** Who sends it and who receives it: 4 or 16 bytes of address each. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** Bits of `TcpFlag`. */
  readonly flags: number;
  /** As far as it was captured. */
  readonly payload: Uint8Array;
  /** Bytes of the payload that were not captured. */
  readonly missing: number;
}

/** Why a packet holds no segment that is read. */
export type Unread = "not IP" | "fragments" | "UDP" | "QUIC" | "not TCP" | "damaged" | "link type";

const EtherType = { ipv4: 0x0800, ipv6: 0x86dd } as const;
/** Tags that stand before a type (IEEE 802.1Q, 802.1ad, and what came before it). */
const vlanTags: readonly number[] = [0x8100, 0x88a8, 0x9100];

/** The segment in a packet of that link type, or why there is none. */
export function segmentIn(linkType: number, packet: Uint8Array): CapturedSegment | Unread {
  const ip = ipIn(linkType, packet);
  if (typeof ip === "string") return ip;
  const version = (ip[0] ?? 0) >> 4;
  if (version === 4) return inIpv4(ip);
  return version === 6 ? inIpv6(ip) : "not IP";
}

function ipIn(linkType: number, packet: Uint8Array): Uint8Array | Unread {
  switch (linkType) {
    case 0: // NULL: an address family in the byte order of who captured
    case 108: // LOOP
      return packet.subarray(4);
    case 1: // Ethernet
      return byEtherType(packet, 12);
    case 12: // RAW, by the numbers of two systems
    case 14:
    case 101:
    case 228: // IPV4
    case 229: // IPV6
      return packet;
    case 113: // LINUX_SLL
      return byEtherType(packet, 14);
    case 276: // LINUX_SLL2: its type is its first field
      return byEtherType(packet, 0, 20);
    default:
      return "link type";
  }
}

/** @param behind where the packet goes on behind its link layer */
function byEtherType(packet: Uint8Array, at: number, behind = at + 2): Uint8Array | Unread {
  let type = uint16(packet, at);
  for (; vlanTags.includes(type); behind += 4) type = uint16(packet, behind + 2);
  return type === EtherType.ipv4 || type === EtherType.ipv6 ? packet.subarray(behind) : "not IP";
}

const Protocol = { tcp: 6, udp: 17, fragment: 44, authentication: 51 } as const;
/** Extension headers of IPv6 that may stand before TCP: hop by hop, routing, destination, mobility, HIP, shim6. */
const extensionHeaders: readonly number[] = [0, 43, 60, 135, 139, 140];

function inIpv4(ip: Uint8Array): CapturedSegment | Unread {
  const header = ((ip[0] ?? 0) & 0x0f) * 4;
  if (header < 20 || ip.length < header) return "damaged";
  // More fragments, or an offset
  if ((uint16(ip, 6) & 0x3fff) !== 0) return "fragments";
  // 0: the network card cuts what the kernel has sent in one piece
  const length = uint16(ip, 2) || ip.length;
  if (length < header) return "damaged";
  const [source, destination] = [ip.subarray(12, 16), ip.subarray(16, 20)];
  const payload = ip.subarray(header, length);
  return inTransport(ip[9]!, { source, destination }, payload, length - header);
}

function inIpv6(ip: Uint8Array): CapturedSegment | Unread {
  if (ip.length < 40) return "damaged";
  const [source, destination] = [ip.subarray(8, 24), ip.subarray(24, 40)];
  let length = uint16(ip, 4) || ip.length - 40;
  let next = ip[6]!;
  let at = 40;
  for (;;) {
    const isFragment = next === Protocol.fragment;
    if (!isFragment && next !== Protocol.authentication && !extensionHeaders.includes(next)) break;
    if (ip.length < at + 8) return "damaged";
    // An atomic fragment is a whole packet (RFC 6946)
    if (isFragment && (uint16(ip, at + 2) & 0xfff9) !== 0) return "fragments";
    const words = ip[at + 1]!;
    const size = isFragment
      ? 8
      : next === Protocol.authentication
        ? (words + 2) * 4
        : (words + 1) * 8;
    next = ip[at]!;
    at += size;
    length -= size;
  }
  if (length < 0 || ip.length < at) return "damaged";
  return inTransport(next, { source, destination }, ip.subarray(at, at + length), length);
}

/** @param length that it had before it was captured */
function inTransport(
  protocol: number,
  addresses: Pick<CapturedSegment, "source" | "destination">,
  bytes: Uint8Array,
  length: number,
): CapturedSegment | Unread {
  if (protocol === Protocol.udp) return isQuic(bytes) ? "QUIC" : "UDP";
  if (protocol !== Protocol.tcp) return "not TCP";
  const header = ((bytes[12] ?? 0) >> 4) * 4;
  if (header < 20 || bytes.length < header) return "damaged";
  const payload = bytes.subarray(header);
  return {
    ...addresses,
    sourcePort: uint16(bytes, 0),
    destinationPort: uint16(bytes, 2),
    sequence: uint32(bytes, 4),
    acknowledgement: uint32(bytes, 8),
    flags: bytes[13]!,
    payload,
    missing: length - header - payload.length,
  };
}

/** A long header of version 1 or 2 (RFC 9000 §17.2, RFC 9369 §3.1). */
const isQuic = (udp: Uint8Array): boolean =>
  (udp[8] ?? 0) >= 0xc0 && [1, 0x6b3343cf].includes(uint32(udp, 9));

/** As people write it: IPv6 in full, without leading zeros. */
export function addressText(address: Uint8Array): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, at) => uint16(address, 2 * at).toString(16));
  const text = groups.join(":");
  // RFC 5952 §4.2: the longest run of zeros, the first of several
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)];
  const [longest] = runs.toSorted(([a], [b]) => b.length - a.length);
  if (longest === undefined) return text;
  const [zeros] = longest;
  const shortened = `${text.slice(0, longest.index)}::${text.slice(longest.index + zeros.length)}`;
  return shortened.replace(/:{3,}/, "::");
}

const uint16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const uint32 = (bytes: Uint8Array, at: number): number =>
  uint16(bytes, at) * 0x10000 + uint16(bytes, at + 2);
