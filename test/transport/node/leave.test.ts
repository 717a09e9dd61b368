import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { leave } from "../../../src/transport/node/leave.ts";
import { duplexPair, readAll } from "./support.ts";

describe("leaving a transport", () => {
  it("ends it at once, and destroys it when the peer has ended", async () => {
    const [left, right] = duplexPair();
    left.write("last words");
    leave(left);
    // What still comes is thrown away: closing on it would make TCP take back what we sent last
    right.write(Buffer.alloc(100_000));
    expect(String(await readAll(right))).toBe("last words");
    expect(left.destroyed).toBe(false);
    right.end();
    await once(left, "close");
  });

  it("does nothing to one that is gone", () => {
    const [left] = duplexPair();
    left.destroy();
    leave(left);
    expect(left.writableEnded).toBe(false);
  });
});
