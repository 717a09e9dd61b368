import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { harmless } from "../../src/cli/harmless.ts";
import { keyLogTo } from "../../src/cli/key-log.ts";
import { note, print, printJson } from "../../src/cli/output.ts";

const written = () => {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  }
  return lines;
};

afterEach(() => vi.restoreAllMocks());

describe("what is said to a terminal", () => {
  const hostile = "CN=\x1b]0;owned\x07\x1b[2J\x9b31m\r\u202ename";

  it("has lines and our colours, and nothing else that it would obey", () => {
    expect(harmless("\x1b[32mgood\x1b[39m\nnext")).toBe("\x1b[32mgood\x1b[39m\nnext");
    expect(harmless(hostile)).toBe("CN=\\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\x0d\\u202ename");
    expect(harmless("\x1b[8mhidden\x1b[41m")).toBe("\\x1b[8mhidden\\x1b[41m");
  });

  it("leaves by print and note alike, and as JSON that is still JSON", () => {
    const lines = written();
    print(hostile);
    note(hostile);
    printJson({ subject: hostile });
    printJson({ subject: hostile }, 0);
    vi.restoreAllMocks();
    for (const line of lines) expect(line).toMatch(/^[^\p{Cc}\u202e]+(\n[^\p{Cc}\u202e]+)*\n$/u);
    expect(JSON.parse(lines[2] ?? "")).toEqual({ subject: hostile });
    expect(JSON.parse(lines[3] ?? "")).toEqual({ subject: hostile });
  });
});

describe("a key log", () => {
  it("is for its owner alone, also where it was there", () => {
    const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
    const [fresh, old] = [join(folder, "fresh"), join(folder, "old")];
    writeFileSync(old, "before\n");
    chmodSync(old, 0o644);
    for (const path of [fresh, old]) {
      keyLogTo(path)("CLIENT_RANDOM");
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(old, "utf8")).toBe("before\nCLIENT_RANDOM\n");
    rmSync(folder, { recursive: true });
  });
});
