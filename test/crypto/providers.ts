import { noble, type Provider, sodiumProvider } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import { oqsProvider } from "../../src/oqs/index.ts";
import { sodium } from "../support/sodium.ts";

/** One of SLH-DSA stands for all, which test/oqs/provider.test.ts holds against noble's. */
const oqs = await oqsProvider({
  slots: [
    "ML-KEM-512",
    "ML-KEM-768",
    "ML-KEM-1024",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
    "SLH-DSA-SHA2-128f",
  ],
});

/** Every back end, for `describe.each(providers)`. */
export const providers: readonly { readonly name: string; readonly provider: Provider }[] = [
  { name: "noble", provider: noble },
  { name: "native", provider: native },
  { name: "liboqs", provider: oqs },
  { name: "libsodium", provider: sodiumProvider(noble, sodium) },
];
