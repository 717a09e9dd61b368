/**
 * One writer at a time in a folder.
 *
 * Whoever wants to write lays a claim: a file in `lock/` whose name nobody else ever has, next to a socket
 * that it listens on. Then it looks for claims of others. If there is none it writes; otherwise the first by
 * name stays and waits, and the others take theirs back until there is none. Of two claims one was laid
 * after the other, and whoever laid it saw the other: two never write at once.
 *
 * A claim is alive while its socket takes connections. That is the kernel's knowledge: it holds whatever
 * numbers processes have, across containers that share the folder, and ends with the process. A dead claim
 * may be removed by anybody, since its name does not come again. A claim is a name and no content, so that
 * none is half written. Of another machine nobody can tell: its claims are waited for.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AuthorityError } from "./errors.ts";

/** Milliseconds that one waits for other writers, unless told otherwise. */
export const standardWait = 60_000;

/**
 * Runs something that no other process does in that folder at the same time.
 * @param wait milliseconds that one waits for other writers
 * @throws AuthorityError `busy` if they do not come to an end
 */
export async function withLock<T>(
  folder: string,
  run: () => T | Promise<T>,
  wait = standardWait,
): Promise<T> {
  const claim = await Claim.prepare(folder);
  try {
    await claim.win(performance.now() + wait);
    return await run();
  } finally {
    await claim.end();
  }
}

class Claim {
  readonly #place: Place;
  readonly #name: string;
  readonly #server: Server;
  #isLaid = false;

  private constructor(place: Place, name: string, server: Server) {
    this.#place = place;
    this.#name = name;
    this.#server = server;
  }

  /** Listens; nobody looks at that before the claim is laid. */
  static async prepare(folder: string): Promise<Claim> {
    const place = new Place(join(folder, "lock"));
    const id = randomBytes(8).toString("hex");
    const name = [id, process.pid, here.boot, here.host].join("@");
    try {
      return new Claim(place, name, await listen(place.socket(name), place.path));
    } catch (error) {
      place.close();
      throw error;
    }
  }

  async win(end: number): Promise<void> {
    for (;;) {
      let others = await this.#place.alive(this.#name);
      if (!this.#isLaid && others.length === 0) {
        writeFileSync(this.#place.claim(this.#name), "", { flag: "wx" });
        this.#isLaid = true;
        others = await this.#place.alive(this.#name);
      }
      if (this.#isLaid && others.length === 0) return;
      if (others.some((other) => other < this.#name)) this.#takeBack();
      if (performance.now() > end) throw busy(this.#place, others[0]);
      await sleep(5 + Math.random() * 20);
    }
  }

  /** In this order: a claim that can be seen has a socket. */
  async end(): Promise<void> {
    await this.#place.sweep();
    this.#takeBack();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    rmSync(this.#place.socketFile(this.#name), { force: true });
    this.#place.close();
  }

  #takeBack(): void {
    if (this.#isLaid) rmSync(this.#place.claim(this.#name), { force: true });
    this.#isLaid = false;
  }
}

/** The folder of the claims. */
class Place {
  readonly path: string;
  readonly #handle: number | undefined;

  constructor(path: string) {
    mkdirSync(path, { recursive: true });
    this.path = path;
    this.#handle = needsHandle(path) ? openSync(path, "r") : undefined;
  }

  claim(name: string): string {
    return join(this.path, `${name}${claimed}`);
  }

  /** Where the socket's file is. */
  socketFile(name: string): string {
    return join(this.path, `${idOf(name)}${listening}`);
  }

  /** How the socket is called: its file, by a path that is short enough. Windows has pipes instead. */
  socket(name: string): string {
    if (process.platform === "win32") return `\\\\.\\pipe\\kemistry-${idOf(name)}`;
    return this.#handle === undefined
      ? this.socketFile(name)
      : `/proc/self/fd/${this.#handle}/${idOf(name)}${listening}`;
  }

  /** The claims of others that are alive, in order. Removes those that are dead. */
  async alive(own: string): Promise<string[]> {
    const found: string[] = [];
    for (const name of this.#names(claimed)) {
      if (name === own) continue;
      if (isElsewhere(name) || (await isListening(this.socket(name)))) found.push(name);
      else this.#remove(name);
    }
    return found.toSorted();
  }

  /** Removes sockets of processes that died before they laid a claim; only the holder of the lock does. */
  async sweep(): Promise<void> {
    const claims = new Set(this.#names(claimed).map(idOf));
    for (const id of this.#names(listening)) {
      if (claims.has(id) || !this.#isOld(id)) continue;
      if (!(await isListening(this.socket(id)))) this.#remove(id);
    }
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
  }

  #names(kind: string): string[] {
    return readdirSync(this.path).flatMap((file) =>
      file.endsWith(kind) ? [file.slice(0, -kind.length)] : [],
    );
  }

  #remove(name: string): void {
    rmSync(this.claim(name), { force: true });
    rmSync(this.socketFile(name), { force: true });
  }

  /** A new one may not listen yet. */
  #isOld(id: string): boolean {
    const stats = statSync(this.socketFile(id), { throwIfNoEntry: false });
    return stats !== undefined && Date.now() - stats.mtimeMs > 60_000;
  }
}

const claimed = ".claim";
const listening = ".socket";

/** What is unlike in all names. */
const idOf = (name: string): string => name.split("@")[0] ?? name;

/** This machine, since it was started. Containers have the machine's boot, and names of their own. */
const here = {
  host: hostname()
    .replaceAll(/[^\w.-]/g, "_")
    .slice(0, 64),
  boot: bootId(),
};

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "-";
  }
}

/** A claim of another machine: of one that has another name and was started at another time. */
function isElsewhere(name: string): boolean {
  const [, , boot, host] = name.split("@");
  return host !== here.host && (boot !== here.boot || boot === "-");
}

/** Bytes that the address of a socket holds, with the zero at its end. */
const longestAddress = process.platform === "linux" ? 108 : 104;

function needsHandle(folder: string): boolean {
  if (process.platform === "win32") return false;
  const name = 1 + 16 + listening.length;
  if (Buffer.byteLength(folder) + name < longestAddress) return false;
  if (process.platform === "linux") return true;
  throw new AuthorityError(
    "misuse",
    `the path of ${folder} is too long for a lock; choose a shorter one`,
  );
}

async function listen(address: string, folder: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject).listen({ path: address, writableAll: true }, resolve);
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AuthorityError("misuse", `${folder} cannot hold a socket, as a lock must: ${reason}`);
  }
  return server;
}

/** What the kernel says; an answer that is neither yes nor no counts as yes. */
const isListening = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection(address);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });

function busy({ path }: Place, other: string | undefined): AuthorityError {
  const [, pid = "unknown", , host = "unknown"] = other?.split("@") ?? [];
  return new AuthorityError(
    "busy",
    `another process is writing here (${pid} on ${host}): wait longer, or if there is none, remove ${path}`,
  );
}
