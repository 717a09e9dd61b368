/** Other processes of a suite. */
import { fork } from "node:child_process";
import { once } from "node:events";

/** Another process that does one thing after the other. */
export class Worker<Order extends object, Answer> {
  readonly #child;

  /** @param module a JavaScript file; its process knows nothing but the orders */
  constructor(module: URL) {
    const args = ["--expose-gc"];
    this.#child = fork(module, { execArgv: args });
  }

  async do(order: Order): Promise<Answer> {
    const settled = new AbortController();
    const { signal } = settled;
    const ended = once(this.#child, "exit", { signal }).then(([code]) => {
      throw new Error(`a process of the suite ended with ${String(code)}`);
    });
    try {
      const answered = once(this.#child, "message", { signal }) as Promise<[Answer]>;
      this.#child.send(order);
      return (await Promise.race([answered, ended]))[0];
    } finally {
      settled.abort();
    }
  }

  stop(): void {
    this.#child.kill();
  }
}

/** For a process that was forked: whether the user presses Ctrl-C is its parent's business. */
export function endWithParent(): void {
  process.on("SIGINT", () => {});
  process.once("disconnect", () => process.exit());
}
