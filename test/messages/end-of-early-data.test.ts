import { describe } from "vitest";
import { EndOfEarlyData } from "../../src/messages/index.ts";
import { itReads } from "../support/codec.ts";

// RFC 9846 §4.6
describe("EndOfEarlyData", () => {
  itReads(EndOfEarlyData, { accepts: [["", {}]], refuses: [["00", /1 bytes after the end/]] });
});
