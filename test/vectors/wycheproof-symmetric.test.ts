import { describe } from "vitest";
import { parts, testCorpora } from "./corpora.ts";
import { listVectors } from "./load.ts";

describe("Wycheproof, AEADs, HKDF and HMAC", () => {
  testCorpora(listVectors("wycheproof").filter((file) => parts.symmetric.test(file)));
});
