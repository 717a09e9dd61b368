import { PassThrough } from "node:stream";
import type { Socket } from "node:net";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Answer, describeAnswer, readAnswer } from "../../src/probe/answer.ts";
import { Line } from "../../src/probe/line.ts";
import { encodeMessage, type Extensions } from "../../src/messages/index.ts";
import { escapeUnprintable } from "../../src/registry/printable.ts";
import { concat, fromHex } from "../../src/wire/index.ts";

/** What a server that says this is taken to answer. */
async function answerTo(...pieces: readonly Uint8Array[]): Promise<Answer> {
  const stream = new PassThrough();
  const line = new Line(stream as unknown as Socket, 1 << 20);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return readAnswer(line, 1000);
}

const record = (type: number, content: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(type, 3, 3, content.length >> 8, content.length & 0xff), content);

const hello = (
  extensions: Extensions<"server_hello">,
  random: Uint8Array = new Uint8Array(32),
): Uint8Array =>
  encodeMessage("server_hello", {
    legacyVersion: 0x0303,
    random,
    legacySessionIdEcho: new Uint8Array(0),
    cipherSuite: 0x1301,
    legacyCompressionMethod: 0,
    extensions,
  });

const tls13 = {
  supported_versions: 0x0304,
  key_share: { group: 0x1d, keyExchange: new Uint8Array(32) },
};
const helloDone = Uint8Array.of(14, 0, 0, 0);
const named = (curve: number): Uint8Array =>
  Uint8Array.of(12, 0, 0, 6, 3, curve >> 8, curve & 0xff, 1, 4, 0);

describe("an answer", () => {
  it("is a ServerHello of TLS 1.3, however it is cut", async () => {
    const bytes = record(22, hello(tls13));
    const whole = await answerTo(bytes);
    expect(whole).toMatchObject({ kind: "server_hello", version: 0x0304, share: { group: 0x1d } });
    expect(await answerTo(...[...bytes].map((byte): Uint8Array => Uint8Array.of(byte)))).toEqual(
      whole,
    );
  });

  it("is one of TLS 1.2, with its curve and its sentinel", async () => {
    const random = concat(new Uint8Array(24), fromHex("444f574e47524401"));
    const answer = await answerTo(record(22, concat(hello({}, random), named(0x17), helloDone)));
    expect(answer).toMatchObject({ version: 0x0303, curve: 0x17, sentinel: "TLS 1.2" });
    const without = await answerTo(record(22, concat(hello({}), helloDone)));
    expect(without).toMatchObject({ version: 0x0303, sentinel: undefined });
    expect(without).not.toHaveProperty("curve");
  });

  it("is an alert, and no warning that goes before a hello", async () => {
    expect(await answerTo(record(21, Uint8Array.of(2, 40)))).toEqual({
      kind: "alert",
      alert: "handshake_failure",
    });
    const warned = await answerTo(record(21, Uint8Array.of(1, 112)), record(22, hello(tls13)));
    expect(warned.kind).toBe("server_hello");
  });

  it("is something else, which is quoted without what a terminal obeys", async () => {
    const answer = await answerTo(Buffer.from("HTTP/1.1 400 \u001b[31mBad\r\nmore"));
    expect(answer).toEqual({ kind: "other", said: '"HTTP/1.1 400 \\x1b[31mBad"' });
  });

  it("is nothing, or the end", async () => {
    expect(await answerTo()).toEqual({ kind: "closed" });
    const line = new Line(new PassThrough() as unknown as Socket, 100);
    expect(await readAnswer(line, 20)).toEqual({ kind: "silent" });
  });

  it("is always one, whatever comes", async () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => concat(bytes)),
      fc.uint8Array({ maxLength: 60 }).map((content) => record(22, content)),
      fc
        .uint8Array({ maxLength: 60 })
        .map((body) => record(22, concat(Uint8Array.of(2, 0, 0, body.length), body))),
      fc.uint8Array({ maxLength: 4 }).map((content) => record(21, content)),
      fc.constant(record(22, hello(tls13))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 4 }), async (pieces) => {
        const said = describeAnswer(await answerTo(...pieces));
        expect(said).toBe(escapeUnprintable(said));
        expect(said).not.toBe("");
      }),
      { numRuns: 200 },
    );
  });

  it("takes no more than its limit", async () => {
    const stream = new PassThrough({ highWaterMark: 1 << 20 });
    const line = new Line(stream as unknown as Socket, 1000);
    stream.write(new Uint8Array(2000));
    expect(await line.next(500)).toEqual({ kind: "flood" });
  });
});
