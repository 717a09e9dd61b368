import { describe } from "vitest";
import { parts, testCorpora } from "./corpora.ts";
import { listVectors } from "./load.ts";

describe("Wycheproof, ECDH, X25519, X448 and ML-KEM", () => {
  testCorpora(listVectors("wycheproof").filter((file) => parts.kem.test(file)));
});
