/**
 * Libraries that people use, over our sockets: each asks a server over X25519MLKEM768, and each is told when it
 * should not trust the server.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type {
  IncomingMessage,
  RequestListener,
  Server as HttpServer,
  ServerResponse,
} from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect } from "vitest";
import { createDevelopmentCa, noble } from "../../src/index.ts";
import {
  cameEarly,
  connect,
  createHttpsServer,
  createServer,
  HttpsAgent,
  type HttpsServer,
  type TlsSocket,
} from "../../src/node.ts";
import { Postgres } from "../authority/postgres.ts";
import { findPeer, itWith } from "../interop/peers.ts";
import { loadLibrary } from "./libraries.ts";

const now = Date.now();
const ca = createDevelopmentCa({ provider: noble, now });
const anotherCa = createDevelopmentCa({ provider: noble, now });
const issued = ca.issue({ names: ["localhost"] });
const pem = { cert: issued.certificatePem, key: issued.privateKeyPem };

/** A server that listens, and the groups of its connections. */
interface Service {
  readonly port: number;
  readonly groups: readonly string[];
  end(): Promise<void>;
}

async function listening(server: net.Server, cleanUp: () => unknown = () => {}): Promise<Service> {
  const groups: string[] = [];
  const sockets = new Set<TlsSocket>();
  server.prependListener("secureConnection", (socket: TlsSocket) => {
    groups.push(socket.negotiated?.group ?? "none");
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const end = async (): Promise<void> => {
    await cleanUp();
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { port, groups, end };
}

/** A server of TLS before one that knows nothing of it. */
const before = (open: () => net.Socket, cleanUp?: () => Promise<unknown>): Promise<Service> =>
  listening(
    createServer(pem, (socket) => {
      const inner = open();
      inner.on("error", () => socket.destroy());
      socket.on("close", () => inner.destroy());
      socket.pipe(inner).pipe(socket);
    }),
    cleanUp,
  );

interface Case {
  readonly name: string;
  serve(): Promise<Service>;
  /** What the library got. @throws what it fails with */
  ask(to: { readonly port: number; readonly ca: string }): Promise<unknown>;
  readonly answer: unknown;
}

// Servers

interface Express {
  (request: Parameters<RequestListener>[0], response: Parameters<RequestListener>[1]): void;
  get(path: string, handler: (request: ExpressRequest, response: ExpressResponse) => void): void;
}
type ExpressRequest = { readonly secure: boolean; readonly protocol: string };
type ExpressResponse = { json(value: unknown): void };

async function expressServer(): Promise<Service> {
  const { default: express } = await loadLibrary<{ default: () => Express }>("express");
  const app = express();
  app.get("/", ({ secure, protocol }, response) => response.json({ secure, protocol }));
  return listening(createHttpsServer(pem, app));
}
const byExpress = { secure: true, protocol: "https" };

interface Fastify {
  get(path: string, handler: (request: { readonly protocol: string }) => unknown): void;
  ready(): Promise<unknown>;
  readonly server: HttpServer;
}
type FastifyOptions = { readonly serverFactory: (handler: RequestListener) => HttpsServer };

async function fastifyServer(): Promise<Service> {
  const { default: fastify } = await loadLibrary<{ default: (options: FastifyOptions) => Fastify }>(
    "fastify",
  );
  const app = fastify({ serverFactory: (handler) => createHttpsServer(pem, handler) });
  app.get("/", ({ protocol }) => ({ protocol }));
  await app.ready();
  return listening(app.server);
}
const byFastify = { protocol: "https" };

interface SmtpServer {
  connect(socket: Duplex, options: object): void;
  on(event: "error", listener: () => void): void;
}
interface SmtpOptions {
  readonly secured: boolean;
  readonly authOptional: boolean;
  readonly onData: (
    stream: Duplex,
    session: unknown,
    done: (error: null, answer: string) => void,
  ) => void;
}

async function smtpServer(): Promise<Service> {
  const { SMTPServer } = await loadLibrary<{
    SMTPServer: new (options: SmtpOptions) => SmtpServer;
  }>("smtp-server");
  const smtp = new SMTPServer({
    secured: true,
    authOptional: true,
    onData: (stream, _, done) => {
      let text = "";
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
      stream.on("end", () => done(null, `got ${/^Subject: (.*)$/m.exec(text)?.[1]?.trim()}`));
    },
  });
  smtp.on("error", () => {});
  return listening(createServer(pem, (socket) => smtp.connect(socket, {})));
}

interface Aedes {
  readonly handle: (stream: Duplex) => void;
  close(done: () => void): void;
}

async function mqttBroker(): Promise<Service> {
  const { Aedes } = await loadLibrary<{ Aedes: { createBroker(): Promise<Aedes> } }>("aedes");
  const broker = await Aedes.createBroker();
  return listening(
    createServer(pem, broker.handle),
    () => new Promise<void>((resolve) => broker.close(resolve)),
  );
}

interface WebSocketServer {
  on(event: "connection", listener: (socket: EchoSocket) => void): void;
}
interface EchoSocket {
  on(event: "message", listener: (data: Buffer) => void): void;
  send(data: string): void;
}
interface WebSocketClient {
  on(event: "open" | "message" | "error", listener: (value: Error | Buffer) => void): void;
  send(data: string): void;
  terminate(): void;
}
interface Ws {
  readonly WebSocketServer: new (options: { readonly server: HttpsServer }) => WebSocketServer;
  readonly WebSocket: new (url: string, options: { readonly agent: HttpsAgent }) => WebSocketClient;
}

async function webSocketServer(): Promise<Service> {
  const { WebSocketServer } = await loadLibrary<Ws>("ws");
  const server = createHttpsServer(pem);
  new WebSocketServer({ server }).on("connection", (socket) => {
    socket.on("message", (data) => socket.send(`back: ${data.toString()}`));
  });
  return listening(server);
}

/** A real Redis on a Unix socket, and TLS before it. */
async function redisServer(): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-libraries-"));
  const path = join(folder, "redis.sock");
  const nothing = ["--save", "", "--appendonly", "no"];
  const place = ["--port", "0", "--unixsocket", path, "--dir", folder];
  const redis = spawn(findPeer("redis")?.path ?? "", [...place, ...nothing], { stdio: "ignore" });
  await untilItListens(path, redis);
  return before(
    () => net.connect(path),
    async () => {
      const ended = once(redis, "exit");
      redis.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  );
}

/** A real PostgreSQL, and TLS before it. */
async function postgresServer(): Promise<Service> {
  const postgres = await Postgres.start(findPeer("postgres")!);
  const folder = new URLSearchParams(postgres.url().split("?")[1]).get("host") ?? "";
  return before(
    () => net.connect(join(folder, ".s.PGSQL.5432")),
    () => postgres.remove(),
  );
}

async function untilItListens(path: string, program: ChildProcess): Promise<void> {
  while (program.exitCode === null) {
    const socket = net.connect(path);
    const isThere = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return;
    await pause(20);
  }
  throw new Error(`it ended with ${program.exitCode}`);
}

// Clients

const url = (port: number): string => `https://localhost:${port}/`;

interface Axios {
  get(url: string, options: { readonly httpsAgent: HttpsAgent }): Promise<{ data: unknown }>;
}
interface Got {
  (url: string, options: object): { json(): Promise<unknown> };
}
interface Undici {
  readonly Agent: new (options: {
    connect(
      to: { readonly hostname: string; readonly port: string },
      done: (error: Error | null, socket: TlsSocket | null) => void,
    ): void;
  }) => { destroy(): Promise<void> };
  fetch(url: string, options: object): Promise<{ json(): Promise<unknown> }>;
}
interface Nodemailer {
  createTransport(options: object): {
    sendMail(mail: object): Promise<{ readonly response: string }>;
    close(): void;
  };
}
interface RedisClient {
  set(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<unknown>;
  on(event: "error", listener: (error: Error) => void): void;
  disconnect(): void;
}
type IoRedis = { readonly Redis: new (options: object) => RedisClient };
interface PgClient {
  connect(): Promise<void>;
  query(text: string): Promise<{ readonly rows: unknown }>;
  on(event: "error", listener: () => void): void;
  end(): Promise<void>;
}
type Pg = { readonly default: { readonly Client: new (options: object) => PgClient } };
interface MqttClient {
  on(event: string, listener: (...values: never[]) => void): void;
  subscribe(topic: string, done: () => void): void;
  publish(topic: string, message: string): void;
  end(force: boolean): void;
}
type Mqtt = { readonly MqttClient: new (stream: () => Duplex, options: object) => MqttClient };

const cases: readonly Case[] = [
  {
    name: "axios, from express",
    serve: expressServer,
    answer: byExpress,
    async ask({ port, ca: trusted }) {
      const { default: axios } = await loadLibrary<{ default: Axios }>("axios");
      const httpsAgent = new HttpsAgent({ ca: trusted });
      return (await axios.get(url(port), { httpsAgent })).data;
    },
  },
  {
    name: "got, from fastify",
    serve: fastifyServer,
    answer: byFastify,
    async ask({ port, ca: trusted }) {
      const { got } = await loadLibrary<{ got: Got }>("got");
      const agent = { https: new HttpsAgent({ ca: trusted }) };
      return got(url(port), { agent, retry: { limit: 0 } }).json();
    },
  },
  {
    name: "undici, from fastify",
    serve: fastifyServer,
    answer: byFastify,
    async ask({ port, ca: trusted }) {
      const { Agent, fetch } = await loadLibrary<Undici>("undici");
      const dispatcher = new Agent({
        connect({ hostname, port: toPort }, done) {
          const socket = connect({ host: hostname, port: Number(toPort), ca: trusted });
          socket.once("secureConnect", () => done(null, socket));
          socket.once("error", (error) => done(error, null));
        },
      });
      try {
        return await (await fetch(url(port), { dispatcher })).json();
      } finally {
        await dispatcher.destroy();
      }
    },
  },
  {
    name: "ws, from ws",
    serve: webSocketServer,
    answer: "back: a question",
    async ask({ port, ca: trusted }) {
      const { WebSocket } = await loadLibrary<Ws>("ws");
      const agent = new HttpsAgent({ ca: trusted });
      const socket = new WebSocket(`wss://localhost:${port}/`, { agent });
      try {
        return await new Promise<string>((resolve, reject) => {
          socket.on("open", () => socket.send("a question"));
          socket.on("message", (data) => resolve(String(data)));
          socket.on("error", reject);
        });
      } finally {
        socket.terminate();
      }
    },
  },
  {
    name: "nodemailer, from smtp-server",
    serve: smtpServer,
    answer: "250 got Hello",
    async ask({ port, ca: trusted }) {
      const { default: nodemailer } = await loadLibrary<{ default: Nodemailer }>("nodemailer");
      const transport = nodemailer.createTransport({
        host: "localhost",
        port,
        secure: true,
        getSocket(_: unknown, done: (error: Error | null, socket?: object) => void) {
          const connection = connect({ host: "localhost", port, ca: trusted });
          connection.once("secureConnect", () => done(null, { connection, secured: true }));
          connection.once("error", done);
        },
      });
      const mail = { from: "a@localhost", to: "b@localhost", subject: "Hello", text: "there" };
      try {
        return (await transport.sendMail(mail)).response;
      } finally {
        transport.close();
      }
    },
  },
  {
    name: "mqtt, from aedes",
    serve: mqttBroker,
    answer: "weather: fine",
    async ask({ port, ca: trusted }) {
      const { MqttClient } = await loadLibrary<Mqtt>("mqtt");
      const open = (): Duplex => connect({ host: "localhost", port, ca: trusted });
      const client = new MqttClient(open, { reconnectPeriod: 0 });
      try {
        return await new Promise((resolve, reject) => {
          client.on("error", reject);
          client.on("message", (topic: string, message: Buffer) => {
            resolve(`${topic}: ${message.toString()}`);
          });
          client.on("connect", () => {
            client.subscribe("weather", () => client.publish("weather", "fine"));
          });
        });
      } finally {
        client.end(true);
      }
    },
  },
];

const redis: Case = {
  name: "ioredis, from Redis",
  serve: redisServer,
  answer: ["OK", "value"],
  async ask({ port, ca: trusted }) {
    const { Redis } = await loadLibrary<IoRedis>("ioredis");
    /** What the library opens its connections with. */
    class Connector {
      #socket: TlsSocket | undefined;
      check(): boolean {
        return true;
      }
      async connect(): Promise<Duplex> {
        this.#socket = connect({ host: "localhost", port, ca: trusted });
        return this.#socket;
      }
      disconnect(): void {
        this.#socket?.end();
      }
    }
    const client = new Redis({ Connector, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    const failed = new Promise<never>((_, reject) => {
      client.on("error", reject);
    });
    try {
      return await Promise.race([
        failed,
        (async () => [await client.set("key", "value"), await client.get("key")])(),
      ]);
    } finally {
      client.disconnect();
    }
  },
};

const postgres: Case = {
  name: "pg, from PostgreSQL",
  serve: postgresServer,
  answer: [{ answer: 42 }],
  async ask({ port, ca: trusted }) {
    const { default: pg } = await loadLibrary<Pg>("pg");
    const client = new pg.Client({
      user: "kemistry",
      database: "postgres",
      // It calls connect() on what it gets, which is under way
      stream: () =>
        Object.assign(connect({ host: "localhost", port, ca: trusted }), { connect: () => {} }),
    });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query("select 40 + 2 as answer")).rows;
    } finally {
      await client.end();
    }
  },
};

/** The codes of an error and of all that it came of. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code, cause } = error as Error & { readonly code?: string };
  return [...(code === undefined ? [] : [code]), ...codesOf(cause)];
}

async function check({ serve, ask, answer }: Case): Promise<void> {
  const service = await serve();
  const { port, groups } = service;
  try {
    expect(await ask({ port, ca: ca.pem })).toEqual(answer);
    expect(new Set(groups)).toEqual(new Set(["X25519MLKEM768"]));
    const refused = ask({ port, ca: anotherCa.pem }).catch(codesOf);
    expect(await refused).toContain("unknown_ca");
  } finally {
    await service.end();
  }
}

describe("over our sockets", () => {
  for (const each of cases) itWith("libraries", each.name, () => check(each), 120_000);

  itWith(["libraries", "redis"], redis.name, () => check(redis), 120_000);
  itWith(["libraries", "postgres"], postgres.name, () => check(postgres), 120_000);

  const early = "express, which answers 425 to what came early and is not safe (RFC 8470)";
  itWith("libraries", early, checkTooEarly, 120_000);

  const asking = "pg, which asks a server for TLS by itself";
  itWith(["libraries", "postgres"], asking, checkSslRequest, 120_000);
});

/** As the guide says it: a middleware before all handlers. */
async function checkTooEarly(): Promise<void> {
  type Next = () => void;
  interface App extends RequestListenerOf {
    use(handler: (request: IncomingMessage, response: ServerResponse, next: Next) => void): void;
  }
  const { default: express } = await loadLibrary<{ default: () => App }>("express");
  const app = express();
  app.use((request, response, next) => {
    if (cameEarly(request) && request.method !== "GET") response.writeHead(425).end();
    else next();
  });
  app.use((request, response) => {
    response.end(`${request.method} ${cameEarly(request) ? "early" : "later"}`);
  });
  const service = await listening(createHttpsServer({ ...pem, earlyData: true }, app));
  const once0Rtt = new HttpsAgent({ ca: ca.pem, earlyData: "safe-to-replay" });
  const ask = async (method: string, agent: HttpsAgent): Promise<string> => {
    const request = https.request({ host: "localhost", port: service.port, method, agent }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let text = String(response.statusCode);
    for await (const chunk of response.setEncoding("utf8")) text += ` ${String(chunk)}`;
    return text;
  };
  try {
    expect(await ask("POST", once0Rtt)).toBe("200 POST later");
    // It has a session by now
    await expect.poll(() => ask("GET", once0Rtt), { timeout: 30_000 }).toBe("200 GET early");
    expect(await ask("POST", once0Rtt)).toBe("425");
    // Sent again, and not early (RFC 8470 §5.2)
    const patient = new HttpsAgent({ ca: ca.pem });
    expect(await ask("POST", patient)).toBe("200 POST later");
  } finally {
    await service.end();
  }
}
type RequestListenerOf = (...given: Parameters<RequestListener>) => void;

/** With the recipe's front: it reads what is asked in the clear, and not a byte more. */
async function checkSslRequest(): Promise<void> {
  const service = await postgresServer();
  const front = net.createServer({ allowHalfOpen: true }, (socket) => {
    const read = (): void => {
      const request = socket.read(8) as Buffer | null;
      if (request === null) return;
      socket.off("readable", read);
      expect(request.toString("hex")).toBe("0000000804d2162f");
      socket.write("S");
      const inner = net.connect(service.port, "localhost").on("error", () => socket.destroy());
      socket.pipe(inner).pipe(socket);
    };
    socket.on("readable", read).on("error", () => {});
  });
  front.listen(0, "localhost");
  await once(front, "listening");
  const { port } = front.address() as net.AddressInfo;
  const { default: pg } = await loadLibrary<Pg>("pg");
  const ask = async (trusted: string): Promise<unknown> => {
    const ssl = { ca: trusted, servername: "localhost" };
    const client = new pg.Client({
      host: "localhost",
      port,
      user: "kemistry",
      database: "postgres",
      ssl,
    });
    client.on("error", () => {});
    try {
      await client.connect();
      return (await client.query("select 40 + 2 as answer")).rows;
    } finally {
      await client.end();
    }
  };
  try {
    expect(await ask(ca.pem)).toEqual(postgres.answer);
    expect(service.groups).toHaveLength(1);
    // Another implementation's words for an authority that it does not know
    await expect(ask(anotherCa.pem)).rejects.toThrow(/certificate/);
  } finally {
    front.close();
    await service.end();
  }
}
