/** A peer that we drive ourselves, byte by byte: an engine over a bare TCP socket, without any manners. */
import { once } from "node:events";
import * as net from "node:net";
import {
  type ClientOptions,
  type Connection,
  createClientConnection,
  createServerConnection,
  createTrustStore,
  type ServerOptions,
} from "../../../src/index.ts";
import { concat } from "../../../src/wire/index.ts";
import { native } from "../../../src/node.ts";
import { ca, portOf, quick } from "./support.ts";

export interface RawPeer {
  readonly engine: Connection;
  readonly socket: net.Socket;
  /** Writes what the engine has to say; resolves when the kernel has it. */
  send(): Promise<void>;
}

function over(socket: net.Socket, engine: Connection): RawPeer {
  const send = (): Promise<void> =>
    new Promise((resolve) => {
      const output = concat(...engine.takeOutput());
      if (output.length === 0) resolve();
      else socket.write(output, () => resolve());
    });
  socket.on("error", () => {});
  engine.start();
  return { engine, socket, send };
}

/** Answers what comes. */
function driven(peer: RawPeer): RawPeer {
  peer.socket.on("data", (chunk: Uint8Array) => {
    peer.engine.receive(chunk);
    void peer.send();
  });
  return peer;
}

const trust = createTrustStore(ca.pem);

/** A client that has sent nothing yet, and does not listen. */
export async function rawClient(
  port: number,
  options: Partial<ClientOptions> = {},
): Promise<RawPeer> {
  const socket = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  const engine = createClientConnection({
    ...quick,
    provider: native,
    trust,
    serverName: "localhost",
    ...options,
  });
  return over(socket, engine);
}

/** A client whose handshake is over. */
export async function openRawClient(
  port: number,
  options: Partial<ClientOptions> = {},
): Promise<RawPeer> {
  const peer = driven(await rawClient(port, options));
  await peer.send();
  while (peer.engine.state === "handshaking") await once(peer.socket, "data");
  await peer.send();
  return peer;
}

/** A server for one client; `use` gets its port, and a promise of the peer. */
export async function withRawServer(
  options: Partial<ServerOptions>,
  use: (port: number, peer: Promise<RawPeer>) => Promise<void>,
): Promise<void> {
  const listening = net.createServer({ allowHalfOpen: true });
  const sockets: net.Socket[] = [];
  listening.on("connection", (socket) => sockets.push(socket));
  const peer = (once(listening, "connection") as Promise<[net.Socket]>).then(([socket]) =>
    driven(
      over(
        socket,
        createServerConnection({
          ...quick,
          provider: native,
          credentials: [ca.issue({ names: ["localhost", "127.0.0.1"] })],
          ...options,
        }),
      ),
    ),
  );
  const port = await portOf(listening);
  try {
    await use(port, peer);
  } finally {
    for (const socket of sockets) socket.destroy();
    listening.close();
  }
}
