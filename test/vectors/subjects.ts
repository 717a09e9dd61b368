import {
  createNoble,
  type KemName,
  type Provider,
  type RandomSource,
} from "../../src/crypto/index.ts";
import { createNative } from "../../src/crypto/native.ts";
import type { Subject } from "../../src/lab/vectors/corpus.ts";
import { providers } from "../crypto/providers.ts";
import { nativeKeyPair } from "./native-keys.ts";

/** How given private keys get into each back end. */
const ways: Readonly<Record<string, (provider: Provider) => Omit<Subject, "provider">>> = {
  noble: () => ({ seeded: (random: RandomSource) => createNoble({ random }) }),
  native: (provider) => ({
    seeded: (random: RandomSource) => createNative({ random }),
    kemKeyPair: (name: KemName, privateKey: Uint8Array) =>
      nativeKeyPair(provider, name, privateKey),
  }),
};

/** Every back end as a corpus is run against it, for `describe.each(subjects)`. */
export const subjects: readonly { readonly name: string; readonly subject: Subject }[] =
  providers.map(({ name, provider }) => ({
    name,
    subject: { provider, ...ways[name]?.(provider) },
  }));
