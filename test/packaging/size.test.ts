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
const slack = 3;

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

  it("a client has no part of a server, and none that its face leaves out", async () => {
    const { text } = await bundled(bundles["a client (kemistry/client)"]!.code);
    // Words of the roles, of decoders for dumps, and of algorithms that slim lacks
    expect(text).toContain("server_hello");
    const left = ["a server needs `credentials`", "SLH-DSA-SHA2-128s public key", "shake256"];
    for (const word of left) expect(text).not.toContain(word);
    const { text: all } = await bundled(bundles["both roles (kemistry)"]!.code);
    expect(all).toContain("a server needs `credentials`");
  });
});
