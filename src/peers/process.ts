/** A foreign program while it runs: what it prints, and what it is told. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Those that run: none of them outlives this process. */
const running = new Set<ChildProcessWithoutNullStreams>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class PeerProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it printed on either output, as text; why it did not start. */
  output = "";
  readonly #stdout: Buffer[] = [];
  /** Bytes of its standard output so far. */
  length = 0;
  readonly #ended: Promise<unknown>;
  #isOver = false;
  #tell = (): void => {};

  constructor(path: string, args: readonly string[], options: RunOptions = {}) {
    const env = { ...process.env, ...options.env };
    this.child = spawn(path, args, { ...options, env });
    running.add(this.child);
    this.child.stdout.on("data", (chunk: Buffer) => {
      this.#stdout.push(chunk);
      this.length += chunk.length;
      this.#take(chunk);
    });
    this.child.stderr.on("data", (chunk: Buffer) => this.#take(chunk));
    // A peer that has gone takes no more input
    this.child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => this.child.once("close", resolve));
    this.child.once("close", () => {
      running.delete(this.child);
      this.#isOver = true;
      this.#tell();
    });
    this.child.on("error", (error) => this.#take(Buffer.from(error.message)));
  }

  #take(chunk: Buffer): void {
    this.output += chunk.toString("latin1");
    this.#tell();
  }

  /** Its standard output so far. */
  get bytes(): Buffer {
    if (this.#stdout.length > 1) this.#stdout.splice(0, Infinity, Buffer.concat(this.#stdout));
    return this.#stdout[0] ?? Buffer.alloc(0);
  }

  /** It has ended, and so have its outputs. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The last line that it printed. */
  get lastLine(): string {
    return this.output.trim().split("\n").at(-1) ?? "";
  }

  /** True if it has something to do, as far as the system says so: Linux does. */
  get isBusy(): boolean {
    try {
      return / [RD] /.test(readFileSync(`/proc/${this.child.pid}/stat`, "utf8").slice(0, 40));
    } catch {
      return false;
    }
  }

  /** Gives it input, as long as it takes some. */
  write(input: string | Uint8Array): void {
    if (this.child.stdin.writable) this.child.stdin.write(input);
  }

  /** The first match in what it prints. @throws Error with all that it printed */
  async expect(pattern: RegExp, timeoutMs = 8000): Promise<RegExpExecArray> {
    await this.until(() => pattern.test(this.output), String(pattern), timeoutMs);
    return pattern.exec(this.output)!;
  }

  /** Waits until what it has printed is enough. */
  async until(isEnough: () => boolean, what: string, timeoutMs = 8000): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#tell();
    }, timeoutMs);
    try {
      while (!isEnough()) {
        if (isLate || this.#isOver) {
          throw new Error(`the peer did not print ${what}, but: ${this.output.slice(-2000)}`);
        }
        await new Promise<void>((resolve) => (this.#tell = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for its end, and gives its exit code. */
  async exit(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  /** Waits for its end, but no longer. */
  async ended(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)));
    await Promise.race([this.#ended, late]);
    clearTimeout(timer);
  }

  /** What it has started itself may hold its outputs open: nobody waits for that. */
  kill(): void {
    this.child.kill("SIGKILL");
    this.child.stdout.destroy();
    this.child.stderr.destroy();
  }

  async stop(): Promise<void> {
    this.kill();
    await this.#ended;
  }
}

/** Runs a peer while the function uses it. */
export async function withPeer<T>(
  path: string,
  args: readonly string[],
  use: (peer: PeerProcess) => Promise<T>,
  options: RunOptions = {},
): Promise<T> {
  const peer = new PeerProcess(path, args, options);
  try {
    return await use(peer);
  } finally {
    await peer.stop();
  }
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
