/** A PostgreSQL of one's own on a Unix socket. It does not run as root, so root starts it as nobody. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Peer } from "../interop/peers.ts";

const nobody = 65534;
const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** A server that is empty at first. */
export class Postgres {
  readonly #programs: string;
  readonly #folder: string;
  #server: ChildProcess | undefined;

  private constructor(programs: string, folder: string) {
    this.#programs = programs;
    this.#folder = folder;
  }

  static async start({ path }: Peer): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), "kemistry-postgres-"));
    if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid);
    const own = new Postgres(dirname(realpathSync(path)), folder);
    const made = spawnSync(
      join(own.#programs, "initdb"),
      ["-D", join(folder, "data"), "-U", "kemistry", "-A", "trust", "-E", "UTF8", "--no-sync"],
      { ...identity, cwd: folder, encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    await own.up();
    return own;
  }

  /** For a database of that name, which must be there but for the first. */
  url(name = "postgres"): string {
    return `postgresql:///${name}?host=${this.#folder}&user=kemistry`;
  }

  /** Starts it, again. */
  async up(): Promise<void> {
    const server = spawn(
      join(this.#programs, "postgres"),
      ["-D", join(this.#folder, "data"), "-k", this.#folder, "-h", "", "-F"],
      { ...identity, cwd: this.#folder, stdio: ["ignore", "ignore", "pipe"] },
    );
    this.#server = server;
    const said: string[] = [];
    for await (const line of createInterface(server.stderr)) {
      said.push(line);
      if (line.includes("ready to accept connections")) return void server.stderr.resume();
    }
    throw new Error(`postgres did not start: ${said.join("\n")}`);
  }

  /** Ends it, with all connections. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const ended = once(server, "exit");
    // Immediate shutdown
    server.kill("SIGQUIT");
    await ended;
  }

  async remove(): Promise<void> {
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
