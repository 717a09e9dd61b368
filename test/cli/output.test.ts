import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { dateForPeople } from "../../src/cli/date.ts";
import { fitted } from "../../src/cli/fitted.ts";
import { harmless } from "../../src/cli/harmless.ts";
import { style } from "../../src/cli/style.ts";
import { keyLogTo } from "../../src/cli/key-log.ts";
import { parseTarget, placeName } from "../../src/cli/network.ts";
import { note, print, printJson, table } from "../../src/cli/output.ts";

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

  it("has each of our formats, which the compiler knows", () => {
    for (const format of ["bold", "dim", "underline", "red", "green", "yellow", "cyan"] as const) {
      const styled = styleText(format, "text", { validateStream: false });
      expect(styled).toContain("\x1b[");
      expect(harmless(styled)).toBe(styled);
    }
    // @ts-expect-error -- it would be escaped
    style("magenta", "text");
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

describe("a line that is too long", () => {
  it("goes on below itself where a word ends, and a command to copy stays whole", () => {
    const text = "one two three four\n  five six seven\n  kemistry groups --json\nshort";
    expect(fitted(text, 12)).toBe(
      "one two\nthree four\n  five six\n  seven\n  kemistry groups --json\nshort",
    );
    expect(fitted("unbreakable words", 4)).toBe("unbreakable\nwords");
    expect(fitted(text, Infinity)).toBe(text);
    expect(fitted("\u001b[31mred\u001b[39m ink", 7)).toBe("\u001b[31mred\u001b[39m ink");
  });
});

describe("a time", () => {
  it.each([
    ["2026-11-30T22:48:04.000Z", "2026-11-30 22:48:04 UTC"],
    ["2026-11-30T22:48:04Z", "2026-11-30 22:48:04 UTC"],
    ["CN=2026-11-30T22:48:04Z", "CN=2026-11-30T22:48:04Z"],
    ["2026-11-30", "2026-11-30"],
  ])("%s is written %s", (text, expected) => {
    expect(dateForPeople(text)).toBe(expected);
  });
});

describe("a table", () => {
  const columns = [{ title: "name" }, { title: "bytes", align: "right" as const }, { title: "" }];
  const rows = [
    ["a", 1, "first"],
    ["bcd", 1216, ""],
  ];

  it("is aligned where it fits", () => {
    expect(table(columns, rows, 18)).toBe(
      ["name  bytes", "a         1  first", "bcd    1216"].join("\n"),
    );
  });

  it("is a paragraph for each row where it does not, and no line is wider", () => {
    const narrow = table(columns, rows, 17);
    expect(narrow).toBe(["a", "    bytes 1", "    first", "bcd", "    bytes 1216"].join("\n"));
    const wide = table([{ title: "x" }, { title: "y" }], [["a".repeat(30), "b".repeat(40)]], 60);
    expect(wide.split("\n")).toEqual(["a".repeat(30), `    y ${"b".repeat(40)}`]);
  });

  it("has sections with titles either way", () => {
    const sections = [
      { title: "One", rows: [rows[0]!] },
      { title: "Two", rows: [rows[1]!] },
    ];
    expect(table(columns, sections, 80).split("\n")).toEqual([
      "name  bytes",
      "One",
      "a         1  first",
      "Two",
      "bcd    1216",
    ]);
    expect(table(columns, sections, 10).split("\n").slice(0, 2)).toEqual(["One", "a"]);
  });
});

describe("a server on the command line", () => {
  it.each([
    ["example.com", "example.com", 443],
    ["localhost:4433", "localhost", 4433],
    ["::1", "::1", 443],
    ["[::1]", "::1", 443],
    ["[2001:db8::1]:8443", "2001:db8::1", 8443],
    ["https://example.com/path", "example.com", 443],
    ["http://example.com:80/", "example.com", 80],
    ["bücher.example:1", "xn--bcher-kva.example", 1],
  ])("%s is %s, port %i", (text, host, port) => {
    expect(parseTarget(text)).toEqual({ host, port });
    expect(parseTarget(placeName({ host, port }))).toEqual({ host, port });
  });

  it.each(["", ":443", "a:b", "a:70000", "[::1", "https://", "/path", "::1::"])(
    "%s is none",
    (text) => {
      expect(() => parseTarget(text)).toThrow(/write it as host:port/);
    },
  );
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
