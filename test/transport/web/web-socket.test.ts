import { describe, expect, it } from "vitest";
import {
  createClientConnection,
  createDevelopmentCa,
  createServerConnection,
  createTrustStore,
  noble,
  toWebStreams,
  type WebSocketLike,
  webSocketStreams,
  type WebStreams,
} from "../../../src/index.ts";

const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
const credentials = [ca.issue({ names: ["server.example"] })];
const trust = createTrustStore(ca.pem);

type Listener = (event: { readonly data?: unknown }) => void;

/** A WebSocket in memory that does what the standard says of the members that are used. */
class Socket implements WebSocketLike {
  binaryType = "blob";
  readyState: number;
  bufferedAmount = 0;
  readonly sent: Uint8Array[] = [];
  other: Socket | undefined;
  readonly #listeners: (readonly [string, Listener])[] = [];

  constructor(readyState = 1) {
    this.readyState = readyState;
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push([type, listener]);
  }

  emit(type: string, data?: unknown): void {
    if (type === "open") this.readyState = 1;
    if (type === "close") this.readyState = 3;
    for (const [name, listener] of this.#listeners) if (name === type) listener({ data });
  }

  send(data: Uint8Array): void {
    if (this.readyState === 0) throw new Error("InvalidStateError");
    this.sent.push(data);
    // Later, and not to one that is closing
    queueMicrotask(() => {
      if (this.other?.readyState === 1) this.other.emit("message", data.slice().buffer);
    });
  }

  close(): void {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    setTimeout(() => {
      this.emit("close");
      this.other?.close();
    });
  }
}

function sockets(): readonly [Socket, Socket] {
  const [left, right] = [new Socket(), new Socket()];
  left.other = right;
  right.other = left;
  return [left, right];
}

const clientOver = (socket: Socket, serverName = "server.example"): WebStreams =>
  toWebStreams(
    (wiring) => createClientConnection({ trust, serverName, groups: ["x25519"], ...wiring }),
    webSocketStreams(socket),
  );
const serverOver = (socket: Socket): WebStreams =>
  toWebStreams(
    (wiring) => createServerConnection({ credentials, ...wiring }),
    webSocketStreams(socket),
  );

async function closing(...all: readonly Socket[]): Promise<void> {
  const states = (): unknown => all.map(({ readyState }) => readyState);
  await expect.poll(states, { timeout: 15_000 }).toEqual([3, 3]);
}

const read = async (stream: ReadableStream<Uint8Array>): Promise<string> =>
  new Response(stream as BodyInit).text();

async function send(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

describe("a WebSocket as streams", { timeout: 60_000 }, () => {
  it("carries TLS both ways, one direction ending before the other, and is closed in the end", async () => {
    const [left, right] = sockets();
    const [client, server] = [clientOver(left), serverOver(right)];
    const asked = send(client.writable, "question".repeat(10_000));
    expect(await read(server.readable)).toBe("question".repeat(10_000));
    await asked;
    expect([left.readyState, right.readyState]).toEqual([1, 1]);
    const answered = send(server.writable, "answer");
    expect(await read(client.readable)).toBe("answer");
    await Promise.all([answered, client.closed, server.closed]);
    await closing(left, right);
  });

  it("is closed after a failure, of which the peer is told", async () => {
    const [left, right] = sockets();
    const [client, server] = [clientOver(left, "another.example"), serverOver(right)];
    await expect(client.opened).rejects.toMatchObject({ code: "wrong_name" });
    await expect(server.opened).rejects.toMatchObject({ code: "peer_alert" });
    await closing(left, right);
  });

  it("waits until it is open", async () => {
    const socket = new Socket(0);
    const { writable } = webSocketStreams(socket);
    expect(socket.binaryType).toBe("arraybuffer");
    const written = writable.getWriter().write(Uint8Array.of(1));
    await Promise.resolve();
    expect(socket.sent).toEqual([]);
    socket.emit("open");
    await written;
    expect(socket.sent).toEqual([Uint8Array.of(1)]);
  });

  it.each([
    ["closed before it opens", 0, (socket: Socket) => socket.emit("close")],
    ["closed already", 3, () => {}],
    ["failing", 0, (socket: Socket) => (socket.emit("error"), socket.emit("close"))],
  ])("tells of one that is %s", async (_, state, happens) => {
    const socket = new Socket(state);
    const { opened } = toWebStreams(
      (wiring) => createClientConnection({ trust, serverName: "server.example", ...wiring }),
      webSocketStreams(socket),
    );
    happens(socket);
    await expect(opened).rejects.toMatchObject({
      code: "canceled",
      message: expect.stringMatching(/^the WebSocket (is closed|has failed)/),
    });
  });

  it("ends its readable when the peer closes, which TLS takes for a truncation", async () => {
    const [left, right] = sockets();
    const [client, server] = [clientOver(left), serverOver(right)];
    await Promise.all([client.opened, server.opened]);
    right.close();
    await expect(client.readable.getReader().read()).rejects.toMatchObject({ code: "truncated" });
  });

  it("takes a view of bytes, and refuses text", async () => {
    const socket = new Socket();
    const { readable } = webSocketStreams(socket);
    const reader = readable.getReader();
    socket.emit("message", Uint8Array.of(1, 2));
    expect(await reader.read()).toEqual({ done: false, value: Uint8Array.of(1, 2) });
    socket.emit("message", "text");
    await expect(reader.read()).rejects.toThrow("expected binary messages, received text");
    expect(socket.readyState).toBe(2);
  });

  it("keeps no more than it may of what nobody reads", async () => {
    const socket = new Socket();
    const { readable, writable } = webSocketStreams(socket, { maxUnread: 1000 });
    socket.emit("message", new ArrayBuffer(600));
    const reader = readable.getReader();
    await reader.read();
    socket.emit("message", new ArrayBuffer(1000));
    expect(socket.readyState).toBe(1);
    socket.emit("message", new ArrayBuffer(1));
    expect(socket.readyState).toBe(2);
    await expect(reader.read()).rejects.toThrow("at most 1000 bytes");
    await expect(writable.getWriter().write(Uint8Array.of(1))).rejects.toThrow("at most 1000");
  });

  it("counts messages too: many of a byte take more than their bytes, and empty ones nothing", async () => {
    const socket = new Socket();
    const reader = webSocketStreams(socket, { maxUnread: 1000 }).readable.getReader();
    for (let count = 0; count < 1000; count++) socket.emit("message", new ArrayBuffer(0));
    for (let count = 0; count < 4; count++) socket.emit("message", new ArrayBuffer(1));
    expect(socket.readyState).toBe(1);
    expect(await reader.read()).toEqual({ done: false, value: new Uint8Array(1) });
    socket.emit("message", new ArrayBuffer(1));
    socket.emit("message", new ArrayBuffer(1));
    expect(socket.readyState).toBe(2);
    await expect(reader.read()).rejects.toThrow("at most 1000 bytes");
  });

  it("writes no faster than the WebSocket sends", async () => {
    const socket = new Socket();
    const writer = webSocketStreams(socket).writable.getWriter();
    socket.bufferedAmount = 2 ** 20 + 1;
    let isWritten = false;
    const written = writer.write(Uint8Array.of(1)).then(() => (isWritten = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([socket.sent.length, isWritten]).toEqual([1, false]);
    socket.bufferedAmount = 0;
    await written;
  });
});
