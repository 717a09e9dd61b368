import { describe } from "vitest";
import { KeyUpdate } from "../../src/messages/index.ts";
import { itReads } from "../support/codec.ts";

// RFC 9846 §4.7.3; what the values mean is checked later
describe("KeyUpdate", () => {
  itReads(KeyUpdate, {
    accepts: [
      ["00", { requestUpdate: 0 }],
      ["01", { requestUpdate: 1 }],
      ["02", { requestUpdate: 2 }],
    ],
    refuses: [
      ["", /^requestUpdate: needs 1 bytes, has 0/],
      ["0000", /1 bytes after the end/],
    ],
  });
});
