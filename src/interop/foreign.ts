/** Another implementation as an end of a run: a process for each server, and for each connection of a client. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import {
  argumentsOf,
  type CommandFiles,
  commandOf,
  lacking,
  type PeerRole,
  preparationsOf,
  fileOf,
} from "../peers/command.ts";
import { fillIn, findProgram, type FoundPeer } from "../peers/find.ts";
import type { PeerCommand } from "../peers/peer.ts";
import { PeerProcess } from "../peers/process.ts";
import type {
  ClientStart,
  Implementation,
  RunningEnd,
  RunningServer,
  Start,
} from "./implementation.ts";

/** Milliseconds in which a server must listen: on a busy machine a virtual machine takes its time. */
const startingTime = 90_000;

/** @param folder of what was got, `.peers` */
export function foreign(found: FoundPeer, folder: string): Implementation {
  const { peer, version } = found;
  const start = (role: PeerRole, given: Start, port: number, connection: number): Process => {
    const command = commandOf(peer, role);
    const files: CommandFiles = { ...given.files.values(role), port: String(port), peers: folder };
    const file = fileOf(peer, role, given.setup, files);
    if (file !== undefined) writeFileSync(files["file"]!, file);
    // A client that is started again finds what was prepared
    const lines = connection === 0 ? preparationsOf(peer, role, given.setup, files) : [];
    for (const line of lines) prepare(line, folder);
    const program =
      command.program === undefined ? found.program : findProgram(command.program, folder);
    if (program === undefined) throw new Error(`${command.program?.join(", ")} is not here`);
    const args = argumentsOf(peer, role, given.setup, { files, connection });
    const environment = Object.entries(peer.environment ?? {}).map(([name, value]) => [
      name,
      fillIn([value], files)[0]!,
    ]);
    const env = Object.fromEntries(environment) as Record<string, string>;
    const process = new PeerProcess(program, args, { env, cwd: given.files.folder });
    return new Process(process, command, () => given.files.keyLog(role));
  };
  return {
    name: peer.name,
    title: peer.title,
    version,
    connectsAgain: peer.client?.resumes === undefined,
    lacking: (role, setup) => lacking(peer, role, setup),
    fault: (role, test) => peer.faults?.[role]?.[test],
    async startServer(given) {
      const { choosesPort, listens } = commandOf(peer, "server");
      const chosen = choosesPort ? 0 : await freePort();
      const process = start("server", given, chosen, 0);
      try {
        return await process.listening(listens ?? "", chosen);
      } catch (error) {
        await process.stop();
        throw error;
      }
    },
    async startClient(given: ClientStart) {
      return start("client", given, given.port, given.connection);
    },
  };
}

/** One that the system says is free; nobody else is promised not to take it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function prepare([program = "", ...args]: readonly string[], folder: string): void {
  const path = findProgram([program], folder) ?? program;
  const { status, stderr, error } = spawnSync(path, args, { encoding: "utf8", timeout: 60_000 });
  if (status === 0) return;
  throw new Error(`${[program, ...args].join(" ")}: ${error?.message ?? stderr.trim()}`);
}

class Process implements RunningServer {
  readonly saysEarly = "by itself";
  readonly #process: PeerProcess;
  readonly #command: PeerCommand;
  readonly keyLog: () => readonly string[];
  port = 0;
  #printed = 0;
  #heardFrom = 0;

  constructor(process: PeerProcess, command: PeerCommand, keyLog: () => readonly string[]) {
    this.#process = process;
    this.#command = command;
    this.keyLog = keyLog;
  }

  get speaks(): RunningEnd["speaks"] {
    return this.#command.speaks;
  }

  async listening(pattern: string, chosen: number): Promise<this> {
    const [, port] = await this.#process.expect(new RegExp(pattern, "m"), startingTime);
    this.port = chosen === 0 ? Number(port) : chosen;
    return this;
  }

  begin(): void {
    this.#printed = this.#process.output.length;
    this.#heardFrom = this.#process.length;
  }

  say(bytes: Uint8Array): void {
    if (this.speaks === "input") this.#process.write(bytes);
  }

  hasHeard(bytes: Uint8Array): boolean {
    if (this.#process.length - this.#heardFrom < bytes.length) return false;
    return this.#process.bytes.includes(Buffer.from(bytes), this.#heardFrom);
  }

  updateKeys(): void {
    this.#process.write(this.#command.commands?.keyUpdate ?? "");
  }

  close(): void {
    const { close } = this.#command.commands ?? {};
    if (close === undefined) this.halfClose();
    else this.#process.write(close);
  }

  halfClose(): void {
    const { halfClose } = this.#command.commands ?? {};
    if (halfClose === undefined) this.#process.child.stdin.end();
    else this.#process.write(halfClose);
  }

  exported(): string | undefined {
    const pattern = this.#command.says?.exporter;
    if (pattern === undefined) return undefined;
    return new RegExp(pattern, "m").exec(this.output().slice(this.#printed))?.[1]?.toLowerCase();
  }

  output(): string {
    return this.#process.output;
  }

  get isOver(): boolean {
    return this.#process.isOver;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}
