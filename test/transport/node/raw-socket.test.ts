import { once } from "node:events";
import * as net from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { RawSocket } from "../../../src/transport/node/raw-socket.ts";
import { closed, duplexPair, portOf, readAll } from "./support.ts";

interface Watched {
  readonly raw: RawSocket;
  /** What it told, in order; what came, as text. */
  readonly told: string[];
}

function watch(stream: Duplex): Watched {
  const told: string[] = [];
  const raw = new RawSocket(stream, {
    connected: () => told.push("connected"),
    received: (bytes) => told.push(Buffer.from(bytes).toString("latin1")),
    drained: () => told.push("drained"),
    ended: () => told.push("ended"),
    closed: (error) => told.push(`closed ${(error as NodeJS.ErrnoException)?.code ?? "in order"}`),
  });
  return { raw, told };
}

/** Both ends of a TCP connection. */
async function withTcp(use: (near: net.Socket, far: net.Socket) => Promise<void>): Promise<void> {
  const server = net.createServer({ allowHalfOpen: true });
  const accepted = once(server, "connection") as Promise<[net.Socket]>;
  const near = net.connect({
    port: await portOf(server),
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  await once(near, "connect");
  const [far] = await accepted;
  far.on("error", () => {});
  try {
    await use(near, far);
  } finally {
    near.destroy();
    far.destroy();
    await closed(server);
  }
}

const gone = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => {
    stream.once("close", resolve);
  });

describe("a raw socket", () => {
  it("tells its life in order", async () => {
    const [left, right] = duplexPair();
    const { told } = watch(left);
    right.write("some bytes");
    right.end();
    await once(left, "end");
    left.end();
    await once(left, "close");
    expect(told).toEqual(["connected", "some bytes", "ended", "closed in order"]);
  });

  it("that is gone from the start only says so", async () => {
    const [left] = duplexPair();
    left.destroy();
    const { told, raw } = watch(left);
    await once(left, "close");
    expect([told, raw.isClosed]).toEqual([["closed in order"], true]);
  });

  it("reads one that was paused when it was handed over", async () => {
    const [left, right] = duplexPair();
    left.pause();
    right.write("at once");
    const { told } = watch(left);
    right.end();
    await once(left, "end");
    expect(told.slice(0, 2)).toEqual(["connected", "at once"]);
  });

  it("refuses a stream that gives text, and says what to do", async () => {
    const [near, far] = duplexPair();
    near.setEncoding("utf8");
    const failed = once(near, "error");
    const { told } = watch(near);
    far.write("hello");
    expect((await failed)[0]).toMatchObject({
      message: expect.stringMatching(/call setEncoding\(\) on the TLS socket alone/) as string,
    });
    expect(told.join()).not.toContain("hello");
  });

  it("says whether it takes output, and when it does again", async () => {
    const [left, right] = duplexPair();
    const { told, raw } = watch(left);
    await sleep(1);
    expect(raw.takesOutput).toBe(true);
    let isWritten = false;
    raw.write([Buffer.alloc(100_000)], () => (isWritten = true));
    expect([raw.takesOutput, isWritten]).toEqual([false, false]);
    right.resume();
    await once(left, "drain");
    expect([raw.takesOutput, isWritten]).toEqual([true, true]);
    expect(told).toEqual(["connected", "drained"]);
  });

  it("is read only while it should be", async () => {
    const [left, right] = duplexPair();
    const { told, raw } = watch(left);
    await sleep(1);
    raw.read(false);
    right.write("later");
    await sleep(5);
    expect(told).toEqual(["connected"]);
    raw.read(true);
    await sleep(5);
    expect(told).toEqual(["connected", "later"]);
  });
});

describe("leaving", () => {
  it("ends at once, and destroys when the peer has ended", async () => {
    const [left, right] = duplexPair();
    const { raw } = watch(left);
    raw.write([Buffer.from("last words")]);
    raw.leave();
    // What still comes is thrown away: closing on it would make TCP take back what we sent last
    right.write(Buffer.alloc(100_000));
    expect(String(await readAll(right))).toBe("last words");
    expect(left.destroyed).toBe(false);
    right.end();
    await once(left, "close");
  });

  it("destroys a socket whose peer does not end", async () => {
    const [left] = duplexPair();
    watch(left).raw.leave();
    await once(left, "close");
  });

  it("does nothing to one that is gone", () => {
    const [left] = duplexPair();
    const { raw } = watch(left);
    left.destroy();
    raw.leave();
    expect(left.writableEnded).toBe(false);
  });

  it("reads on even where reading was turned off", async () => {
    const [left, right] = duplexPair();
    const { raw } = watch(left);
    await sleep(1);
    raw.read(false);
    raw.leave();
    raw.read(false);
    right.end(Buffer.alloc(100_000));
    await once(left, "close");
  });
});

describe("a write that fails", () => {
  const breakBehind = async (far: net.Socket, last: string): Promise<void> => {
    if (last !== "") await new Promise((resolve) => far.write(last, resolve));
    far.resetAndDestroy();
  };

  it("is told after what has come in, even while nothing is read", async () => {
    await withTcp(async (near, far) => {
      const { told, raw } = watch(near);
      await sleep(5);
      raw.read(false);
      await breakBehind(far, "why");
      raw.write([Buffer.from("?")]);
      await gone(near);
      expect(told).toEqual([
        "connected",
        "why",
        expect.stringMatching(/^closed E(PIPE|CONNRESET)$/),
      ]);
    });
  });

  it("is not waited for by one who leaves", async () => {
    await withTcp(async (near, far) => {
      const { told, raw } = watch(near);
      await sleep(5);
      near.once("data", () => raw.leave());
      await breakBehind(far, "why");
      raw.write([Buffer.from("?")]);
      await gone(near);
      expect(told).toEqual(["connected", "why", "closed in order"]);
    });
  });

  it("is told though there is nothing to read", async () => {
    await withTcp(async (near, far) => {
      const { told, raw } = watch(near);
      await sleep(5);
      await breakBehind(far, "");
      raw.write([Buffer.from("?")]);
      await gone(near);
      expect(told).toEqual(["connected", expect.stringMatching(/^closed E(PIPE|CONNRESET)$/)]);
    });
  });

  it("a write that succeeds is told at once", async () => {
    await withTcp(async (near, far) => {
      const { raw } = watch(near);
      await sleep(5);
      await new Promise<void>((resolve) => raw.write([Buffer.from("a question")], resolve));
      expect(String((await once(far, "data"))[0])).toBe("a question");
    });
  });
});
