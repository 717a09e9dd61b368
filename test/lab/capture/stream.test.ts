import { array, assert, integer, nat, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { TcpStream } from "../../../src/lab/capture/stream.ts";

type Told = string;
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const bytesOf = (content: string): Uint8Array => Uint8Array.from(Buffer.from(content, "latin1"));

function stream(from = 0): { readonly told: Told[]; readonly stream: TcpStream } {
  const told: Told[] = [];
  const made = new TcpStream({
    bytes: (bytes) => told.push(text(bytes)),
    gap: (bytes) => told.push(`-${bytes}`),
    end: () => told.push("end"),
  });
  made.begin(from - 1);
  return { told, stream: made };
}

describe("a TCP stream (RFC 9293 §3.4)", () => {
  it("puts segments together in whatever order they come", () => {
    const { told, stream: one } = stream(100);
    one.segment(106, bytesOf("three"), 0);
    one.segment(103, bytesOf("two"), 0);
    expect(told).toEqual([]);
    one.segment(100, bytesOf("one"), 0);
    one.fin(111);
    expect(told).toEqual(["one", "two", "three", "end"]);
  });

  it("takes what came first, and of an overlap only what is new", () => {
    const { told, stream: one } = stream();
    one.segment(0, bytesOf("abcd"), 0);
    one.segment(0, bytesOf("ABCD"), 0);
    one.segment(2, bytesOf("CDef"), 0);
    one.segment(8, bytesOf("ij"), 0);
    one.segment(7, bytesOf("hIJk"), 0);
    one.segment(6, bytesOf("g"), 0);
    expect(told.join("")).toBe("abcdefghIJk");
  });

  it("goes on over the end of the numbers", () => {
    const { told, stream: one } = stream(0xffff_fffe);
    one.segment(1, bytesOf("de"), 0);
    one.segment(0xffff_fffe, bytesOf("abc"), 0);
    expect(told).toEqual(["abc", "de"]);
  });

  it("begins with the first segment where the SYN was not seen", () => {
    const told: string[] = [];
    const one = new TcpStream({ bytes: (b) => told.push(text(b)), gap: () => {}, end: () => {} });
    one.segment(77, bytesOf("x"), 0);
    one.segment(78, bytesOf("y"), 0);
    expect(told).toEqual(["x", "y"]);
  });

  it("waits for a hole, until it is acknowledged and many packets have passed", () => {
    const { told, stream: one } = stream();
    one.segment(5, bytesOf("later"), 0);
    for (let i = 0; i < 100; i++) one.acknowledge(0);
    expect(told).toEqual([]);
    for (let i = 0; i < 16; i++) one.acknowledge(10);
    expect(told).toEqual([]);
    one.acknowledge(10);
    expect(told).toEqual(["-5", "later"]);
  });

  it("has a gap for what is missing when the capture ends, and for a FIN behind it", () => {
    const { told, stream: one } = stream();
    one.segment(3, bytesOf("d"), 0);
    one.segment(9, bytesOf("j"), 0);
    one.fin(12);
    one.finish();
    expect(told).toEqual(["-3", "d", "-5", "j", "-2", "end"]);
  });

  it("has a gap for what was cut off a segment, but not if it was there already", () => {
    const { told, stream: one } = stream();
    one.segment(0, bytesOf("ab"), 3);
    one.segment(5, bytesOf("fg"), 0);
    one.segment(2, bytesOf("c"), 4);
    expect(told).toEqual(["ab", "-3", "fg"]);
  });

  it("holds no more than a mebibyte behind a hole", () => {
    const { told, stream: one } = stream();
    const piece = new Uint8Array(2 ** 16);
    for (let i = 0; i < 16; i++) one.segment(10 + i * piece.length, piece, 0);
    expect([told.length, one.pendingBytes]).toEqual([0, 2 ** 20]);
    one.segment(10 + 16 * piece.length, piece, 0);
    expect([told[0], one.pendingBytes]).toEqual(["-10", 0]);
    const { told: others, stream: many } = stream();
    for (let i = 0; i < 1024; i++) many.segment(10 + 2 * i, Uint8Array.of(1), 0);
    expect(others).toEqual([]);
    many.segment(5000, Uint8Array.of(1), 0);
    expect(others[0]).toBe("-10");
  });

  it("takes nothing that is further ahead than a window", () => {
    const { told, stream: one } = stream();
    one.segment(2 ** 30 + 1, bytesOf("far"), 0);
    one.finish();
    expect(told).toEqual([]);
  });

  it("gives every byte once, in order, for any cut and order", () => {
    const cuts = array(tuple(nat(50), integer({ min: 1, max: 20 })), { maxLength: 60 });
    assert(
      property(cuts, nat(0xffff_ffff), (pieces, from) => {
        const whole = Uint8Array.from({ length: 70 }, (_, at) => at);
        const { told, stream: one } = stream(from);
        const place = (at: number): number => (from + at) >>> 0;
        for (const [at, length] of pieces) one.segment(place(at), whole.slice(at, at + length), 0);
        for (let at = 0; at < 70; at += 7) one.segment(place(at), whole.slice(at, at + 7), 0);
        one.fin(place(70));
        expect(told.pop()).toBe("end");
        expect(told.join("")).toBe(text(whole));
      }),
    );
  });
});
