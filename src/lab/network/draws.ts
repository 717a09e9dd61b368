/**
 * Randomness of the network. A draw is a function of a key and of its number, so it depends on nothing that
 * happened before: the n-th packet of a direction is lost in every algorithm's run of a repetition, or in none.
 * All of it is 32-bit integer arithmetic, which every engine computes alike.
 */

/** A bijection of 32-bit integers in which every bit of the input moves every bit of the output (Murmur3's finalizer). */
export function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** The `index`-th draw of a key: an integer from 0 to 2^32 - 1. */
export function draw(key: number, index: number): number {
  return mix(key + Math.imul(index + 1, 0x9e3779b9));
}

/** The key of one purpose (a small number) under a seed of up to 53 bits. */
export function keyOf(seed: number, purpose: number): number {
  return mix(mix((seed >>> 0) ^ Math.imul(purpose + 1, 0x9e3779b1)) ^ Math.floor(seed / 2 ** 32));
}

/**
 * The seed of one run, an integer below 2^53. The same for every algorithm: the network is named, by a text of
 * the caller's, and what is sent over it is not, so that differences between algorithms are paired.
 */
export function seedFor(seed: string | number, network: string, repetition: number): number {
  const text = `${seed}\n${network}`;
  let [low, high] = [0x811c9dc5, 0x5bd1e995];
  for (let at = 0; at < text.length; at++) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(at), 0x5bd1e995) + at;
  }
  const first = draw(mix(low), repetition);
  const second = draw(mix(high ^ first), repetition);
  return (second >>> 11) * 2 ** 32 + first;
}

/**
 * A draw of the standard normal distribution, as the sum of twelve uniform ones (so never beyond six deviations).
 * It needs no logarithm, whose last digits differ between engines.
 */
export function normal(key: number, index: number): number {
  let sum = 0;
  for (let part = 0; part < 12; part++) sum += draw(key, index * 12 + part);
  return sum / 2 ** 32 - 6;
}

/**
 * Draws of the exponential distribution with mean 1, by von Neumann's method: it only compares uniform draws, and
 * needs no logarithm.
 */
export function exponentials(key: number): () => number {
  let index = 0;
  return () => {
    for (let whole = 0; ; whole++) {
      const first = draw(key, index++);
      let last = first;
      let falling = 1;
      for (let next = draw(key, index++); next < last; next = draw(key, index++)) {
        last = next;
        falling++;
      }
      if (falling % 2 === 1) return whole + first / 2 ** 32;
    }
  };
}
