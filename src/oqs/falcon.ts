import {
  falcon1024,
  falcon1024padded,
  falcon512,
  falcon512padded,
} from "@noble/post-quantum/falcon.js";
import type { Scheme } from "../crypto/index.ts";
import { signatures } from "./catalogue.ts";
import { type Engine, schemeOf } from "./signature.ts";

const libraries: Readonly<Record<string, typeof falcon512>> = {
  "Falcon-512": falcon512,
  "Falcon-1024": falcon1024,
  "Falcon-padded-512": falcon512padded,
  "Falcon-padded-1024": falcon1024padded,
};

/**
 * Falcon of round 3 by noble, under the names, code points and identifiers of `loadOqs`, for where that package is not:
 * `falcon512`, `falcon1024`, `falconpadded512` and `falconpadded1024`. It signs in floating point, and takes ten to
 * forty times as long as liboqs.
 */
export const falconSchemes: readonly Scheme[] = signatures.flatMap((algorithm) => {
  const library = libraries[algorithm.name];
  if (library === undefined) return [];
  const engine: Engine = {
    algorithm,
    backend: "@noble/post-quantum",
    generateKey: (random) => library.keygen(random(library.lengths.seed ?? 0)),
    sign: (message, secretKey) => library.sign(message, secretKey),
    verify: (message, signature, publicKey) => library.verify(signature, message, publicKey),
  };
  return [schemeOf(engine)];
});
