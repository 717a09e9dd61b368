import { existsSync, readFileSync } from "node:fs";
import type { Role } from "../../schedule/index.ts";
import type { Secrets } from "../trace/keys.ts";

/** Milliseconds within which OpenSSL writes the secrets of a hello that it was given. */
const writingTime = 200;

/** Reads the secrets that OpenSSL writes as that end. */
export function followKeyLog(secrets: Secrets, role: Role, path: string): void {
  const read = (): string => (existsSync(path) ? readFileSync(path, "utf8") : "");
  const awaited = new Set<string>();
  secrets.refresh = (end, label, random) => {
    // A hello is on its way to it: what it makes of it comes at once, or never
    const tries = end === role && !awaited.has(label) ? writingTime / 5 : 1;
    awaited.add(label);
    for (let i = 0; i < tries; i++) {
      const lines = read().split("\n").slice(0, -1);
      for (const line of lines) secrets.add(role, line);
      if (lines.some((line) => line.startsWith(`${label} ${random}`))) return;
      if (tries > 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  };
}
