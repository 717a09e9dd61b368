import { describe, expect, it } from "vitest";
import { addressText, segmentIn } from "../../../src/lab/capture/ip.ts";
import { CaptureError } from "../../../src/lab/capture/capture-item.ts";
import { CaptureFile, isCapture } from "../../../src/lab/capture/packets.ts";
import { captureOf } from "../../../src/lab/capture/write.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { concat, fromHex } from "../../../src/wire/index.ts";
import { experiment } from "../experiment.ts";
import { asIpv6, packetsIn, pcapOf, wrappings } from "./files.ts";

const { trace } = runHandshake(experiment());
const own = captureOf([trace], { clock: "counted", began: 5000 });
const packets = packetsIn(own);

const hex = (text: string): Uint8Array => fromHex(text.replaceAll(" ", ""));

/** Everything in a file that comes in pieces of that size. */
function itemsIn(file: Uint8Array, pieceSize = file.length): unknown[] {
  const reader = new CaptureFile();
  const items: unknown[] = [];
  for (let at = 0; at < file.length; at += pieceSize) {
    for (const item of reader.push(file.slice(at, at + pieceSize))) {
      items.push(item.kind === "packet" ? { ...item, bytes: item.bytes.slice() } : item);
    }
  }
  reader.end();
  return items;
}

