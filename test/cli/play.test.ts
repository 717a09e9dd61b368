import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../architecture/tree.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(async () => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove());

describe("play", { timeout: 60_000 }, () => {
  it("says what is to be done where the playground was not built", async () => {
    const { code, stderr } = await cli.run("play");
    expect(code).toBe(2);
    expect(stderr).toMatch(/the playground is not built: npm run build/);
  });

  it("serves it on loopback, or writes it to a folder", async () => {
    const built = (await import(pathToFileURL(join(root, "src/play/build.mjs")).href)) as {
      buildPlayground(folder: string): Promise<void>;
    };
    await built.buildPlayground(join(cli.folder, "package/dist/play"));

    const { process: child, saying, outcome } = cli.start("play --port 0 --json");
    await saying(/Ctrl-C ends it/);
    child.kill();
    const { stdout } = await outcome;
    const { url } = JSON.parse(stdout) as { url: string };
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);

    const { code } = await cli.run("play --out public");
    expect(code).toBe(0);
    expect(existsSync(join(cli.folder, "public/index.html"))).toBe(true);
    expect(existsSync(join(cli.folder, "public/worker.js"))).toBe(true);
  });
});
