import { describe } from "vitest";
import { testCorpora } from "./corpora.ts";
import { listVectors } from "./load.ts";

describe("NIST's vectors", () => {
  testCorpora(listVectors("nist"));
});
