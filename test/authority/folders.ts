/** An empty folder for each test. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach } from "vitest";

/** Its path, and the path of something in it, while a test runs. */
export function emptyFolders(): { readonly path: string; at(name: string): string } {
  const top = mkdtempSync(join(tmpdir(), "kemistry-authority-"));
  afterAll(() => rmSync(top, { recursive: true }), 120_000);
  let count = 0;
  let path = top;
  beforeEach(() => {
    path = join(top, String(count++));
    mkdirSync(path);
  });
  return {
    get path() {
      return path;
    },
    at: (name) => join(path, name),
  };
}
