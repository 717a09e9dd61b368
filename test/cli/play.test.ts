import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../architecture/tree.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(async () => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

describe("play", { timeout: 60_000 }, () => {
  it("says what is to be done where the playground was not built", async () => {
    const { code, stderr } = await cli.run("play");
    expect(code).toBe(2);
    expect(stderr).toMatch(/the playground is not built: npm run build/);
    const docs = await cli.run("play --docs");
    expect(docs.code).toBe(2);
    expect(docs.stderr).toMatch(/the documentation is not built: npm run site/);
  });

  it("serves the documentation with --docs", async () => {
    const site = join(cli.folder, "package/dist/site");
    mkdirSync(site, { recursive: true });
    writeFileSync(join(site, "index.html"), "all there is to read");
    const { process: child, saying, outcome } = cli.start("play --docs --port 0 --json");
    await saying(/Ctrl-C ends it/);
    child.kill();
    expect((await outcome).stdout).toMatch(/http:\/\/127\.0\.0\.1:\d+\//);
    expect((await cli.run("play --docs --out docs")).code).toBe(0);
    expect(readFileSync(join(cli.folder, "docs/index.html"), "utf8")).toBe("all there is to read");
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
