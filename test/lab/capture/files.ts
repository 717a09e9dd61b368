/** Capture files for tests: packets of a real handshake, in every wrapping. */
import { CaptureFile } from "../../../src/lab/capture/packets.ts";
import { concat } from "../../../src/wire/index.ts";

/** The packets that stand in a file. */
export const packetsIn = (file: Uint8Array): Uint8Array[] =>
  [...new CaptureFile().push(file)].flatMap((item) =>
    item.kind === "packet" ? [item.bytes.slice()] : [],
  );

interface PcapForm {
  readonly linkType?: number;
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
  /** Bytes of a packet that are kept. */
  readonly snapLength?: number;
}

/** A pcap file, a packet a millisecond. */
export function pcapOf(packets: readonly Uint8Array[], form: PcapForm = {}): Uint8Array {
  const { linkType = 101, littleEndian = true, nanoseconds = false, snapLength = 0x40000 } = form;
  const words = (...values: readonly number[]): Uint8Array => {
    const bytes = new Uint8Array(4 * values.length);
    const view = new DataView(bytes.buffer);
    values.forEach((value, at) => view.setUint32(4 * at, value, littleEndian));
    return bytes;
  };
  const version = littleEndian ? 0x00040002 : 0x00020004;
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const unit = nanoseconds ? 1_000_000 : 1000;
  return concat(
    words(magic, version, 0, 0, snapLength, linkType),
    ...packets.flatMap((packet, index) => {
      const kept = packet.subarray(0, snapLength);
      return [words(1, index * unit, kept.length, packet.length), kept];
    }),
  );
}

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

/** Ways in which an IPv4 packet is wrapped, by the link type's name. */
export const wrappings: Readonly<
  Record<string, { readonly linkType: number; readonly wrap: (ip: Uint8Array) => Uint8Array }>
> = {
  raw: { linkType: 101, wrap: (ip) => ip },
  IPV4: { linkType: 228, wrap: (ip) => ip },
  Ethernet: { linkType: 1, wrap: (ip) => concat(hex("0200000000010200000000020800"), ip) },
  // With padding up to the 60 bytes of a frame
  "Ethernet with two VLAN tags": {
    linkType: 1,
    wrap: (ip) =>
      concat(hex("020000000001020000000002 88a80064 81000065 0800"), ip, new Uint8Array(6)),
  },
  NULL: { linkType: 0, wrap: (ip) => concat(hex("02000000"), ip) },
  LOOP: { linkType: 108, wrap: (ip) => concat(hex("00000002"), ip) },
  SLL: {
    linkType: 113,
    wrap: (ip) => concat(hex("0000 0001 0006 020000000001 0000 0800"), ip),
  },
  "SLL with a VLAN tag": {
    linkType: 113,
    wrap: (ip) => concat(hex("0000 0001 0006 020000000001 0000 8100 0064 0800"), ip),
  },
  SLL2: {
    linkType: 276,
    wrap: (ip) => concat(hex("0800 0000 00000002 0001 00 06 020000000001 0000"), ip),
  },
};

/** The same TCP segment in IPv6, behind a destination options header. */
export function asIpv6(ipv4: Uint8Array): Uint8Array {
  const tcp = ipv4.subarray(20);
  const options = hex("06 00 01 04 00000000");
  const header = hex("60000000 0000 3c 40");
  new DataView(header.buffer).setUint16(4, options.length + tcp.length);
  const prefix = hex("20010db8 00000000 00000000");
  return concat(header, prefix, ipv4.subarray(12, 16), prefix, ipv4.subarray(16, 20), options, tcp);
}
