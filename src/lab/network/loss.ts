/** Which packets of one direction are lost. */
import { draw } from "./draws.ts";

/** Which packets of one direction are lost; probabilities are from 0 to 1. */
export type Loss =
  /** Each for itself. */
  | { readonly kind: "bernoulli"; readonly probability: number }
  /**
   * Two states, begun in the good one: with each packet the state changes with probability `toBad` or `toGood`,
   * then the packet is lost with `inGood` or `inBad`.
   */
  | {
      readonly kind: "gilbert-elliott";
      readonly toBad: number;
      readonly toGood: number;
      readonly inGood: number;
      readonly inBad: number;
    }
  /** By number: 0 is the first packet that is handed to this direction, or the first that carries data. */
  | {
      readonly kind: "scripted";
      readonly packets: readonly number[];
      readonly of?: "all" | "data";
    };

/** Where one direction stands in its losses. */
export class Losses {
  readonly #loss: Loss | undefined;
  /** Of 2^32. */
  readonly #threshold: number;
  readonly #scripted: ReadonlySet<number>;
  readonly #ofData: boolean;
  #key = 0;
  #packets = 0;
  #data = 0;
  #bad = false;

  constructor(loss: Loss | undefined) {
    this.#loss = loss;
    this.#threshold = loss?.kind === "bernoulli" ? share(loss.probability) : -1;
    this.#scripted = new Set(loss?.kind === "scripted" ? loss.packets : []);
    this.#ofData = loss?.kind === "scripted" && loss.of === "data";
  }

  restart(key: number): void {
    this.#key = key;
    this.#packets = 0;
    this.#data = 0;
    this.#bad = false;
  }

  /** Whether the packet that is now handed down is lost. */
  next(carriesData: boolean): boolean {
    const packet = this.#packets++;
    if (this.#threshold >= 0) return draw(this.#key, packet) < this.#threshold;
    const loss = this.#loss;
    if (loss === undefined) return false;
    if (loss.kind === "gilbert-elliott") {
      const moves = draw(this.#key, 2 * packet) < share(this.#bad ? loss.toGood : loss.toBad);
      if (moves) this.#bad = !this.#bad;
      return draw(this.#key, 2 * packet + 1) < share(this.#bad ? loss.inBad : loss.inGood);
    }
    if (!this.#ofData) return this.#scripted.has(packet);
    return carriesData && this.#scripted.has(this.#data++);
  }
}

const share = (probability: number): number => Math.round(probability * 2 ** 32);
