import { noble, type Provider } from "../../src/crypto/index.ts";

/** Every back end, for `describe.each(providers)`. */
export const providers: readonly { readonly name: string; readonly provider: Provider }[] = [
  { name: "noble", provider: noble },
];
