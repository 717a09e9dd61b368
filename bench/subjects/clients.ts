/** Clients of several stacks, over TCP, against the same server. */
import { once } from "node:events";
import * as net from "node:net";
import {
  acceptAnyCertificate,
  connect,
  createSecureContext,
  noble,
  native,
  verifyAgainst,
} from "../../src/node.ts";
import { Unavailable } from "../measure.ts";
import { pems, serverName, trust } from "./identity.ts";
import { installed } from "./installed.ts";

export interface ClientTerms {
  readonly group: "x25519" | "secp256r1";
  readonly suite: "TLS_AES_128_GCM_SHA256" | "TLS_CHACHA20_POLY1305_SHA256";
  /** Whether the chain is verified; the signature of the handshake is, in any case. */
  readonly verify: boolean;
}

/** A connection after its handshake. */
export interface Connected {
  write(data: Uint8Array): unknown;
  /** Who listens is told of all data that comes, in pieces. */
  listen(listener: (data: Uint8Array) => void): void;
  destroy(): void;
}

export type Client = (port: number) => Promise<Connected>;
/** @throws Unavailable if the stack is not installed, or cannot do that */
export type ClientStack = (terms: ClientTerms) => Promise<Client>;

export const clientStacks = {
  native: (terms) => ours(terms, "native"),
  noble: (terms) => ours(terms, "noble"),
  subtls,
  "reclaim, webcrypto": (terms) => reclaim(terms, "webcrypto"),
  "reclaim, pure JS": (terms) => reclaim(terms, "purejs-crypto"),
} as const satisfies Readonly<Record<string, ClientStack>>;

const host = "127.0.0.1";

const nothing = (): void => {};
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

async function ours(terms: ClientTerms, name: "native" | "noble"): Promise<Client> {
  const { group, suite, verify } = terms;
  const secureContext = createSecureContext({
    provider: name === "native" ? native : noble,
    groups: [group],
    suites: [suite],
    verifyServer: verify ? verifyAgainst(trust) : acceptAnyCertificate,
  });
  return async (port) => {
    const socket = connect({ port, host, servername: serverName, secureContext });
    await once(socket, "secureConnect");
    return {
      write: (data) => socket.write(data),
      listen: (listener) => void socket.on("data", listener),
      destroy: () => void socket.destroy(),
    };
  };
}

async function subtls({ group, suite, verify }: ClientTerms): Promise<Client> {
  if (group !== "secp256r1" || suite !== "TLS_AES_128_GCM_SHA256" || !verify) {
    throw new Unavailable("subtls knows secp256r1 and AES-128-GCM only, and always verifies");
  }
  const { startTls, SocketReadQueue } = await installed("subtls", () => import("subtls/index.js"));
  return async (port) => {
    const socket = net.connect(port, host);
    const queue = new SocketReadQueue(socket);
    await once(socket, "connect");
    const { write, read } = await startTls(
      serverName,
      pems.ca,
      // It asks for more than its types say
      queue.read.bind(queue),
      (data) => void socket.write(data),
    );
    return {
      write,
      listen: (listener) =>
        void (async () => {
          for (let data = await read(); data !== undefined; data = await read()) listener(data);
        })(),
      destroy: () => void socket.destroy(),
    };
  };
}

async function reclaim(
  { group, suite, verify }: ClientTerms,
  implementation: "webcrypto" | "purejs-crypto",
): Promise<Client> {
  const name = "@reclaimprotocol/tls";
  const { loadX509FromPem, makeTLSClient, setCryptoImplementation } = await installed(
    name,
    () => import("@reclaimprotocol/tls"),
  );
  const crypto =
    implementation === "webcrypto"
      ? (await import("@reclaimprotocol/tls/webcrypto")).webcryptoCrypto
      : (await import("@reclaimprotocol/tls/purejs-crypto")).pureJsCrypto;
  const rootCAs = [loadX509FromPem(pems.ca)];
  return async (port) => {
    // It has one implementation at a time, for the whole process
    setCryptoImplementation(crypto);
    const socket = net.connect(port, host);
    let listener: (data: Uint8Array) => void = () => {};
    await once(socket, "connect");
    const client = await new Promise<ReturnType<typeof makeTLSClient>>((resolve, reject) => {
      const made = makeTLSClient({
        host: serverName,
        verifyServerCertificate: verify,
        rootCAs,
        logger: silent,
        namedCurves: [group === "x25519" ? "X25519" : "SECP256R1"],
        supportedProtocolVersions: ["TLS1_3"],
        cipherSuites: [suite],
        write({ header, content }) {
          socket.write(header);
          socket.write(content);
        },
        onHandshake: () => resolve(made),
        onApplicationData: (data) => listener(data),
        onTlsEnd: (error) => reject(error ?? new Error("the handshake failed")),
      });
      socket.on("data", (data) => void made.handleReceivedBytes(data));
      made.startHandshake().catch(reject);
    });
    return {
      write: (data) => client.write(data),
      listen: (given) => void (listener = given),
      destroy: () => void socket.destroy(),
    };
  };
}
