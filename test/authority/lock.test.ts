import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { AuthorityError } from "../../src/authority/errors.ts";
import { withLock } from "../../src/authority/lock.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
describe("the lock", () => {
  it("lets one in after the other", async () => {
    let inside = 0;
    const order: number[] = [];
    const run = (id: number) =>
      withLock(folder.path, async () => {
        inside++;
        expect(inside).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(id);
        inside--;
      });
    await Promise.all([1, 2, 3].map(run));
    expect(order.toSorted()).toEqual([1, 2, 3]);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("is given back when something fails", async () => {
    await expect(withLock(folder.path, () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("of a process that is no more is taken over", async () => {
    // A process identifier beyond all that Linux gives
    writeFileSync(folder.at("lock"), `${2 ** 22 + 1} ${hostname()}\n`);
    expect(await withLock(folder.path, () => 1)).toBe(1);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it.each([
    ["another process", `${process.ppid} ${hostname()}\n`],
    ["another machine", `1 not-${hostname()}\n`],
    ["nobody knows whom", ""],
  ])("of %s is waited for, and then named", async (_, content) => {
    writeFileSync(folder.at("lock"), content);
    const refused = withLock(folder.path, () => 1, 120);
    await expect(refused).rejects.toThrow(AuthorityError);
    await expect(refused).rejects.toThrow(/if there is none, remove .*lock/);
    expect(readFileSync(folder.at("lock"), "utf8")).toBe(content);
  });
});
