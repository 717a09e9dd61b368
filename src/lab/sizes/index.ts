/**
 * Published sizes of key exchange and signatures, those that run here and those that do not. What does not run is
 * called "size only" wherever it appears: its bytes cross the simulated wire, and nothing is claimed of its speed.
 */
import { type KemSize, kemSizes } from "./kems.ts";
import { merkleProof, type SignatureSize, signatureSizes } from "./signatures.ts";

export { type KemSize, kemSizes, merkleProof, type SignatureSize, signatureSizes };

/** By its name or one that is also used: `ML-DSA-65` is `mldsa65`. Case does not matter. */
export const kemSize = (name: string, own: readonly KemSize[] = []): KemSize | undefined =>
  find([...own, ...kemSizes], name, ({ name: known }) => [known]);

/** As {@link kemSize}: also by the type of its key. */
export const signatureSize = (
  name: string,
  own: readonly SignatureSize[] = [],
): SignatureSize | undefined =>
  find([...own, ...signatureSizes], name, ({ name: known, scheme }) =>
    scheme === undefined ? [known] : [known, scheme.keyType],
  );

function find<T>(
  entries: readonly T[],
  name: string,
  namesOf: (entry: T) => readonly string[],
): T | undefined {
  const wanted = name.toLowerCase();
  return entries.find((entry) => namesOf(entry).some((known) => known.toLowerCase() === wanted));
}
