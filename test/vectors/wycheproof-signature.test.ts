import { describe } from "vitest";
import { parts, testCorpora } from "./corpora.ts";
import { listVectors } from "./load.ts";

describe("Wycheproof, signatures", () => {
  testCorpora(listVectors("wycheproof").filter((file) => parts.signature.test(file)));
});
