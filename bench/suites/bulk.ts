import { once } from "node:events";
import * as net from "node:net";
import { Request, startFixedServer, transferLength } from "../fixed/start.ts";
import type { Candidate, Subject } from "../measure.ts";
import { type Client, clientStacks } from "../subjects/clients.ts";
import { pems } from "../subjects/identity.ts";
import { type Connector, type Ends, nodeTls, ours } from "../subjects/sockets.ts";
import { carryOut, type Comparison, type Suite } from "../suite.ts";

const chunk = Buffer.alloc(16_384, 7);
/** Bytes of one operation, where both ends are in this process. */
const amount = 4 * 2 ** 20;

/** How fast data flows once a connection is there, over loopback TCP. */
export const bulk: Suite = {
  async run(context) {
    const server = await startFixedServer(pems);
    try {
      const plan = {
        candidates: [...bothEnds, ...clients(server.port)],
        comparisons: [...againstNodeTls, ...againstReclaim],
        notes: [
          "native: both ends in this process, so rates are of both together; noble: the client alone, with node:tls at the other end",
        ],
      };
      return await carryOut(plan, context);
    } finally {
      server.stop();
    }
  },
};

const suites = ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"] as const;

const bothEnds: readonly Candidate[] = [
  {
    name: "bare TCP",
    dimensions: { stack: "TCP", way: "tcp" },
    bytes: amount,
    setUp: () => transfers(bareTcp()),
  },
  ...suites.flatMap((suite): Candidate[] => {
    const terms = { group: "x25519", way: "tcp", suite } as const;
    const common = { bytes: amount, dimensions: { way: "tcp", suite, role: "both" } };
    return [
      {
        ...common,
        name: `node:tls, ${suite}`,
        dimensions: { ...common.dimensions, stack: "node:tls" },
        isReference: true,
        setUp: () => transfers(nodeTls(terms)),
      },
      {
        ...common,
        name: `kemistry, native, ${suite}`,
        dimensions: { ...common.dimensions, stack: "kemistry", provider: "native" },
        setUp: () => transfers(ours(terms)),
      },
    ];
  }),
];

const againstNodeTls: readonly Comparison[] = suites.map((suite) => ({
  name: `MB per CPU second, kemistry ÷ node:tls, ${suite}`,
  dimensions: { provider: "native", stack: "node:tls", suite },
  numerator: `node:tls, ${suite}`,
  denominator: `kemistry, native, ${suite}`,
  ...(suite === "TLS_AES_128_GCM_SHA256" ? { goal: { atLeast: 0.75 } } : {}),
}));

const ways = { download, upload, "both ways": bothWays };
const pureStacks = ["noble", "reclaim, pure JS"] as const;
const slowSuite = "TLS_CHACHA20_POLY1305_SHA256";
const pureName = (stack: string, way: string): string =>
  `${stack === "noble" ? "kemistry, noble" : stack}, client, ${way}, ${slowSuite}`;

const clients = (port: number): Candidate[] =>
  pureStacks.flatMap((stack) =>
    Object.entries(ways).map(([way, transfer]) => ({
      name: pureName(stack, way),
      dimensions: {
        ...(stack === "noble" ? { stack: "kemistry", provider: "noble" } : { stack }),
        way: "tcp",
        suite: slowSuite,
        role: "client",
        operation: way,
      },
      isReference: stack !== "noble",
      bytes: way === "both ways" ? 2 * transferLength : transferLength,
      setUp: async () =>
        transfer(
          await clientStacks[stack]({ group: "x25519", suite: slowSuite, verify: true }),
          port,
        ),
    })),
  );

const againstReclaim: readonly Comparison[] = Object.keys(ways).map((way) => ({
  name: `MB per CPU second, kemistry, noble ÷ reclaim, pure JS, ${way}, ${slowSuite}`,
  dimensions: { provider: "noble", stack: "reclaim, pure JS", suite: slowSuite, operation: way },
  numerator: pureName("reclaim, pure JS", way),
  denominator: pureName("noble", way),
  ...(way === "both ways" ? { goal: { atLeast: 3 } } : {}),
}));

async function transfers(connecting: Promise<Connector>): Promise<Subject> {
  const { open, close } = await connecting;
  const { client, server } = await open();
  let left = 0;
  let arrived = (): void => {};
  server.on("data", (data: Uint8Array) => {
    left -= data.length;
    if (left === 0) arrived();
  });
  return {
    async run() {
      left = amount;
      const all = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      for (let sent = 0; sent < amount; sent += chunk.length) {
        if (!client.write(chunk)) await once(client, "drain");
      }
      await all;
    },
    tearDown() {
      client.destroy();
      server.destroy();
      close();
    },
  };
}

interface Exchange {
  readonly said: readonly Uint8Array[];
  /** Bytes that answer. */
  readonly heard: number;
}

const ask: Exchange = { said: [Uint8Array.of(Request.download)], heard: transferLength };
const tell: Exchange = {
  said: Array<Uint8Array>(transferLength / chunk.length).fill(
    Buffer.alloc(chunk.length, Request.upload),
  ),
  heard: 1,
};

function download(client: Client, port: number): Promise<Subject> {
  return exchanges(client, port, ask);
}

function upload(client: Client, port: number): Promise<Subject> {
  return exchanges(client, port, tell);
}

function bothWays(client: Client, port: number): Promise<Subject> {
  return exchanges(client, port, tell, ask);
}

/** One operation is one of each, in order. */
async function exchanges(
  client: Client,
  port: number,
  ...each: readonly Exchange[]
): Promise<Subject> {
  const connection = await client(port);
  let left = 0;
  let arrived = (): void => {};
  connection.listen((data) => {
    left -= data.length;
    if (left === 0) arrived();
  });
  return {
    async run() {
      for (const { said, heard } of each) {
        left = heard;
        const all = new Promise<void>((resolve) => {
          arrived = resolve;
        });
        for (const part of said) await connection.write(part);
        await all;
      }
    },
    tearDown: () => connection.destroy(),
  };
}

async function bareTcp(): Promise<Connector> {
  const listener = net.createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as net.AddressInfo;
  const open = async (): Promise<Ends> => {
    const accepted = once(listener, "connection");
    const client = net.connect(port, "127.0.0.1");
    const [server] = (await accepted) as [net.Socket];
    return { client, server };
  };
  return { open, close: () => void listener.close() };
}
