/** One end in a process of its own, and in a network namespace of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import type { Role } from "../../schedule/index.ts";
import type { Maker } from "./measurement.ts";

/** What an end is told, one thing after the other. */
export type Order =
  /** First of all: which experiment. */
  | { readonly do: "read"; readonly experiment: unknown; readonly openssl: string }
  | { readonly do: "listen"; readonly cell: number; readonly maker: Maker }
  | {
      readonly do: "connect";
      readonly cell: number;
      readonly maker: Maker;
      /** The address to connect from. */
      readonly from: string;
      readonly port: number;
    }
  /** The connection is measured: away with it. */
  | { readonly do: "leave" };

/** What it answers. */
export interface Answer {
  /** Where it listens. */
  readonly port?: number;
  readonly error?: string;
}

export class EndProcess {
  readonly role: Role;
  readonly #child: ChildProcess;

  /** @param module a JavaScript file that does what it is told */
  constructor(role: Role, module: URL) {
    this.role = role;
    const args = ["--net", process.execPath, module.pathname, role];
    this.#child = spawn("unshare", args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  }

  /** Its process is also that of its namespace. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** Waits until it is there, and puts it before all else on the machine. */
  async ready(): Promise<void> {
    await this.#answer();
    favour(this.pid);
  }

  /** @throws Error with what it says went wrong */
  async do(order: Order): Promise<Answer> {
    this.#child.send(order);
    const answer = await this.#answer();
    if (answer.error !== undefined) throw new Error(`${this.role}: ${answer.error}`);
    return answer;
  }

  stop(): void {
    this.#child.kill();
  }

  async #answer(): Promise<Answer> {
    const settled = new AbortController();
    const { signal } = settled;
    try {
      const ended = once(this.#child, "exit", { signal }).then(([code]) => {
        throw new Error(`the process of the ${this.role} ended with ${String(code)}`);
      });
      const [answer] = (await Promise.race([once(this.#child, "message", { signal }), ended])) as [
        Answer,
      ];
      return answer;
    } finally {
      settled.abort();
    }
  }
}

/** What else the machine does shall not be measured. Where that is not allowed, it is. */
export function favour(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Root in a container may not be allowed to
  }
}
