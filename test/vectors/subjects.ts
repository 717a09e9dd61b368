import { createNoble, noble } from "../../src/crypto/index.ts";
import { createNative, native } from "../../src/crypto/native.ts";
import type { Subject } from "../../src/lab/vectors/corpus.ts";

/** Every back end as a corpus is run against it, for `describe.each(subjects)`. */
export const subjects: readonly { readonly name: string; readonly subject: Subject }[] = [
  { name: "noble", subject: { provider: noble, seeded: (random) => createNoble({ random }) } },
  { name: "native", subject: { provider: native, seeded: (random) => createNative({ random }) } },
];
