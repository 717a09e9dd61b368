import { createNoble, type Provider, type RandomSource } from "../../src/crypto/index.ts";
import type { Subject } from "../../src/lab/vectors/corpus.ts";
import { providers } from "../crypto/providers.ts";

/** How each back end is made over a given random source. */
const seeded: Readonly<Record<string, (random: RandomSource) => Provider>> = {
  noble: (random) => createNoble({ random }),
};

/** Every back end as a corpus is run against it, for `describe.each(subjects)`. */
export const subjects: readonly { readonly name: string; readonly subject: Subject }[] =
  providers.map(({ name, provider }) => {
    const make = seeded[name];
    return { name, subject: make === undefined ? { provider } : { provider, seeded: make } };
  });
