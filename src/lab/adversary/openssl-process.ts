/** OpenSSL as a program: what it says, and the secrets that it writes. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { AlertDescription, nameOf } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import type { Secrets } from "../trace/keys.ts";

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** s_server or s_client while it runs. */
export class OpensslProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  #said = "";
  #isGone = false;

  constructor(program: string, options: readonly string[]) {
    this.#child = spawn(program, options);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    }
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", (error) => (this.#said += error.message));
    this.#child.on("close", () => (this.#isGone = true));
  }

  /** Everything until now, of both its streams. */
  get said(): string {
    return this.#said;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** True if it has something to do, as far as the system says so: Linux does. */
  get isBusy(): boolean {
    try {
      return / [RD] /.test(readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").slice(0, 40));
    } catch {
      return false;
    }
  }

  /** A line that begins with `K` changes its keys, one with `Q` closes; anything else is sent. */
  type(text: string | Uint8Array): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(text);
  }

  /** s_server says `ACCEPT 127.0.0.1:port` when it listens. @throws Error with its last line */
  async port(): Promise<number> {
    for (;;) {
      const [, port] = /ACCEPT \S*?:(\d+)\s/.exec(this.#said) ?? [];
      if (port !== undefined) return Number(port);
      if (this.#isGone) throw new Error(`it did not start: ${this.lastLine}`);
      await pause(5);
    }
  }

  get lastLine(): string {
    return this.#said.trim().split("\n").at(-1) ?? "";
  }

  async ended(milliseconds: number): Promise<void> {
    for (let waited = 0; !this.#isGone && waited < milliseconds; waited += 5) await pause(5);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Milliseconds within which OpenSSL writes the secrets of a hello that it was given. */
const writingTime = 200;

/** Reads the secrets that OpenSSL writes as that end. */
export function followKeyLog(secrets: Secrets, role: Role, path: string): void {
  const read = (): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
  const awaited = new Set<string>();
  secrets.refresh = (end, label, random) => {
    // A hello is on its way to it: what it makes of it comes at once, or never
    const tries = end === role && !awaited.has(label) ? writingTime / 5 : 1;
    awaited.add(label);
    for (let i = 0; i < tries; i++) {
      const lines = read().split("\n").slice(0, -1);
      for (const line of lines) secrets.add(role, line);
      if (lines.some((line) => line.startsWith(`${label} ${random}`))) return;
      if (tries > 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  };
}

/**
 * How it came out of a connection: the alert that it was told, the first reason in its error queue, or
 * whether it opened and was given what the other end said.
 *
 * @param said while the connection was there
 * @param saidLater after it was left without a word, which is no matter of the scenario
 */
export function opensslOutcome(said: string, saidLater: string, message: string): string {
  const error = (text: string) => /error:[\dA-F]+:[^:\n]*:[^:\n]*:([^:\n]+)[^\n]*/.exec(text);
  const [line = "", reason] = error(said) ?? error(saidLater) ?? [];
  const isOurLeaving = reason === "unexpected eof while reading" && error(said) === null;
  const [, alert] = /SSL alert number (\d+)/.exec(line) ?? [];
  if (alert !== undefined) return `told ${nameOf(AlertDescription, Number(alert), 1)}`;
  if (reason !== undefined && !isOurLeaving) return reason;
  if (!/cipher is TLS_/i.test(saidLater)) return "waiting";
  return saidLater.includes(message) ? "open" : "open without data";
}
