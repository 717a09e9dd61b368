/** What may stand between two ends: nothing, a stream that is cut, an attacker. */
import type { Medium, Outlet } from "../connection/pump.ts";
import { OnPath } from "../lab/adversary/on-path.ts";
import { otherRole, type Role } from "../schedule/index.ts";
import type { Carriage, InteropCase } from "./case.ts";
import type { Carrier } from "./tap.ts";

export function carrierOf(test: InteropCase, nth: number): Carrier | undefined {
  if (test.steps !== undefined && nth === 0) {
    const medium = new OnPath({ steps: test.steps });
    return {
      medium,
      get unapplied() {
        return medium.unapplied;
      },
    };
  }
  return test.carried && new Cut(cuts[test.carried]);
}

/** How the first bytes of each end are cut. */
interface Cutting {
  /** Of a piece, by how many were sent. */
  readonly size: (from: Role, pieces: number, waiting: number) => number;
  /** Milliseconds between two. */
  readonly pause: number;
}

const inPieces =
  (count: number): Cutting["size"] =>
  (from, pieces, waiting) =>
    from === "client" && pieces < count - 1 ? Math.ceil(waiting / (count - pieces)) : Infinity;

const cuts: Readonly<Record<Carriage, Cutting>> = {
  "byte by byte": { size: () => 1, pause: 0 },
  // Longer than a server that reads once would wait
  "hello in two segments": { size: inPieces(2), pause: 40 },
  "hello in three segments": { size: inPieces(3), pause: 40 },
};

/** Gives on what comes piece by piece, each in a segment of its own. */
class Cut implements Medium, Carrier {
  readonly medium: Medium = this;
  readonly #cutting: Cutting;
  #outlet: Outlet | undefined;
  readonly #ways: Readonly<Record<Role, Promise<void>>> & Record<Role, Promise<void>> = {
    client: Promise.resolve(),
    server: Promise.resolve(),
  };
  readonly #pieces: Record<Role, number> = { client: 0, server: 0 };

  constructor(cutting: Cutting) {
    this.#cutting = cutting;
  }

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  take(from: Role, bytes: Uint8Array): void {
    this.#ways[from] = this.#ways[from].then(() => this.#give(from, bytes));
  }

  end(from: Role): void {
    this.#ways[from] = this.#ways[from].then(() => this.#outlet?.end(otherRole(from)));
  }

  async settled(): Promise<void> {
    await Promise.all(Object.values(this.#ways));
  }

  async #give(from: Role, bytes: Uint8Array): Promise<void> {
    const { size, pause } = this.#cutting;
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + size(from, this.#pieces[from]++, bytes.length - at));
      this.#outlet?.deliver(otherRole(from), bytes.subarray(at, end));
      at = end;
      if (at >= bytes.length) return;
      // Without a pause the loop goes on at once, and now and then a receiver gets time to read
      await new Promise((resolve) =>
        pause > 0 || at % 8 === 0 ? setTimeout(resolve, pause) : setImmediate(resolve),
      );
    }
  }
}
