/** One agent of the fleet, in a process of its own: it serves, and calls the others at random. */
import { once } from "node:events";
import { get } from "node:http";
import type { AddressInfo } from "node:net";
import { joinMesh, type Mesh } from "../../src/mesh/index.ts";
import type { HttpsAgent, TlsSocket } from "../../src/transport/node/index.ts";
import type { AgentConfig, FromAgent, Lost, Over, Peer, ToAgent } from "./fleet-messages.ts";

const tell = (message: FromAgent): void => void process.send?.(message);

/** Milliseconds for an answer. */
const patience = 30_000;

class Caller {
  readonly #mesh: Mesh;
  readonly #maxConnectionAge: number | undefined;
  readonly #agents = new Map<string, HttpsAgent>();
  #peers: readonly Peer[] = [];
  #interval = 1000;
  #done = 0;
  #lost: Lost[] = [];
  #times: number[] = [];
  #over = new Map<string, Over & { count: number }>();
  readonly #lastAnswers = new Map<string, number>();

  constructor(mesh: Mesh, { maxConnectionAge }: AgentConfig) {
    this.#mesh = mesh;
    this.#maxConnectionAge = maxConnectionAge;
  }

  /** Calls one of them every so many milliseconds. */
  start(peers: readonly Peer[], interval: number): void {
    [this.#peers, this.#interval] = [peers, interval];
    setTimeout(() => this.#next(), interval * Math.random());
    setInterval(() => this.#report(), 500);
  }

  #next(): void {
    const peer = this.#peers[Math.floor(Math.random() * this.#peers.length)];
    if (peer !== undefined) void this.#call(peer);
    setTimeout(() => this.#next(), this.#interval * (0.5 + Math.random()));
  }

  async #call({ id, port }: Peer): Promise<void> {
    const at = Date.now();
    try {
      this.#count(await this.#ask(id, port));
      this.#done++;
      this.#times.push(Date.now() - at);
      this.#lastAnswers.set(id, Math.max(this.#lastAnswers.get(id) ?? 0, Date.now()));
    } catch (error) {
      this.#lost.push({
        to: id,
        at,
        error: error instanceof Error ? error.message : String(error),
        after: Date.now() - at,
        state: this.#mesh.health().state,
      });
    }
  }

  #count(over: Over): void {
    const key = `${over.group} ${over.scheme}`;
    const known = this.#over.get(key) ?? { ...over, count: 0 };
    known.count++;
    this.#over.set(key, known);
  }

  async #ask(id: string, port: number): Promise<Over> {
    const known = this.#agents.get(id);
    const age = this.#maxConnectionAge;
    const how = age === undefined ? {} : { maxConnectionAge: age };
    const agent = known ?? this.#mesh.agent({ to: id, maxSockets: 1, ...how });
    if (known === undefined) this.#agents.set(id, agent);
    return new Promise((resolve, reject) => {
      const options = { protocol: "https:", host: "127.0.0.1", port, agent, timeout: patience };
      const request = get(options, (response) => {
        const { negotiated } = response.socket as unknown as TlsSocket;
        const { group = "none", peerSignatureScheme: scheme = "none" } = negotiated ?? {};
        response.resume().once("end", () => {
          if (response.statusCode === 200) resolve({ group, scheme });
          else reject(new Error(`status ${response.statusCode}`));
        });
        response.once("error", reject);
      });
      request.once("timeout", () => request.destroy(new Error(`no answer in ${patience} ms`)));
      request.once("error", reject);
    });
  }

  #report(): void {
    const { rss, heapUsed } = process.memoryUsage();
    tell({
      type: "report",
      done: this.#done,
      lost: this.#lost,
      times: this.#times,
      over: [...this.#over.values()],
      lastAnswers: [...this.#lastAnswers],
      health: this.#mesh.health(),
      memory: { rss, heapUsed },
    });
    [this.#done, this.#lost, this.#times, this.#over] = [0, [], [], new Map()];
  }
}

const config = JSON.parse(process.argv[2] ?? "{}") as AgentConfig;
const mesh = await joinMesh(config.mesh);
const server = mesh.httpsServer({}, (_, response) => {
  response.end(config.mesh.id);
});
server.on("tlsClientError", () => {});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const caller = new Caller(mesh, config);
process.on("message", (message: ToAgent) => {
  if (message.type === "start") caller.start(message.peers, message.interval);
  if (message.type === "rotate") mesh.rotateTicketKeys();
  if (message.type === "update") void mesh.update(message.changes);
});
process.once("disconnect", () => process.exit());
mesh.on("renewed", ({ serial }) => tell({ type: "renewed", serial }));
mesh.on("revoked", ({ connections }) => tell({ type: "cut", connections: connections.length }));
tell({ type: "ready", port: (server.address() as AddressInfo).port });
