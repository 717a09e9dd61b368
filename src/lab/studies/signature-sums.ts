/** T6: what a handshake's signatures and keys add up to. */
import { claim, compared, type Figure, type Study } from "./figure.ts";

const name = "signature-sums";

/** FIPS 204 table 2. */
const mlDsa = {
  "ML-DSA-44": { key: 1312, signature: 2420 },
  "ML-DSA-65": { key: 1952, signature: 3309 },
} as const;

interface Row {
  readonly algorithm: keyof typeof mlDsa;
  readonly signatures: number;
  readonly keys: number;
  readonly what: string;
  readonly published: number;
}

const rows: readonly Row[] = [
  {
    algorithm: "ML-DSA-44",
    signatures: 5,
    keys: 2,
    what: "leaf, intermediate, two SCTs, handshake",
    published: 14_724,
  },
  {
    algorithm: "ML-DSA-44",
    signatures: 6,
    keys: 2,
    what: "the same and an OCSP response",
    published: 17_144,
  },
  {
    algorithm: "ML-DSA-44",
    signatures: 3,
    keys: 0,
    what: "two SCTs and the leaf's signature",
    published: 7260,
  },
  {
    algorithm: "ML-DSA-65",
    signatures: 3,
    keys: 0,
    what: "two SCTs and the leaf's signature",
    published: 9927,
  },
];

export function signatureSums(): Study {
  const figures: Figure[] = rows.map(({ algorithm, signatures, keys, what, published }) =>
    compared({
      study: name,
      group: "bytes",
      name: `${algorithm}: ${signatures} signatures and ${keys} keys (${what})`,
      unit: "bytes",
      published,
      ours: signatures * mlDsa[algorithm].signature + keys * mlDsa[algorithm].key,
    }),
  );
  return {
    name,
    title: "Sums of signatures",
    source:
      "Sizes of web authentication with ML-DSA, as discussed in the IETF and by browsers; FIPS 204 table 2",
    inputs: ["The sizes of FIPS 204."],
    figures,
    claims: [claim(name, "bytes: exact", 1, figures)],
  };
}
