import { describe, expect, it } from "vitest";
import type { HandshakeFile, ShareFile } from "../../../src/lab/hybrid/format.ts";
import { replay } from "../../../src/lab/hybrid/replay.ts";
import { loadHandshakes, loadShares } from "../../vectors/hybrid-files.ts";

type Json = Record<string, unknown>;
type File = HandshakeFile | ShareFile;

const slow = { timeout: 120_000 };

/** What a file says against itself, where no implementation is asked. */
const problems = (file: File): string[] =>
  replay(file, { name: "nothing" }).flatMap(({ outcome }) =>
    outcome.kind === "failed" ? [outcome.problem] : [],
  );

/** Every leaf below a value, as the names that lead to it. */
const leaves = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, [...path, name]))
    : [path];

/** Another value of the same type; of bytes, one bit in the middle of it. */
function flipped(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (value === null) return "ed25519";
  if (typeof value !== "string") throw new TypeError("no leaf of JSON");
  if (value === "") return "00";
  const text = value;
  if (!/^([0-9a-f]{2})+$/.test(text))
    return text.replace(/.$/, (last) => (last === "x" ? "y" : "x"));
  const at = text.length >> 1;
  const digit = (Number.parseInt(text[at]!, 16) ^ 1).toString(16);
  return text.slice(0, at) + digit + text.slice(at + 1);
}

function withFlipped<T>(file: T, path: readonly string[]): T {
  const copy = structuredClone(file);
  const parent = path.slice(0, -1).reduce((value, name) => value[name] as Json, copy as Json);
  parent[path.at(-1)!] = flipped(parent[path.at(-1)!]);
  return copy;
}

const written = (path: readonly string[]): string =>
  path
    .map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name}`))
    .join("")
    .replace(/^\./, "");

/** The flips below a path that nobody notices, or that are noticed under another name. */
function unnoticed(
  file: File,
  below: readonly string[],
  isAsked: (path: readonly string[]) => boolean = () => true,
): string[] {
  const start = below.reduce<unknown>((value, name) => (value as Json)[name], file);
  return leaves(start)
    .filter(isAsked)
    .flatMap((rest) => {
      const found = problems(withFlipped(file, [...below, ...rest])).join("; ");
      // Of bytes on the wire a flight is named, and not a field of it
      const name = written(rest[0] === "flights" ? rest.slice(0, 2) : rest);
      return found.includes(name) ? [] : [`${name}: ${found || "unnoticed"}`];
    });
}

describe("every field of a vector, flipped, is named", slow, () => {
  const whole = loadHandshakes("hybrid/handshakes/X25519MLKEM768.json.gz");
  const only = (...names: readonly string[]): HandshakeFile => ({
    ...whole,
    handshakes: whole.handshakes.filter(({ name }) => names.includes(name)),
  });
  const suite = "TLS_AES_128_GCM_SHA256";

  it.each(["full", "retry", "mutual"])("%s", (kind) => {
    const file = only(`${kind} ${suite}`);
    expect(problems(file)).toEqual([]);
    expect(unnoticed(file, ["handshakes", "0"])).toEqual([]);
  });

  it("resumed", () => {
    const file = only(`full ${suite}`, `resumed ${suite}`);
    expect(problems(file)).toEqual([]);
    expect(unnoticed(file, ["handshakes", "1"])).toEqual([]);
  });

  const others = loadHandshakes("hybrid/features/X25519MLKEM768.json.gz");
  const usual = new Set(leaves(only(`full ${suite}`).handshakes[0]).map(written));
  it.each(others.handshakes.map(({ name }) => name))("%s", (name) => {
    // What it may resume stands before it
    const [first] = others.handshakes;
    const own = others.handshakes.find((vector) => vector.name === name)!;
    const file = { ...others, handshakes: own === first ? [own] : [first!, own] };
    expect(problems(file)).toEqual([]);
    const isNew = (path: readonly string[]) =>
      !usual.has(written(path)) && !["messages", "flights"].includes(path[0]!);
    expect(leaves(own).some(isNew)).toBe(true);
    expect(unnoticed(file, ["handshakes", own === first ? "0" : "1"], isNew)).toEqual([]);
  });

  const recorded = loadHandshakes("hybrid/recorded/x25519.json.gz");
  it.each([
    "client mutual TLS_CHACHA20_POLY1305_SHA256",
    "client resumed TLS_AES_128_GCM_SHA256",
    "server retry TLS_AES_256_GCM_SHA384",
  ])("recorded: %s", (name) => {
    const handshakes = recorded.handshakes.filter((vector) =>
      name.includes("resumed") ? vector.seeds.client !== undefined : vector.name === name,
    );
    const file = { ...recorded, handshakes };
    const at = handshakes.findIndex((vector) => vector.name === name);
    expect(problems(file)).toEqual([]);
    expect(unnoticed(file, ["handshakes", String(at)])).toEqual([]);
  });

  it("the heading, of which the format is refused by the reader", () => {
    const { handshakes: _, ...heading } = whole;
    const file = { ...heading, handshakes: [] };
    const unseen = leaves(heading).map((path) => {
      try {
        return problems(withFlipped(file, path)).join() === "" ? written(path) : undefined;
      } catch {
        return undefined;
      }
    });
    expect(unseen.filter((name) => name !== undefined && name !== "format")).toEqual([]);
  });

  it("wrong shares, and their handshake", () => {
    const all = loadShares("hybrid/shares/X25519MLKEM768.json.gz");
    expect(problems(all)).toEqual([]);
    expect(unnoticed(all, ["handshake"])).toEqual([]);
    for (const share of all.shares.filter((_, index) => index % 9 === 0)) {
      const at = String(all.shares.indexOf(share));
      expect(unnoticed(all, ["shares", at])).toEqual([]);
    }
  });
});
