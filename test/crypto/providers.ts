import { noble, type Provider } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";

/** Every back end, for `describe.each(providers)`. */
export const providers: readonly { readonly name: string; readonly provider: Provider }[] = [
  { name: "noble", provider: noble },
  { name: "native", provider: native },
];
