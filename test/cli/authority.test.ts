import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PkiDirectory } from "../../src/authority/index.ts";
import { joinMesh } from "../../src/mesh/index.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 120_000);
afterAll(() => cli?.remove(), 60_000);

const slow = { timeout: 400_000 };
const id = (name: string): string => `spiffe://example.org/${name}`;
const rules = [{ from: id("*"), to: id("*") }];

/** Runs a command that must succeed. Gives what it printed. */
async function said(commandLine: string): Promise<string> {
  const { code, stdout, stderr } = await cli.run(commandLine);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  return stdout;
}

const data = async <T>(commandLine: string): Promise<T> =>
  JSON.parse(await said(`${commandLine} --json`)) as T;

describe("kemistry authority", slow, () => {
  it("serves a directory, which other commands change meanwhile", async () => {
    await said("pki init -a secp256r1");
    await said("pki issue ca --profile intermediate");
    const ann = `authority register ann --uri ${id("ann")} --lifetime 1h --grace 5m --key-type secp256r1`;
    expect(await data(ann)).toEqual({
      name: "ann",
      issuer: "ca",
      profile: "peer",
      names: { uri: [id("ann")] },
      lifetime: 3_600_000,
      keyTypes: ["secp256r1"],
      grace: 300_000,
    });
    const serving = cli.start(
      "authority serve --domain example.org --port 0 --approve 3 --metrics 0",
    );
    const [, port] = await serving.saying(/listening on https:\/\/localhost:(\d+)/);
    const authority = `https://localhost:${port}`;
    const token = (await said("authority token ann --lifetime 10m")).trim();
    const first = await joinMesh({ authority, id: id("ann"), token, rules });
    first.close();
    type Listed = { name: string; state: string }[];
    expect(await data<Listed>("authority list")).toMatchObject([{ name: "ann", state: "valid" }]);

    // Registered while it runs, and approved by a person
    await said(`authority register bob --uri ${id("bob")}`);
    const pki = PkiDirectory.open(join(cli.folder, "pki"));
    const trust = pki.certificate(pki.current("root")).der;
    const joining = joinMesh({ authority, id: id("bob"), trust, rules, timeout: 120_000 });
    type Waiting = { id: string; names: string[] }[];
    let waiting: Waiting = [];
    while (waiting.length === 0) {
      await sleep(200);
      waiting = await data<Waiting>("authority requests");
    }
    expect(waiting[0]!.names).toEqual([id("bob")]);
    expect(await said("authority requests")).toContain(waiting[0]!.id.slice(0, 16));
    await said(`authority approve ${waiting[0]!.id.slice(0, 10)} --as bob`);
    (await joining).close();

    await said("pki revoke ann --reason keyCompromise");
    await said("authority unregister bob");
    expect(await data<Listed>("authority list")).toMatchObject([
      { name: "ann", state: "revoked: keyCompromise" },
    ]);
    serving.process.kill("SIGTERM");
    const { code, stdout } = await serving.outcome;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^enrolled ann [0-9a-f]+$/m);
    expect(stdout).toMatch(/^enrolled bob [0-9a-f]+$/m);
    expect(stdout).toContain(`waiting ${waiting[0]!.id}`);
  });

  it("follows its journal, and notices what was changed", async () => {
    type Audit = {
      lines: { who: string; event: { type: string } }[];
      head: { lines: number; hash: string };
    };
    const { lines, head } = await data<Audit>("authority audit");
    expect(lines.find(({ event }) => event.type === "registered")?.who).toMatch(/^user /);
    await said("authority register eve --uri spiffe://example.org/eve");
    const noted = `--noted ${head.lines}:${head.hash}`;
    expect(await said(`authority audit ${noted}`)).toContain("registered");
    const other = `--noted ${head.lines}:${"0".repeat(64)}`;
    const { code, stderr } = await cli.run(`authority audit ${other}`);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/another journal came to/)]);
  });

  it("refuses, in one line, what is not there", async () => {
    for (const [commandLine, code, message] of [
      ["authority token nobody", 1, /nobody is registered as "nobody"/],
      ["authority approve 00 --as eve", 2, /0 requests begin with "00"/],
      ["authority register x --uri spiffe://example.org/eve", 1, /is registered for eve/],
      ["authority audit --noted x", 2, /Give the line/],
      ["authority serve --domain UPPER --port 0", 2, /trust domain/],
    ] as const) {
      const outcome = await cli.run(commandLine);
      expect([commandLine, outcome.code, outcome.stderr]).toEqual([
        commandLine,
        code,
        expect.stringMatching(message),
      ]);
    }
  });

  it("rolls a root", async () => {
    type Plan = { name: string; by: string }[];
    expect(await data<Plan>("pki roll --overlap 1h")).toMatchObject([
      { name: "root", by: "root-2" },
      { name: "ca", by: "ca-2" },
    ]);
    const { code, stderr } = await cli.run("pki roll");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/succeeded by root-2 already/)]);
  });
});
