import { describe } from "vitest";
import { Finished } from "../../src/messages/index.ts";
import { bytesOf, itReads } from "../support/codec.ts";

// RFC 9846 §4.5.3
describe("Finished", () => {
  itReads(Finished, {
    accepts: [
      ["", { verifyData: bytesOf("") }],
      ["aabbcc", { verifyData: bytesOf("aabbcc") }],
    ],
  });
});
