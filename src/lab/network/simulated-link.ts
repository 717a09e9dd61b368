/**
 * What one direction does to packets: which it loses, and when the others arrive. It holds no packets, so that the same
 * losses and delays can be given to simulated packets and to those of a real kernel.
 */
import { draw, keyOf, normal } from "./draws.ts";
import { Losses } from "./loss.ts";
import type { Link } from "./network.ts";

/** What packets go over one after another. */
export interface Line {
  /** When the last packet will have left, in ns. */
  free: number;
}

export class SimulatedLink {
  readonly #purpose: number;
  readonly #delay: number;
  /** ns for each byte; 0: no rate. */
  readonly #perByte: number;
  /** ns that a packet may wait. */
  readonly #patience: number;
  readonly #limit: number;
  readonly #deviation: number;
  readonly #normal: boolean;
  readonly #losses: Losses | undefined;
  readonly #line: Line;
  readonly #isShared: boolean;
  #jitterKey = 0;
  #packets = 0;
  /** When the last packet will have arrived. */
  #last = 0;

  /**
   * @param way 0 from the client to the server, 1 back: each has draws of its own
   * @param line what several connections wait for, one after another; default: one of its own
   */
  constructor(link: Link, way: 0 | 1, line?: Line) {
    this.#purpose = 2 * way;
    this.#line = line ?? { free: 0 };
    this.#isShared = line !== undefined;
    this.#delay = Math.round(link.delay * 1e6);
    this.#perByte = link.rate === undefined ? 0 : 8000 / link.rate;
    this.#patience = (link.queue ?? Number.POSITIVE_INFINITY) * (this.#perByte || 1);
    this.#limit = link.limit ?? 1000;
    this.#deviation = Math.round((link.jitter?.deviation ?? 0) * 1e6);
    this.#normal = link.jitter?.distribution === "normal";
    this.#losses = link.loss && new Losses(link.loss);
  }

  restart(seed: number): void {
    this.#packets = 0;
    this.#last = 0;
    if (!this.#isShared) this.#line.free = 0;
    this.#losses?.restart(keyOf(seed, this.#purpose));
    if (this.#deviation > 0) this.#jitterKey = keyOf(seed, this.#purpose + 1);
  }

  /**
   * @param size bytes on the link
   * @param inside packets that are under way
   * @param held ns for which something else holds it; negative: it drops it
   * @returns when it arrives, in ns; negative: it is lost
   */
  pass(now: number, size: number, carriesData: boolean, inside: number, held: number): number {
    const packet = this.#packets++;
    const isLost = this.#losses !== undefined && this.#losses.next(carriesData);
    if (isLost || held < 0 || inside >= this.#limit) return -1;
    let arrives = now + this.#delay + held;
    if (this.#deviation > 0) arrives = Math.max(now, arrives + this.#jitter(packet));
    if (this.#perByte > 0) {
      const began = Math.max(now, this.#line.free);
      if (began - now > this.#patience) return -1;
      this.#line.free = began + Math.round(size * this.#perByte);
      // The rate keeps the order, as netem has it
      arrives = Math.max(this.#last, arrives + this.#line.free - now);
      this.#last = arrives;
    }
    return arrives;
  }

  #jitter(packet: number): number {
    const spread = this.#normal
      ? normal(this.#jitterKey, packet)
      : draw(this.#jitterKey, packet) / 2 ** 31 - 1;
    return Math.round(spread * this.#deviation);
  }
}
