/** How much a page loads: bundles as esbuild makes them, against what stands in `sizes.json`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { root } from "../architecture/tree.ts";

interface Bundle {
  readonly code: string;
  readonly gzippedKilobytes: number;
}

const file = "test/packaging/sizes.json";
const bundles = JSON.parse(readFileSync(join(root, file), "utf8")) as Record<string, Bundle>;
/** Kilobytes by which a bundle may differ before its figure is written anew: a zlib is not like another, too. */
const slack = 2;

async function bundled(code: string): Promise<{ readonly size: number; readonly text: string }> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  const { contents, text } = outputFiles[0]!;
  return { size: Math.round(gzipSync(contents, { level: 9 }).length / 1000), text };
}

describe("the bundle of", { timeout: 60_000 }, () => {
  it.each(Object.entries(bundles))("%s is as large as it was", async (_, bundle) => {
    const { size } = await bundled(bundle.code);
    const was = bundle.gzippedKilobytes;
    const asItWas = `${was} kB gzipped`;
    const isAsItWas = Math.abs(size - was) <= slack;
    expect(isAsItWas ? asItWas : `${size} kB gzipped: say why, and write it to ${file}`).toBe(
      asItWas,
    );
  });

  // Words of a server, of an algorithm that slim lacks, and of AuthKEM
  it.each(["a server needs `credentials`", "SLH-DSA-SHA2-128s", "a stored key that is none"])(
    "a client has nothing of what both roles have: %s",
    async (word) => {
      const [client, both] = await Promise.all(
        ["a client (kemistry/client)", "both roles (kemistry)"].map(async (name) => {
          const { text } = await bundled(bundles[name]!.code);
          return text.includes(word);
        }),
      );
      expect([client, both]).toEqual([false, true]);
    },
  );
});
