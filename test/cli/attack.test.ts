import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { createDevelopmentCa } from "../../src/identity/index.ts";
import { itWith } from "../interop/peers.ts";
import { buildCli, type Cli, type Running } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);
const slow = { timeout: 240_000 };
const write = (name: string, data: unknown) =>
  writeFileSync(join(cli.folder, name), typeof data === "string" ? data : JSON.stringify(data));

interface Facts {
  readonly findings: readonly { readonly kind: string }[];
  readonly negotiated: { readonly postQuantum: boolean } | null;
}
const factsOf = (stdout: string): Facts => JSON.parse(stdout) as Facts;
const portOf = (running: Running) => running.saying(/:(\d+)\b/);

describe("attack", slow, () => {
  it("runs the whole catalogue, all as predicted", async () => {
    const { code, stdout, stderr } = await cli.run("attack --json");
    expect([code, stderr]).toEqual([0, ""]);
    const rows = JSON.parse(stdout) as { asPredicted: boolean; findings: unknown }[];
    expect(rows.length).toBeGreaterThanOrEqual(120);
    expect(rows.every(({ asPredicted }) => asPredicted)).toBe(true);
  });

  it("prints a row each, with alert and findings", async () => {
    const { stdout } = await cli.run("attack strip-hybrid retry-twice");
    expect(stdout).toMatch(/✓\s+strip-hybrid\s+bad_record_mac.*tampered/);
    expect(stdout).toContain("2 of 2 as predicted");
  });

  it("shows one scenario as a page: what was sent, what arrived, who refused", async () => {
    const { code } = await cli.run("attack strip-hybrid --html strip.html");
    expect(code).toBe(0);
    const html = readFileSync(join(cli.folder, "strip.html"), "utf8");
    expect(html).toContain("changed on the way");
    expect(html).toMatch(/bad_record_mac/);
    const honest = await cli.run("attack honest --html -");
    expect(honest.stdout).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    expect(honest.stdout).not.toContain("changed on the way");
    // A computation from the shared secret, of the ends that agree
    expect(honest.stdout).toContain("The key log says the same");
    const two = await cli.run("attack strip-hybrid retry-twice --html two.html");
    expect([two.code, two.stderr]).toEqual([2, expect.stringContaining("takes one scenario")]);
  });

  it("exits with 1 and keeps a tape where the prediction is wrong", async () => {
    write("wrong.json", {
      name: "wrong",
      steps: [{ from: "client", on: "finished", drop: true }],
      keys: "traffic",
    });
    const { code, stderr } = await cli.run("attack wrong.json");
    expect(code).toBe(1);
    expect(stderr).toContain("wrong: client: open was predicted");
    const replayed = await cli.run("replay wrong.tape --json");
    expect(replayed.code).toBe(0);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ scenario: "wrong", difference: null });
    const tape = readFileSync(join(cli.folder, "wrong.tape"), "utf8");
    write("cut.tape", tape.slice(0, tape.length / 2));
    expect(await cli.run("replay cut.tape")).toMatchObject({ code: 2, stdout: "" });
  });

  it.each([
    ["attack nosuch", /there is no scenario "nosuch"; kemistry attack --list/],
    ["attack gone.json", /cannot read gone\.json: there is no such file/],
    ["attack --family none", /there is no family/],
    ["attack honest --search", /a search takes no scenarios/],
    ["attack --malicious", /--malicious goes with --search/],
    ["attack --differential", /--differential goes with --search/],
    ["attack --search --differential --malicious", /leave out --malicious/],
    ["attack --imitate", /--imitate goes with --search/],
    ["attack --search --differential --imitate", /leave out --imitate/],
    ["attack --search --openssl openssl", /--search and --openssl do not go together/],
    ["attack honest --terminate", /--terminate goes with --listen and --to/],
    ["attack honest --key-log keys", /--key-log goes with/],
    ["attack honest --markdown", /--markdown goes with --openssl/],
    ["attack honest --openssl ./nothing", /cannot run \.\/nothing/],
    ["attack honest --listen localhost:1", /--listen and --to go together/],
    [
      "attack malicious.json --listen localhost:1 --to localhost:2",
      /no-echo has a malicious end, and a proxy is none/,
    ],
    [
      "attack change-signature --listen localhost:1 --to localhost:2",
      /change-signature changes what is encrypted: give --key-log/,
    ],
    [
      "attack strip-hybrid-with-server-key --listen localhost:1 --to localhost:2",
      /takes the server's key, which a proxy does not have/,
    ],
    ["attack --search --pcap s.pcapng", /a search keeps none of its handshakes: give --pcap with/],
    ["attack --list --pcap l.pcapng", /--list runs nothing/],
    [
      "attack --terminate --listen localhost:1 --to localhost:2 --pcap t.pcapng",
      /--pcap does not go with --terminate/,
    ],
    ["attack --listen localhost:1 --to localhost:2", /a proxy does one scenario/],
    ["connect localhost --policy strict", /there is no policy "strict"; there are compatible/],
    ["replay gone.tape", /there is no such file/],
    [
      "attack --terminate --listen localhost:0 --to localhost:1",
      /--terminate takes --cert and --key/,
    ],
  ])("%s exits with 2 and a line", async (line, reason) => {
    write("malicious.json", { name: "no-echo", malicious: "server", steps: [] });
    const { code, stdout, stderr } = await cli.run(line);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(reason);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("takes the hybrid from a server behind it: require refuses, prefer reports", async () => {
    const ca = createDevelopmentCa({ provider: noble, algorithm: "ed25519", now: Date.now() });
    const own = ca.issue({ names: ["localhost"] });
    write("ca.pem", ca.pem);
    write("cert.pem", own.certificatePem);
    write("key.pem", own.privateKeyPem);
    const serve = cli.start("serve --port 0 --cert cert.pem --key key.pem");
    const [, port = ""] = await portOf(serve);
    const proxy = cli.start(
      `attack --terminate --cert cert.pem --key key.pem --listen localhost:0 --to localhost:${port}`,
    );
    const [, there = ""] = await portOf(proxy);
    const connect = (to: string, policy: string) =>
      cli.run(`connect localhost:${to} --ca ca.pem --policy ${policy} --json`);

    const direct = await connect(port, "require-post-quantum");
    expect([direct.code, factsOf(direct.stdout).findings]).toEqual([0, []]);
    const refused = await connect(there, "require-post-quantum");
    expect([refused.code, factsOf(refused.stdout).negotiated]).toEqual([1, null]);
    const reported = await connect(there, "prefer-post-quantum");
    expect(reported.code).toBe(0);
    const { findings, negotiated } = factsOf(reported.stdout);
    expect(negotiated?.postQuantum).toBe(false);
    expect(findings.map(({ kind }) => kind)).toContain("hybrid-declined");
    await proxy.saying(/server X25519MLKEM768/);
    serve.process.kill();
    proxy.process.kill();
  });

  itWith(
    "openssl35",
    "runs with OpenSSL as either end, in columns or as a page",
    async ({ path }) => {
      const rows = await cli.run(`attack honest strip-hybrid delay-early-data --openssl ${path}`);
      expect([rows.code, rows.stderr]).toEqual([0, ""]);
      expect(rows.stdout).toMatch(/strip-hybrid .* ✓ decryption failed or bad record mac/);
      expect(rows.stdout).toContain("OpenSSL as server: 2 of 2 as it should");
      const page = await cli.run(`attack group-twice --openssl ${path} --markdown`);
      expect(page.stdout).toMatch(/^# The catalogue with OpenSSL\n/);
      expect(page.stdout).toContain("takes an entry that is there twice; the transcript ends it |");
      write("odd.json", { name: "odd", steps: [], expect: { client: "waiting" } });
      const odd = await cli.run(`attack odd.json --openssl ${path}`);
      expect(odd.code).toBe(1);
      expect(odd.stderr).toContain("odd, OpenSSL as server: open (open): waiting was predicted");
    },
  );

  it("searches, and says how far it came", async () => {
    const { code, stdout } = await cli.run("attack --search --seconds 1 --json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ problems: [], adversary: "on-path" });
    const malicious = await cli.run("attack --search --malicious --seconds 1 --seed 1 --json");
    expect(malicious.code).toBe(0);
    expect(JSON.parse(malicious.stdout)).toMatchObject({
      problems: [],
      seed: "1",
      adversary: "malicious-peer",
    });
  });
});
