import { describe, expect, it } from "vitest";
import {
  acceptAnyCertificate,
  type Connection,
  createClientConnection,
  createDevelopmentCa,
  createServerConnection,
  createTrustStore,
  noble,
} from "../../../src/index.ts";
import {
  toWebStreams,
  type WebStreams,
  type ByteStreams,
} from "../../../src/transport/web/streams.ts";

const now = Date.UTC(2026, 10, 1);
const ca = createDevelopmentCa({ provider: noble, now });
const common = { now: () => now, groups: ["x25519"] };
const credentials = [ca.issue({ names: ["server.example"] })];

type Wiring = { readonly onProgress: () => void };

const client = (wiring: Wiring): Connection =>
  createClientConnection({
    ...common,
    trust: createTrustStore(ca.pem),
    serverName: "server.example",
    ...wiring,
  });
const server = (wiring: Wiring): Connection =>
  createServerConnection({ ...common, credentials, ...wiring });

/** Two transports, each of which reads what the other writes. */
function transports(): readonly [ByteStreams, ByteStreams] {
  const up = new TransformStream<Uint8Array, Uint8Array>();
  const down = new TransformStream<Uint8Array, Uint8Array>();
  return [
    { readable: down.readable, writable: up.writable },
    { readable: up.readable, writable: down.writable },
  ];
}

function pair(): { readonly client: WebStreams; readonly server: WebStreams } {
  const [left, right] = transports();
  return { client: toWebStreams(client, left), server: toWebStreams(server, right) };
}

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i);

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as BodyInit).arrayBuffer());
}

