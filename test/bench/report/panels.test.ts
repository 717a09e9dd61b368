import { describe, expect, it } from "vitest";
import { isShare, panelsOf, rowNamer, seriesDimensions } from "../../../bench/report/panels.ts";
import type { Dimensions } from "../../../bench/results.ts";

const entry = (dimensions: Dimensions) => ({
  name: Object.values(dimensions).join(", "),
  dimensions,
});
const titles = (entries: readonly ReturnType<typeof entry>[]) =>
  panelsOf(entries).map(({ title, entries: { length } }) => [title, length]);

const groups = ["hybrid", "x25519", "p256"];
const modes = ["full", "resumed", "mutual", "retry"];
const cross = [
  ...groups.map((group) => entry({ group, mode: "full" })),
  ...modes.slice(1).map((mode) => entry({ group: "hybrid", mode })),
];

describe("panels", () => {
  it("are one for each thing that differs, the common case in all", () => {
    expect(titles(cross)).toEqual([
      ["By group", 3],
      ["By mode", 4],
    ]);
  });

  it("are one for two things, where both differ at once", () => {
    const more = modes.slice(1).map((mode) => entry({ group: "x25519", mode }));
    expect(titles([...cross, ...more])).toEqual([
      ["By group", 3],
      ["By group and mode", 8],
    ]);
  });

  it("are one for all that is combined with all, unless it would be long", () => {
    const of = (sizes: readonly string[]) =>
      sizes.flatMap((size) =>
        groups.flatMap((suite) => ["a", "b"].map((algorithm) => entry({ size, suite, algorithm }))),
      );
    expect(titles(of(["64", "1024"]))).toEqual([["", 12]]);
    expect(titles(of(["64", "1024", "16384"]))).toEqual([
      ["64 B", 6],
      ["1024 B", 6],
      ["16384 B", 6],
    ]);
  });

  it("hold every entry at least once", () => {
    const all = new Set(panelsOf(cross).flatMap(({ entries }) => entries));
    expect(all.size).toBe(cross.length);
  });
});

describe("names of rows", () => {
  const both = groups.flatMap((group) =>
    ["native", "noble"].map((provider) => entry({ provider, group, backend: `${provider}!` })),
  );

  it("tell what differs, and not what the series is", () => {
    expect(seriesDimensions(both)).toEqual(["provider"]);
    expect([...new Set(both.map(rowNamer(both)))]).toEqual(groups);
  });

  it("say what only the entries' own names tell apart", () => {
    const twins = [
      { name: "x", dimensions: { group: "x" } },
      { name: "x, unverified", dimensions: { group: "x" } },
      { name: "y", dimensions: { group: "y" } },
    ];
    expect(twins.map(rowNamer(twins))).toEqual(["x", "x · unverified", "y"]);
    const [lonely] = twins;
    expect(rowNamer(twins.slice(0, 1))(lonely!)).toBe("x");
  });

  it("leave the provider to the series where only some stacks have one", () => {
    const stacks = [
      entry({ stack: "ours", provider: "native" }),
      entry({ stack: "ours", provider: "noble" }),
      entry({ stack: "theirs" }),
    ];
    expect(seriesDimensions(stacks)).toEqual(["stack", "provider"]);
    const crossed = both.flatMap(({ dimensions }) => [
      entry({ ...dimensions, stack: "engine" }),
      entry({ ...dimensions, stack: "floor" }),
    ]);
    expect(seriesDimensions(crossed)).toEqual(["stack"]);
  });
});

it("a share is of something that was measured as a whole", () => {
  const [whole, client, lonely] = [
    entry({ group: "x25519", role: "both" }),
    entry({ group: "x25519", role: "client" }),
    entry({ group: "p256", role: "client" }),
  ];
  const server = entry({ group: "x25519", role: "server" });
  const all = [whole, client, server, lonely];
  expect(all.map((one) => isShare(one, all))).toEqual([false, true, true, false]);
  expect(isShare(client, [whole, client])).toBe(false);
});
