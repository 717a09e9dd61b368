import { createNoble, noble, type Provider, sodiumProvider } from "../../src/crypto/index.ts";
import { createNative, native } from "../../src/crypto/native.ts";
import type { Subject } from "../../src/lab/vectors/corpus.ts";
import { sodium } from "../support/sodium.ts";

const over = (base: Provider) => sodiumProvider(base, sodium);

/** Every back end as a corpus is run against it, for `describe.each(subjects)`. */
export const subjects: readonly { readonly name: string; readonly subject: Subject }[] = [
  { name: "noble", subject: { provider: noble, seeded: (random) => createNoble({ random }) } },
  { name: "native", subject: { provider: native, seeded: (random) => createNative({ random }) } },
  {
    name: "libsodium",
    subject: { provider: over(noble), seeded: (random) => over(createNoble({ random })) },
  },
];