async function send(stream: WritableStream<Uint8Array>, ...chunks: Uint8Array[]): Promise<void> {
  const writer = stream.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

describe("WHATWG streams", { timeout: 60_000 }, () => {
  it("open, and say what was negotiated", async () => {
    const ends = pair();
    expect((await ends.client.opened).group).toBe("x25519");
    expect((await ends.server.opened).serverName).toBe("server.example");
  });

  it("carry data both ways, one direction ending before the other", async () => {
    const ends = pair();
    const question = bytes(100_000);
    const answer = bytes(70_000);
    const sent = send(ends.client.writable, question.subarray(0, 5), question.subarray(5));
    expect(await readAll(ends.server.readable)).toEqual(question);
    await sent;
    let isClosed = false;
    void ends.client.closed.then(() => (isClosed = true));
    const replied = send(ends.server.writable, answer);
    expect(isClosed).toBe(false);
    expect(await readAll(ends.client.readable)).toEqual(answer);
    await Promise.all([replied, ends.client.closed, ends.server.closed]);
  });

  it("take no more than somebody reads", async () => {
    const ends = pair();
    await Promise.all([ends.client.opened, ends.server.opened]);
    const writer = ends.client.writable.getWriter();
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 20; i++) {
        await writer.write(bytes(300_000));
        written++;
      }
      await writer.close();
    })();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written).toBeLessThan(3);
    expect((await readAll(ends.server.readable)).length).toBe(6_000_000);
    await writing;
  });

  it("fail alike where the peer is not who it should be, and tell it why", async () => {
    const [left, right] = transports();
    const deceived = toWebStreams(
      (wiring) =>
        createClientConnection({
          ...common,
          trust: createTrustStore(ca.pem),
          serverName: "another.example",
          ...wiring,
        }),
      left,
    );
    const { opened, closed, readable } = toWebStreams(server, right);
    await expect(deceived.opened).rejects.toMatchObject({ code: "wrong_name" });
    await expect(deceived.closed).rejects.toMatchObject({ code: "wrong_name" });
    await expect(readAll(deceived.readable)).rejects.toMatchObject({ code: "wrong_name" });
    await expect(send(deceived.writable, bytes(1))).rejects.toMatchObject({ code: "wrong_name" });
    const told = { code: "peer_alert", message: expect.stringContaining("bad_certificate") };
    await expect(opened).rejects.toMatchObject(told);
    await expect(closed).rejects.toMatchObject(told);
    await expect(readAll(readable)).rejects.toMatchObject(told);
  });

  it("are cut off by an abort, and the other end does not take it for a clean end", async () => {
    const ends = pair();
    const writer = ends.client.writable.getWriter();
    const reader = ends.server.readable.getReader();
    const first = reader.read();
    await writer.write(bytes(10));
    expect((await first).value).toEqual(bytes(10));
    const pending = reader.read().catch((reason: unknown) => reason);
    await writer.abort(new Error("changed my mind"));
    expect(await pending).toMatchObject({ message: "changed my mind" });
    await expect(ends.client.closed).rejects.toThrow("changed my mind");
    await expect(ends.client.readable.getReader().read()).rejects.toThrow("changed my mind");
    await expect(ends.server.closed).rejects.toThrow("changed my mind");
  });

  it.each<[unknown]>([["text"], [new ArrayBuffer(4)], [new Uint16Array(4)]])(
    "end with what is no bytes, at both ends: %o",
    async (chunk) => {
      const ends = pair();
      await ends.client.opened;
      const reading = readAll(ends.server.readable).catch((error: unknown) => error);
      const message = "write: data must be bytes, a Uint8Array";
      const written = ends.client.writable.getWriter().write(chunk as Uint8Array);
      await expect(written).rejects.toThrow(message);
      await expect(ends.client.closed).rejects.toThrow(message);
      await expect(ends.client.readable.getReader().read()).rejects.toThrow(message);
      expect(await reading).toBeInstanceOf(Error);
    },
  );

  it("tell a truncation from an end, after the data that came before", async () => {
    const far = client({ onProgress: () => {} });
    let push!: ReadableStreamDefaultController<Uint8Array>;
    const near = toWebStreams(server, {
      readable: new ReadableStream({ start: (controller) => void (push = controller) }),
      writable: new WritableStream({ write: (chunk: Uint8Array) => far.receive(chunk) }),
    });
    const deliver = (): void => far.takeOutput().forEach((chunk) => push.enqueue(chunk));
    far.start();
    deliver();
    while (far.state !== "open") await new Promise((resolve) => setTimeout(resolve, 1));
    far.write(bytes(10));
    deliver();
    push.close();
    const reader = near.readable.getReader();
    expect((await reader.read()).value).toEqual(bytes(10));
    await expect(reader.read()).rejects.toMatchObject({ code: "truncated" });
    await expect(near.closed).rejects.toMatchObject({ code: "truncated" });
  });

  it("go on sending after their reader has canceled", async () => {
    const ends = pair();
    await Promise.all([ends.client.opened, ends.server.opened]);
    await ends.client.readable.cancel();
    const sent = send(ends.client.writable, bytes(50));
    expect(await readAll(ends.server.readable)).toEqual(bytes(50));
    await Promise.all([sent, ends.client.closed]);
  });

  it("wait for operations that take their time", async () => {
    const [left, right] = transports();
    const sessions: unknown[] = [];
    const slow = toWebStreams(
      (wiring) =>
        createClientConnection({
          ...common,
          ...wiring,
          verifyServer: async (question) => {
            await new Promise((resolve) => setTimeout(resolve, 10));
            return acceptAnyCertificate(question);
          },
        }),
      left,
      { onSession: (session) => sessions.push(session) },
    );
    const other = toWebStreams(server, right);
    expect((await slow.opened).cipherSuite).toBe((await other.opened).cipherSuite);
    expect(sessions).toEqual([]);
  });

  it.each(["client", "server"] as const)(
    "free their transport when both directions have ended, though it goes on, and the %s ends first",
    async (first) => {
      const second = first === "client" ? "server" : "client";
      const freed: string[] = [];
      /** Never ends by itself. */
      const endless = ({ readable, writable }: ByteStreams, name: string): ByteStreams => ({
        writable,
        readable: new ReadableStream({
          start: (controller) => {
            const write = (chunk: Uint8Array): void => controller.enqueue(chunk);
            readable.pipeTo(new WritableStream({ write })).catch(() => {});
          },
          cancel: () => void freed.push(name),
        }),
      });
      const [left, right] = transports();
      const ends = {
        client: toWebStreams(client, endless(left, "client")),
        server: toWebStreams(server, endless(right, "server")),
      };
      await Promise.all([send(ends[first].writable), readAll(ends[second].readable)]);
      expect(freed).toEqual([]);
      await Promise.all([send(ends[second].writable), readAll(ends[first].readable)]);
      await Promise.all([ends.client.closed, ends.server.closed]);
      // After they have waited for its end
      await expect.poll(() => freed.toSorted(), { timeout: 15_000 }).toEqual(["client", "server"]);
    },
  );

  it("give a silent peer only so much time", async () => {
    const silent: ByteStreams = { readable: new ReadableStream(), writable: new WritableStream() };
    const { opened, readable } = toWebStreams(client, silent, { handshakeTimeout: 20 });
    const late = { code: "timeout", message: expect.stringContaining("20 milliseconds") };
    await expect(opened).rejects.toMatchObject(late);
    await expect(readable.getReader().read()).rejects.toMatchObject(late);
  });

  it("pass on the failure of the transport", async () => {
    const broken: ByteStreams = {
      readable: new ReadableStream({ pull: () => Promise.reject(new Error("no signal")) }),
      writable: new WritableStream(),
    };
    const { opened, readable } = toWebStreams(client, broken);
    await expect(opened).rejects.toThrow("no signal");
    await expect(readable.getReader().read()).rejects.toThrow("no signal");
  });

  it("leave answers in the engine while the transport takes nothing", async () => {
    const far = createServerConnection({
      ...common,
      credentials,
      clientAuthentication: "none",
      trust: createTrustStore(ca.pem),
    });
    let push!: ReadableStreamDefaultController<Uint8Array>;
    let isStuck = false;
    let written = 0;
    let resume = (): void => {};
    const counting = {
      highWaterMark: 1,
      size: () => {
        written++;
        return 1;
      },
    };
    const near = toWebStreams(
      (wiring) =>
        createClientConnection({
          ...common,
          trust: createTrustStore(ca.pem),
          serverName: "server.example",
          postHandshakeAuthentication: true,
          credentials: [ca.issue({ names: ["client.example"], usage: "client" })],
          ...wiring,
        }),
      {
        readable: new ReadableStream({ start: (controller) => void (push = controller) }),
        writable: new WritableStream(
          {
            write: (chunk: Uint8Array) => {
              far.receive(chunk);
              deliver();
              return isStuck ? new Promise<void>((resolve) => (resume = resolve)) : undefined;
            },
          },
          counting,
        ),
      },
    );
    const deliver = (): void => far.takeOutput().forEach((chunk) => push.enqueue(chunk));
    far.start();
    await near.opened;
    // Somebody waits for data, so that the transport is read
    void near.readable.getReader().read();
    while (far.state !== "open") await new Promise((resolve) => setTimeout(resolve, 1));
    isStuck = true;
    void near.writable.getWriter().write(bytes(10));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const before = written;
    for (let i = 0; i < 4; i++) {
      far.requestCertificate();
      deliver();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(written).toBe(before);
    isStuck = false;
    resume();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(written).toBeGreaterThan(before);
    expect(far.takeEvents().filter(({ type }) => type === "peer")).toHaveLength(4);
  });
});
