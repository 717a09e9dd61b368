/** Handshakes between sockets that are streams, by `node:tls` and by ours, over the same transports. */
import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { Duplex } from "node:stream";
import * as tls from "node:tls";
import {
  connect,
  createSecureContext,
  createServer,
  native,
  type ServerContextOptions,
  verifyAgainst,
} from "../../src/node.ts";
import { duplexPair } from "./duplex-pair.ts";
import { pems, serverName, trust } from "./identity.ts";

/** `pipe`: two streams in memory. `tcp`: the loopback interface. */
export type Way = "pipe" | "tcp";

export interface Ends {
  readonly client: Duplex;
  readonly server: Duplex;
}
export type Connect = () => Promise<Ends>;

/** Makes connections, each with a full handshake. @throws Error if this Node has no such group or suite */
export function nodeTlsPair(group: string, suite: string, way: Way): Connect {
  const common = {
    minVersion: "TLSv1.3",
    ciphers: suite,
    ecdhCurve: group === "x25519" ? "X25519" : group,
  } as const;
  const server = tls.createServer({ ...common, cert: pems.cert, key: pems.key });
  const secureContext = tls.createSecureContext({ ...common, ca: pems.ca });
  const client = { ...common, secureContext, servername: serverName };
  return connector(server, way, (transport) => tls.connect({ ...client, ...transport }));
}

/** As {@link nodeTlsPair}, with ours: certificates are known again, every signature is verified. */
export function ourPair(group: string, suite: string, way: Way): Connect {
  const common = { provider: native, groups: [group], suites: [suite] };
  const credential: ServerContextOptions = { ...common, cert: pems.cert, key: pems.key };
  const server = createServer(credential);
  const secureContext = createSecureContext({ ...common, verifyServer: verifyAgainst(trust) });
  const client = { secureContext, servername: serverName };
  return connector(server, way, (transport) => connect({ ...client, ...transport }));
}

const suite = "TLS_AES_128_GCM_SHA256";

/** One handshake, and the end of it. */
export type StreamHandshake = () => Promise<void>;

export const nodeTls = (group: string, way: Way): StreamHandshake =>
  andBreak(nodeTlsPair(group, suite, way));
export const ourSockets = (group: string, way: Way): StreamHandshake =>
  andBreak(ourPair(group, suite, way));

const andBreak = (open: Connect): StreamHandshake => {
  return async () => {
    const { client, server } = await open();
    client.destroy();
    server.destroy();
  };
};

type Transport = { readonly socket: Duplex } | { readonly port: number; readonly host: string };

function connector(
  server: Server,
  way: Way,
  connectOver: (transport: Transport) => Duplex & { readonly authorized: boolean },
): Connect {
  let listening: Promise<unknown> | undefined;
  const transport = async (): Promise<Transport> => {
    if (way === "pipe") {
      const [ours, theirs] = duplexPair();
      server.emit("connection", theirs);
      return { socket: ours };
    }
    // The benchmark ends when it has nothing left to measure
    listening ??= once(server.listen(0, "127.0.0.1").unref(), "listening");
    await listening;
    return { port: (server.address() as AddressInfo).port, host: "127.0.0.1" };
  };
  return async () => {
    const accepted = once(server, "secureConnection");
    const client = connectOver(await transport());
    await once(client, "secureConnect");
    if (!client.authorized) throw new Error("the server was not verified");
    const [peer] = (await accepted) as [Duplex];
    return { client, server: peer };
  };
}
