/** Checks of input that both back ends need before they hand it to a library. */

import { isFitFor, keyTypes, type KeyUse } from "./parameters.ts";
import { InvalidKemInput, InvalidKey, type SignatureName } from "./provider.ts";

/** @throws InvalidKemInput */
export function checkLength(kem: string, what: string, expected: number, input: Uint8Array): void {
  if (input.length !== expected) {
    throw new InvalidKemInput(`${kem} ${what} must be ${expected} bytes, not ${input.length}`);
  }
}

/**
 * RFC 9846 §4.3.8.2: the point is uncompressed. Libraries also take the hybrid form 06/07, which
 * has the same length.
 * @throws InvalidKemInput
 */
export function checkUncompressed(curve: string, point: Uint8Array): void {
  if (point[0] !== 4) {
    const first = point[0]?.toString(16).padStart(2, "0");
    throw new InvalidKemInput(
      `${curve} point must be uncompressed: its first byte must be 04, not ${first} (RFC 9846 §4.3.8.2)`,
    );
  }
}

/** @throws InvalidKey if the algorithm has no use for such a key */
export function checkKey(algorithm: SignatureName, key: KeyUse): void {
  if (isFitFor({ name: algorithm, keyTypes: keyTypes[algorithm] }, key)) return;
  const received = key.hash === undefined ? key.type : `${key.type} limited to ${key.hash}`;
  throw new InvalidKey(
    `${algorithm} takes ${keyTypes[algorithm].join(" or ")} keys, not ${received}`,
  );
}
