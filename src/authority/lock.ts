import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AuthorityError } from "./errors.ts";

const pause = 50;

/**
 * Runs something that no other process does in that folder at the same time. What a process held that
 * is no more is taken over.
 * @param patience milliseconds that one waits for another writer
 * @throws AuthorityError if another one does not come to an end
 */
export async function withLock<T>(
  folder: string,
  run: () => T | Promise<T>,
  patience = 10_000,
): Promise<T> {
  const path = join(folder, "lock");
  const own = `${process.pid} ${hostname()}\n`;
  await acquire(path, own, patience);
  try {
    return await run();
  } finally {
    if (read(path) === own) rmSync(path, { force: true });
  }
}

async function acquire(path: string, own: string, patience: number): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      writeFileSync(path, own, { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = read(path);
    if (holder !== undefined && isGone(holder)) discard(path, holder);
    else if (Date.now() > end) throw busy(path, holder);
    else await sleep(pause);
  }
}

/**
 * Removes the lock of a process that is no more. Another one may have done so and locked anew since we
 * looked: then what we moved away is not what we saw, and goes back.
 */
function discard(path: string, seen: string): void {
  const away = `${path}.${process.pid}`;
  try {
    renameSync(path, away);
    if (read(away) !== seen) linkSync(away, path);
    rmSync(away, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  }
}

/** Only of processes on this machine can one tell. */
function isGone(holder: string): boolean {
  const [, pid, host] = /^(\d+) (.*)\n$/.exec(holder) ?? [];
  if (pid === undefined || host !== hostname() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const busy = (path: string, holder: string | undefined): AuthorityError =>
  new AuthorityError(
    "busy",
    `another process is writing here (${holder?.trim() ?? "unknown"}); if there is none, remove ${path}`,
  );
