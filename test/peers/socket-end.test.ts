import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { pumpAsync } from "../../src/connection/pump.ts";
import { SocketEnd } from "../../src/peers/socket-end.ts";
import { makeEnds } from "../support/ends.ts";

/** Two ends of one TCP connection. */
async function sockets(): Promise<{ ours: Socket; theirs: Socket; close(): void }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const ours = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [theirs] = await accepted;
  return {
    ours,
    theirs,
    close() {
      for (const socket of [ours, theirs]) socket.destroy();
      server.close();
    },
  };
}

describe("an end behind a socket", () => {
  it("runs a handshake with one in memory, and ends with its stream", async () => {
    const { client, server } = makeEnds();
    const { ours, theirs, close } = await sockets();
    server.start();
    client.start();
    theirs.on("data", (bytes: Buffer) => {
      server.receive(bytes);
      for (const chunk of server.takeOutput()) theirs.write(chunk);
      if (server.state === "open") theirs.end();
    });
    const seen: string[] = [];
    await pumpAsync(
      { client, server: new SocketEnd(ours) },
      { tap: ({ end, direction, kind }) => void seen.push(`${end} ${direction} ${kind}`) },
    );
    close();
    expect([client.negotiated?.version, server.state]).toEqual(["TLS 1.3", "open"]);
    expect(seen.at(-1)).toBe("client received end");
    expect(client.error?.code).toBe("truncated");
  });

  it("passes the end of the other's stream on, and is at rest once its own is over", async () => {
    const { ours, theirs, close } = await sockets();
    const heard: string[] = [];
    theirs.on("data", (bytes: Buffer) => heard.push(String(bytes)));
    theirs.on("end", () => theirs.end("an answer"));
    const words = [Buffer.from("a question")];
    const received: string[] = [];
    const client = {
      ended: true,
      takeOutput: () => words.splice(0),
      receive: (bytes: Uint8Array) => void received.push(String(bytes)),
    };
    await pumpAsync({ client, server: new SocketEnd(ours) });
    close();
    expect([heard, received]).toEqual([["a question"], [String(Buffer.from("an answer"))]]);
  });
});
