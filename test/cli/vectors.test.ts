import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { itWith } from "../interop/peers.ts";
import { loadText, vectorsFolder } from "../vectors/load.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
/** What a test may take on a busy machine. */
const slow = { timeout: 60_000 };

const x25519 = JSON.parse(loadText("wycheproof/x25519_test.json.gz")) as {
  testGroups: { tests: { result: string }[] }[];
};
const wycheproof = (tests: object[]) =>
  JSON.stringify({
    ...x25519,
    numberOfTests: tests.length,
    testGroups: [{ ...x25519.testGroups[0], tests }],
  });
const right = x25519.testGroups[0]!.tests.slice(0, 3);
const wrong = right.map((test) => ({ ...test, result: "invalid" }));

beforeAll(() => {
  cli = buildCli();
  const write = (name: string, content: string | Uint8Array) =>
    writeFileSync(join(cli.folder, name), content);
  mkdirSync(join(cli.folder, "mixed/deeper"), { recursive: true });
  mkdirSync(join(cli.folder, "acvp"));
  mkdirSync(join(cli.folder, "empty"));
  write("right.json", wycheproof(right));
  write("wrong.json", wycheproof([...right, ...wrong, ...wrong, ...wrong]));
  write("not.json", "{");
  write("cut.json.gz", gzipSync(wycheproof(right)).subarray(0, -20));
  write("other.json", "{}");
  write("unused.json", wycheproof(right).replaceAll("XdhComp", "DsaVerify"));
  write("mixed/schema.json", '{"type":"object"}');
  write("mixed/notes.txt", "no vectors");
  write("mixed/deeper/right.json.gz", gzipSync(wycheproof(right)));
  write("mixed/broken.json", '{"vsId":1,"algorithm":"ML-KEM","mode":"keyGen"}');
  const whole = loadText("nist/ML-KEM-keyGen-FIPS203.json.gz");
  const without = (members: readonly string[]) =>
    JSON.stringify(JSON.parse(whole), (key, value: unknown) =>
      members.includes(key) ? undefined : value,
    );
  write("acvp/internalProjection.json", whole);
  write("acvp/prompt.json", without(["ek", "dk"]));
  write("acvp/expectedResults.json", without(["d", "z"]));
  mkdirSync(join(cli.folder, "package/vectors"));
  copyFileSync(
    join(vectorsFolder, "rfc8448/simple-1rtt.json"),
    join(cli.folder, "package/vectors/simple-1rtt.json"),
  );
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

/** The lines with spaces as one. */
const lines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.trim().replace(/\s+/g, " "));

describe("vectors", slow, () => {
  it("prints a line for each file and provider, and what they come to", async () => {
    const { code, stdout, stderr } = await cli.run("vectors --corpus right.json");
    expect([code, stderr]).toEqual([0, ""]);
    expect(lines(stdout)).toEqual([
      "right.json noble 3 cases 3 passed 0 failed 0 skipped XDH",
      "right.json native 3 cases 3 passed 0 failed 0 skipped XDH",
      "",
      "noble: 1 file, 3 cases: 3 passed, 0 failed, 0 skipped",
      "native: 1 file, 3 cases: 3 passed, 0 failed, 0 skipped",
    ]);
  });

  it("are checked on liboqs by its name", async () => {
    const { code, stdout } = await cli.run("vectors --provider oqs --corpus right.json --json");
    expect(code).toBe(0);
    const { rows } = JSON.parse(stdout) as { rows: { provider: string; passed: number }[] };
    expect(rows.map(({ provider }) => provider)).toEqual(["oqs"]);
    expect(rows[0]!.passed).toBeGreaterThan(0);
  });

  it("takes the corpora if nothing is named", async () => {
    const { code, stdout } = await cli.run("vectors --provider noble");
    expect(code).toBe(0);
    expect(lines(stdout)[0]).toBe(
      "simple-1rtt.json noble 28 cases 28 passed 0 failed 0 skipped RFC 8448, Simple 1-RTT Handshake",
    );
  });

  it("fails with 1, shows the first cases that failed, and counts the rest", async () => {
    const { code, stdout } = await cli.run("vectors -p noble --corpus wrong.json right.json");
    expect(code).toBe(1);
    expect(stdout.match(/accepted, but it is invalid/g)).toHaveLength(5);
    expect(stdout).toContain("and 4 more");
    expect(lines(stdout).at(-1)).toBe("noble: 2 files, 15 cases: 6 passed, 9 failed, 0 skipped");
  });

  it("has the same as data", async () => {
    const { code, stdout } = await cli.run("vectors --json --corpus wrong.json mixed");
    const { rows, totals, unreadable, ignored } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatchObject({
      provider: "noble",
      file: "wrong.json",
      algorithm: "XDH",
      cases: 12,
      passed: 3,
      failed: 9,
      skipped: 0,
    });
    expect(rows[0].failures).toHaveLength(9);
    expect(totals.native).toEqual({ files: 2, cases: 15, passed: 6, failed: 9, skipped: 0 });
    expect(unreadable).toEqual([{ file: "mixed/broken.json", reason: "testGroups is not a list" }]);
    expect(ignored).toEqual(["schema.json"]);
  });

  it.each([
    ["not JSON", "not.json", /cannot read not\.json: not JSON: .*/],
    ["cut off", "cut.json.gz", /cannot read cut\.json\.gz: unexpected end of file/],
    ["of no known format", "other.json", /cannot read other\.json: no vectors of a known format/],
    ["missing", "none.json", /cannot read none\.json: there is no such file/],
    ["an empty folder", "empty", /no \.json or \.rsp files in empty/],
    ["of no use to TLS 1.3", "unused.json", /nothing was checked: no case there could be run/],
  ])("says in one line that a corpus is %s, with exit code 2", async (_, path, message) => {
    const { code, stderr } = await cli.run(`vectors -p noble --corpus ${path}`);
    expect(stderr).toMatch(new RegExp(`^kemistry: ${message.source}\n$`));
    expect(code).toBe(2);
  });

  it("runs what can be read of a folder, and says what cannot", async () => {
    const { code, stdout, stderr } = await cli.run("vectors -p noble --corpus mixed");
    expect(code).toBe(2);
    expect(lines(stdout)[0]).toBe(
      "deeper/right.json.gz noble 3 cases 3 passed 0 failed 0 skipped XDH",
    );
    expect(lines(stderr)).toEqual([
      "kemistry: cannot read mixed/broken.json: testGroups is not a list",
      "Files without vectors of a known format: 1 (schema.json)",
    ]);
  });

  it("never counts what was skipped as passed", async () => {
    const { stdout } = await cli.run("vectors -p noble --corpus unused.json right.json");
    expect(lines(stdout)[0]).toMatch(
      /^unused.json noble 3 cases 0 passed 0 failed 3 skipped XDH; skipped: DsaVerify of XDH/,
    );
  });

  it("takes the answers of ACVP from the file beside, and each case once", async () => {
    const { code, stdout } = await cli.run("vectors -p noble --corpus acvp");
    expect(code).toBe(0);
    expect(lines(stdout)[0]).toBe(
      "prompt.json noble 30 cases 30 passed 0 failed 0 skipped ML-KEM keyGen",
    );
    expect(lines(stdout).at(-1)).toMatch(/^noble: 1 file,/);
    const { code: alone } = await cli.run("vectors -p noble --corpus acvp/internalProjection.json");
    expect(alone).toBe(0);
  });
});

describe("vectors generate", slow, () => {
  it("gives the bytes of the repository, and leaves what is there as it is", async () => {
    const first = await cli.run("vectors generate --group x25519 --out made");
    const names = ["handshakes/x25519.json.gz", "features/x25519.json.gz"];
    const written = first.stdout.replaceAll(/\d+(?= bytes)/g, "n");
    expect(written).toBe(
      [...names, "exchanges.json"].map((name) => `wrote  ${name}  n bytes\n`).join(""),
    );
    for (const name of names) {
      const made = gunzipSync(readFileSync(join(cli.folder, `made/${name}`)));
      expect(made.toString() === loadText(`hybrid/${name}`)).toBe(true);
    }
    const second = await cli.run("vectors generate --group x25519 --out made");
    expect(second.stdout).toMatch(/^unchanged/);
    const other = await cli.run("vectors generate --group x25519 --out made --seed mine");
    expect(other.stdout).toMatch(/^wrote/);
    const replayed = await cli.run("vectors -p noble --corpus made");
    expect([replayed.code, replayed.stderr]).toEqual([0, ""]);
  });

  it("gives those of authentication by KEM, too", async () => {
    const { code, stdout } = await cli.run("vectors generate --auth-kem --out authkem");
    expect([code, stdout.replace(/\d+(?= bytes)/, "n")]).toEqual([
      0,
      "wrote  handshakes.json.gz  n bytes\n",
    ]);
    const made = gunzipSync(readFileSync(join(cli.folder, "authkem/handshakes.json.gz")));
    expect(made.toString() === loadText("authkem/handshakes.json.gz")).toBe(true);
    const replayed = await cli.run("vectors -p native --corpus authkem");
    expect(lines(replayed.stdout)[0]).toMatch(
      /^handshakes\.json\.gz native (\d+) cases \1 passed /,
    );
  });

  it.each([
    ["--auth-kem --group x25519", /--auth-kem has a group of its own: leave out --group/],
    ["--group x25518", /there is no group "x25518"; did you mean x25519\?/],
    [
      "--group x25519 --out right.json",
      /cannot write right\.json\/handshakes\/.*: a part of the path is not a folder/,
    ],
  ])("says what is wrong with %s", async (args, message) => {
    const { code, stdout, stderr } = await cli.run(`vectors generate ${args}`);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(new RegExp(`^kemistry: ${message.source}\n$`));
  });
});

describe("vectors record", slow, () => {
  itWith(
    "openssl35",
    "records handshakes that can be replayed",
    async ({ path }) => {
      const group = "SecP256r1MLKEM768";
      const { code, stdout } = await cli.run(
        `vectors record --openssl ${path} --group ${group} --out recorded`,
      );
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`^wrote {2}recorded/${group}\\.json\\.gz`));
      const replayed = await cli.run("vectors --corpus recorded");
      expect([replayed.code, replayed.stderr]).toEqual([0, ""]);
      expect(replayed.stdout).toMatch(/recorded with OpenSSL 3\./);
    },
    60_000,
  );

  it("needs a program that runs", async () => {
    const { code, stderr } = await cli.run("vectors record --openssl ./none");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^kemistry: cannot run \.\/none: .*ENOENT\n$/);
  });
});
