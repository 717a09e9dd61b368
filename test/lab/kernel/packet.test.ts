import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readPacket, writeChecksum } from "../../../src/lab/kernel/packet.ts";
import { fromHex } from "../../../src/wire/index.ts";

// A SYN as Linux 6.18 sent it through a VXLAN device, whose checksum is half done
const syn = (): Uint8Array =>
  fromHex(
    [
      "0800000000000700",
      "026b656d0002026b656d00010800",
      "4500003cea4240004006c351c6120101c6130001",
      "a563a2f543a0b1f300000000a002faf08d5600000204",
      "05b40402080a1ec3d03e000000000103030a",
    ].join(""),
  );

/** The sum that a receiver makes, pseudo-header included: right if it is all ones (RFC 9293 §3.1). */
function receiverSum(datagram: Uint8Array): number {
  const ip = datagram.subarray(22);
  const segment = ip.subarray(20);
  let sum = 6 + segment.length;
  for (const bytes of [ip.subarray(12, 20), segment]) {
    for (const [at, byte] of bytes.entries()) sum += at % 2 === 0 ? byte * 256 : byte;
  }
  return (sum % 0xffff) + (sum % 0xffff === 0 ? 0xffff : 0);
}

/** The same packet with data, and the right length in its IPv4 header. */
function withData(data: Uint8Array): Uint8Array {
  const packet = new Uint8Array([...syn(), ...data]);
  new DataView(packet.buffer).setUint16(24, 60 + data.length);
  return packet;
}

describe("a packet", () => {
  it("is read as the kernel wrote it", () => {
    expect(readPacket(syn())).toEqual({
      source: "198.18.1.1",
      destination: "198.19.0.1",
      isSyn: true,
      sequence: 0x43a0b1f3,
      payload: new Uint8Array(),
      size: 74,
    });
    expect(readPacket(withData(new Uint8Array([1, 2, 3])))?.payload).toEqual(
      new Uint8Array([1, 2, 3]),
    );
  });

  it("that is cut off is none, wherever", () => {
    for (let length = 0; length < syn().length; length++) {
      expect(readPacket(syn().subarray(0, length))).toBeUndefined();
    }
  });

  it("is no ARP, no UDP, and has no header longer than itself", () => {
    const changed = (at: number, value: number) => {
      const packet = syn();
      packet[at] = value;
      return readPacket(packet);
    };
    expect(changed(21, 0x06)).toBeUndefined();
    expect(changed(31, 17)).toBeUndefined();
    expect(changed(54, 0xf0)).toBeUndefined();
    expect(changed(22, 0x4f)).toBeUndefined();
  });

  it("never ends the program, whatever its bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        if (bytes.length > 22) bytes.set([8, 0], 20);
        readPacket(bytes);
      }),
    );
  });

  it("gets the checksum that its receiver wants, of any length", () => {
    expect(receiverSum(syn())).not.toBe(0xffff);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
        const packet = withData(data);
        writeChecksum(packet);
        expect(receiverSum(packet)).toBe(0xffff);
      }),
    );
  });
});
