/** The examples that are more than one process or thread: each runs as a program. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "./examples.ts";

const folder = mkdtempSync(join(tmpdir(), "kemistry-recipes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What an example prints. */
async function run(name: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(root, `docs/examples/${name}.ts`)],
    alias: { "kemistry/node": join(root, "src/node.ts") },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["pkcs11js", "ioredis"],
    outfile,
    logLevel: "error",
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], { timeout: 100_000 });
  return stdout;
}

describe("the example of", { timeout: 120_000 }, () => {
  it("processes resumes with another", async () => {
    expect(await run("cluster")).toBe("full handshake: true, resumed by another process: true\n");
  });

  it("a socket that is handed over is served by another process", async () => {
    expect(await run("hand-over")).toBe("served by the other process: true\n");
  });

  it("threads resumes with another", async () => {
    expect(await run("threads")).toBe("thread 1, resumed: false\nthread 2, resumed: true\n");
  });
});
