import { describe, expect, it } from "vitest";
import { RecordFraming } from "../../src/record/framing.ts";

/** The records that come out of pieces, copied. */
function records(...pieces: readonly Uint8Array[]): number[][] {
  const framing = new RecordFraming();
  const found: number[][] = [];
  for (const piece of pieces) {
    framing.push(piece);
    for (let record = framing.next(); record !== undefined; record = framing.next()) {
      found.push([...record]);
    }
    framing.detach();
  }
  return found;
}

const alert = Uint8Array.of(21, 3, 3, 0, 2, 1, 0);
const data = Uint8Array.of(23, 3, 3, 0, 3, 7, 8, 9);
const stream = Uint8Array.of(...alert, ...data);

describe("cutting a stream into records", () => {
  it.each(Array.from({ length: stream.length - 1 }, (_, at) => at + 1))(
    "does not depend on where it is cut: at %i",
    (at) => {
      expect(records(stream.subarray(0, at), stream.subarray(at))).toEqual([[...alert], [...data]]);
    },
  );

  it("uses the memory of a record that came in pieces no more, and never the caller's", () => {
    const large = new Uint8Array(5 + 8000);
    large.set([23, 3, 3, 8000 >> 8, 8000 & 0xff]);
    const rest = large.slice(100);
    const framing = new RecordFraming();
    framing.push(large.subarray(0, 100));
    expect(framing.next()).toBeUndefined();
    framing.push(rest);
    expect(framing.next()).toEqual(large);
    expect(framing.next()).toBeUndefined();
    expect([large.length, rest.length]).toEqual([8005, 7905]);
    framing.push(large);
    expect(framing.next()).toEqual(large);
    expect(framing.next()).toBeUndefined();
    expect(large.length).toBe(8005);
  });

  it("keeps nothing of a buffer that its owner uses again, a Buffer of Node's least of all", () => {
    const framing = new RecordFraming();
    const reused = Buffer.from(stream);
    framing.push(reused);
    const copy = framing.next()?.slice();
    framing.detach();
    reused.fill(0);
    expect(copy).toEqual(alert);
    expect(framing.next()).toEqual(data);
  });

  it("refuses a type that does not exist when the header is there, not when the record is", () => {
    const http = new TextEncoder().encode("GET / HTTP/1.1\r\n");
    expect(() => records(http)).toThrow(
      expect.objectContaining({ code: "unexpected_message", alert: "unexpected_message" }),
    );
    expect(() => records(http.subarray(0, 3), http.subarray(3))).toThrow(/this is no TLS record/);
    expect(records(http.subarray(0, 4))).toEqual([]);
    expect(() => records(Uint8Array.of(24, 3, 3, 0, 0))).toThrow(/received type 0x18/);
  });

  it("refuses a length of more than 2^14 + 256 when the header is there", () => {
    expect(records(Uint8Array.of(23, 3, 3, 0x41, 0x00))).toEqual([]);
    expect(() => records(Uint8Array.of(23, 3, 3, 0x41, 0x01))).toThrow(
      expect.objectContaining({ code: "record_overflow" }),
    );
  });
});
