import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AuthorityError } from "../../src/authority/errors.ts";
import { withLock } from "../../src/authority/lock.ts";
import { bundle } from "./bundle.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
const boot = "/proc/sys/kernel/random/boot_id";
const thisBoot = existsSync(boot) ? readFileSync(boot, "utf8").trim() : "-";
const thisHost = hostname()
  .replaceAll(/[^\w.-]/g, "_")
  .slice(0, 64);

const built = join(mkdtempSync(join(tmpdir(), "kemistry-lock-")), "lock.mjs");
beforeAll(() => void bundle("src/authority/lock.ts", built));
afterAll(() => rmSync(dirname(built), { recursive: true }));

const left = (): string[] => readdirSync(folder.at("lock"));

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

/** A process that takes the lock of the folder, says so, and holds it until it is killed. */
async function holder(): Promise<ChildProcess> {
  const script = `
    const { withLock } = await import(${JSON.stringify(built)});
    await withLock(${JSON.stringify(folder.path)}, () => {
      process.stdout.write("held");
      setInterval(() => {}, 1000);
      return new Promise(() => {});
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  await new Promise((resolve, reject) => {
    child.stdout?.once("data", resolve);
    child.once("exit", () => reject(new Error("the holder ended")));
  });
  return child;
}

/** Lays a claim as another process would have. */
function lay({ pid = 4_194_305, bootId = thisBoot, host = thisHost, id = "00ff" } = {}): string {
  mkdirSync(folder.at("lock"), { recursive: true });
  const name = `${[id, pid, bootId, host].join("@")}.claim`;
  writeFileSync(folder.at(`lock/${name}`), "");
  return name;
}

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
    const all = Array.from({ length: 24 }, (_, id) => id);
    await Promise.all(all.map(run));
    expect(order.toSorted((a, b) => a - b)).toEqual(all);
    expect(left()).toEqual([]);
  });

  it("is given back when something fails", async () => {
    await expect(withLock(folder.path, () => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(left()).toEqual([]);
  });

  it("keeps out as long as its holder lives, and names it", async () => {
    const child = await holder();
    const refused = withLock(folder.path, () => 1, 120);
    await expect(refused).rejects.toThrow(AuthorityError);
    await expect(refused).rejects.toThrow(
      `another process is writing here (${child.pid} on ${thisHost}): wait longer, or if there is none, remove `,
    );
    // Stopped is not dead
    child.kill("SIGSTOP");
    await expect(withLock(folder.path, () => 1, 120)).rejects.toMatchObject({ code: "busy" });
    child.kill("SIGKILL");
    expect(await withLock(folder.path, () => 2)).toBe(2);
    expect(left()).toEqual([]);
  });

  it.each([
    ["a process that is no more", {}],
    ["our own number, as in a container that was started again", { pid: process.pid }],
    ["the number of a process that came later", { pid: process.ppid }],
    ["this machine before it was started", { bootId: "00000000-0000-0000-0000-000000000000" }],
    ["another container of this machine", thisBoot === "-" ? {} : { host: "c0ffee" }],
  ])("of %s is taken over", async (_, claim) => {
    lay(claim);
    expect(await withLock(folder.path, () => 1, 1000)).toBe(1);
    expect(left()).toEqual([]);
  });

  it("of another machine is waited for, and then named", async () => {
    const name = lay({ host: "elsewhere", bootId: "0", pid: 77 });
    await expect(withLock(folder.path, () => 1, 120)).rejects.toThrow(/\(77 on elsewhere\)/);
    expect(left()).toEqual([name]);
  });

  it("leaves nothing of those that died before they laid a claim", async () => {
    const child = await holder();
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const [socket, claim] = left();
    expect([claim, socket]).toEqual([
      expect.stringMatching(/\.claim$/),
      expect.stringMatching(/\.socket$/),
    ]);
    rmSync(folder.at(`lock/${claim}`));
    await withLock(folder.path, () => 1);
    // It might be about to listen
    expect(left()).toEqual([socket]);
    const old = Date.now() / 1000 - 120;
    utimesSync(folder.at(`lock/${socket}`), old, old);
    await withLock(folder.path, () => 1);
    expect(left()).toEqual([]);
  });

  it("works where the path is longer than the address of a socket", async () => {
    const long = folder.at("x".repeat(120));
    mkdirSync(long);
    const all = withLock(long, () => withLock(long, () => 1, 50));
    if (process.platform === "linux") await expect(all).rejects.toMatchObject({ code: "busy" });
    else await expect(all).rejects.toMatchObject({ code: "refused" });
  });
});