describe("a capture file", () => {
  it("of our own is read, secrets first, and then each packet at its time", () => {
    const items = itemsIn(own) as { kind: string; at?: number; text?: string }[];
    expect(items.map(({ kind }) => kind)).toEqual(["keyLog", ...packets.map(() => "packet")]);
    expect(items[0]?.text).toContain("CLIENT_HANDSHAKE_TRAFFIC_SECRET ");
    expect(items.map(({ at }) => at)).toEqual([
      undefined,
      5000,
      5000,
      5000,
      5000,
      5001,
      5001,
      5002,
    ]);
  });

  it.each([
    { littleEndian: true, nanoseconds: false },
    { littleEndian: false, nanoseconds: false },
    { littleEndian: true, nanoseconds: true },
    { littleEndian: false, nanoseconds: true },
  ])("of libpcap is read, %j", (form) => {
    const items = itemsIn(pcapOf(packets, form)) as { at: number; bytes: Uint8Array }[];
    expect(items.map(({ bytes }) => bytes)).toEqual(packets);
    expect(items.map(({ at }) => at)).toEqual(packets.map((_, index) => 1000 + index));
  });

  it.each([1, 7, 100])("can come in pieces of %i", (size) => {
    expect(itemsIn(own, size)).toEqual(itemsIn(own));
    const pcap = pcapOf(packets);
    expect(itemsIn(pcap, size)).toEqual(itemsIn(pcap));
  });

  it("has sections of either byte order, packets of three kinds, and times of other units", () => {
    const file = hex(
      // Big-endian section; an interface with binary time units of 2^-10 s that begins 100 s later
      "0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffffffffffff 0000001c" +
        "00000001 0000002c 0065 0000 00000000 0009 0001 8a000000 000e 0008 0000000000000064 0000 0000 0000002c" +
        // An enhanced packet, an obsolete one, a simple one, and a block of an unknown type
        "00000006 00000028 00000000 00000000 00000400 00000005 00000005 45000000 00000000 00000028" +
        "00000002 00000024 0000 0000 00000000 00000800 00000003 00000003 46000000 00000024" +
        "00000003 00000014 00000002 47000000 00000014" +
        "0000beef 0000000c 0000000c",
    );
    expect(itemsIn(file)).toEqual([
      { kind: "packet", at: 101_000, linkType: 101, bytes: fromHex("4500000000") },
      { kind: "packet", at: 102_000, linkType: 101, bytes: fromHex("460000") },
      { kind: "packet", at: 102_000, linkType: 101, bytes: fromHex("4700") },
    ]);
  });

  it.each([
    ["a packet that is longer than any", pcapOf([packets[0]!]), 32, "packet 1 says that it has"],
    ["a block that is longer than any", own, 7, "block 1 says that it has"],
  ])("with %s is read up to there", (_, file, at, reason) => {
    const damaged = file.slice();
    damaged.set([0xfc, 0xff, 0xff, 0x7f], at === 7 ? 4 : at);
    expect(() => itemsIn(damaged)).toThrow(CaptureError);
    expect(() => itemsIn(damaged)).toThrow(reason);
  });

  it("that was cut gives what is whole, and says so", () => {
    const cut = new CaptureFile();
    expect([...cut.push(own.slice(0, -10))]).toHaveLength(packets.length);
    expect(() => cut.end()).toThrow("the file ends in the middle of a packet");
    expect(() => itemsIn(fromHex("0102030405"))).toThrow("not a capture file");
    expect([isCapture(own), isCapture(fromHex("7b7d")), isCapture(fromHex("16030100"))]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("a packet", () => {
  const segmentOf = (linkType: number, packet: Uint8Array) => {
    const segment = segmentIn(linkType, packet);
    if (typeof segment === "string") return segment;
    const { source, destination, payload, ...rest } = segment;
    const texts = [addressText(source), addressText(destination)];
    return { ...rest, texts, payload: payload.slice() };
  };
  const plain = packets.map((packet) => segmentOf(101, packet));

  it.each(Object.entries(wrappings))("in %s holds the same segment", (_, { linkType, wrap }) => {
    expect(packets.map((packet) => segmentOf(linkType, wrap(packet)))).toEqual(plain);
  });

  it("in IPv6 holds the same segment, with other addresses", () => {
    const inIpv6 = packets.map((packet) => segmentOf(229, asIpv6(packet)));
    const texts = ["2001:db8::c000:201", "2001:db8::c633:6401"];
    expect(inIpv6[0]).toEqual({ ...(plain[0] as object), texts });
    expect(inIpv6.at(-1)).toMatchObject({
      payload: (plain.at(-1) as { payload: unknown }).payload,
    });
  });

  it("that was cut says how much is missing", () => {
    const hello = packets[3]!;
    const { payload } = plain[3] as { payload: Uint8Array };
    const cut = segmentOf(101, hello.slice(0, 60));
    expect(cut).toMatchObject({ payload: payload.slice(0, 20), missing: payload.length - 20 });
  });

  it("whose length is 0 goes as far as it was captured", () => {
    const hello = packets[3]!.slice();
    hello.set([0, 0], 2);
    expect(segmentOf(101, hello)).toEqual(plain[3]);
  });

  it.each([
    ["fragments", 101, (ip: Uint8Array) => ip.set([0x20, 0], 6)],
    ["not TCP", 101, (ip: Uint8Array) => ip.set([1], 9)],
    ["UDP", 101, (ip: Uint8Array) => ip.set([17], 9)],
    ["QUIC", 101, (ip: Uint8Array) => [ip.set([17], 9), ip.set([0xc0, 0, 0, 0, 1], 28)]],
    ["damaged", 101, (ip: Uint8Array) => ip.set([0x41], 0)],
    ["damaged", 101, (ip: Uint8Array) => ip.set([0x10], 32)],
    ["not IP", 101, (ip: Uint8Array) => ip.set([0x75], 0)],
    ["link type", 147, () => {}],
  ])("is not read: %s", (reason, linkType, change) => {
    const changed = concat(packets[3]!);
    change(changed);
    expect(segmentIn(linkType, changed)).toBe(reason);
  });

  it("of any bytes is a segment, or it is said why not", () => {
    for (const { linkType, wrap } of Object.values(wrappings)) {
      for (const packet of packets) {
        const wrapped = wrap(packet);
        for (let length = 0; length < Math.min(100, wrapped.length); length++) {
          expect(["string", "object"]).toContain(
            typeof segmentIn(linkType, wrapped.slice(0, length)),
          );
        }
      }
    }
  });

  it("has addresses as people write them (RFC 5952)", () => {
    const texts = [
      ["00000000000000000000000000000001", "::1"],
      ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
      ["20010db8000000000000000100000000", "2001:db8::1:0:0"],
      ["00000000000000000000000000000000", "::"],
      ["fe800000000000000000000000000000", "fe80::"],
    ] as const;
    for (const [bytes, text] of texts) expect(addressText(fromHex(bytes))).toBe(text);
  });
});
