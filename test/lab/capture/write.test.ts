import { describe, expect, it } from "vitest";
import { captureOf } from "../../../src/lab/capture/write.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { fromHex, toHex } from "../../../src/wire/index.ts";
import { experiment } from "../experiment.ts";
import type { Trace } from "../../../src/lab/trace/trace.ts";

/** Types of the blocks of a pcapng file, by walking over their lengths. */
function blocksOf(file: Uint8Array): number[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const types: number[] = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4, true)) {
    types.push(view.getUint32(at, true));
    expect(view.getUint32(at + view.getUint32(at + 4, true) - 4, true)).toBe(
      view.getUint32(at + 4, true),
    );
  }
  return types;
}

const small: Trace = {
  events: [
    { at: 1.5, end: "client", direction: "sent", kind: "bytes", bytes: Uint8Array.of(1, 2, 3) },
  ],
  keyLog: [{ end: "client", line: "# nothing" }],
};

describe("a capture", () => {
  it("is these bytes for one segment", () => {
    const file = captureOf([small], { began: 0 });
    expect(blocksOf(file)).toEqual([0x0a0d0d0a, 1, 10, 6, 6, 6, 6]);
    const last = file.subarray(-(32 + 44));
    // 1.5 ms in nanoseconds, 43 bytes of packet, one of padding
    expect(toHex(last.subarray(0, 28))).toBe(
      "060000004c000000000000000000000060e316002b0000002b000000",
    );
    const [ip, tcp] = [last.subarray(28, 48), last.subarray(48, 71)];
    // RFC 791 §3.1: identification 0, do not fragment, time to live 64, TCP, the checksum
    expect(toHex(ip)).toBe("4500002b0000400040064e97c0000201c6336401");
    // From 49152 to 443, sequence 1001, acknowledgement 5001, PSH and ACK
    expect(toHex(tcp.subarray(0, 14))).toBe("c00001bb000003e9000013895018");
    expect(tcp.subarray(20)).toEqual(fromHex("010203"));
  });

  it("keeps the secrets before all packets, and a trace's packets in order", () => {
    const { trace } = runHandshake(experiment());
    const types = blocksOf(captureOf([trace, trace]));
    expect(types.slice(0, 3)).toEqual([0x0a0d0d0a, 1, 10]);
    expect(types.filter((type) => type === 10)).toHaveLength(2);
    expect(types.filter((type) => type === 1)).toHaveLength(1);
  });

  it("has segments of the size that is wanted", () => {
    const bytes = new Uint8Array(10);
    const trace: Trace = { keyLog: [], events: [{ ...small.events[0]!, kind: "bytes", bytes }] };
    const count = (size: number) =>
      blocksOf(captureOf([trace], { maximumSegmentSize: size })).filter((type) => type === 6)
        .length;
    expect([count(3), count(5), count(10)]).toEqual([3 + 4, 3 + 2, 3 + 1]);
  });

  it("does not depend on the time if that is counted", () => {
    const later = { ...small, events: small.events.map((event) => ({ ...event, at: 99 })) };
    expect(captureOf([small], { clock: "counted" })).toEqual(
      captureOf([later], { clock: "counted" }),
    );
    expect(captureOf([small])).not.toEqual(captureOf([later]));
  });

  it("refuses options that it does not know", () => {
    expect(() => captureOf([], { mss: 1 } as never)).toThrow("captureOf has no option mss");
    expect(() => captureOf([], { maximumSegmentSize: 70_000 })).toThrow(RangeError);
  });
});
