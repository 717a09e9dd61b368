/** The table of all algorithms, of which these look at a few rows. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { knownSchemes } from "../../src/crypto/index.ts";
import { groups } from "../../src/groups/index.ts";
import { compositeNames } from "../../src/identity/index.ts";
import { oqsAlgorithms } from "../../src/oqs/index.ts";
import { root } from "../architecture/tree.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const slow = { timeout: 60_000 };

it("algorithms says sizes, costs and bytes of candidates", slow, async () => {
  const { code, stdout } = await cli.run("algorithms --only mayo2 --budget 1 --json");
  expect(code).toBe(0);
  const { groups: none, signatures } = JSON.parse(stdout);
  expect(none).toEqual([]);
  expect(signatures).toMatchObject([
    { name: "mayo2", code: 0xff33, sizes: [4912, 186], rounds: 2, backend: "liboqs 0.15.1" },
  ]);
  expect(signatures[0].costs).toHaveLength(3);
  // A key and two signatures, and the rest of a handshake
  expect(signatures[0].bytes).toBeGreaterThan(4912 + 2 * 186 + 500);
});

it("algorithms lists what is too large to run by default, without figures", slow, async () => {
  const { stdout } = await cli.run("algorithms --only OV_Ip --budget 1 --json");
  const { signatures } = JSON.parse(stdout);
  const [large] = signatures.filter(({ name }: { readonly name: string }) => name === "OV_Ip");
  expect(large).toEqual({
    name: "OV_Ip",
    code: 0xff0b,
    sizes: [278_432, 128],
    source: "OV-Ip",
    backend: "",
  });
});

it("algorithms writes a page", slow, async () => {
  const { stdout } = await cli.run("algorithms --only x25519_hqc128 --budget 1 --md -");
  expect(stdout).toMatch(/^# Algorithms\n/);
  expect(stdout).toMatch(/^\| x25519_hqc128 \| 0x2fb0 \| 2281 \| 4465 \| 96 \| \d/m);
});

it("docs/algorithms.md has every algorithm", () => {
  const page = readFileSync(join(root, "docs/algorithms.md"), "utf8");
  const names = [
    ...groups.map(({ name }) => name),
    ...knownSchemes
      .filter((each) => each.inHandshake && !each.clientOnly && each.keyType !== "rsa-pss")
      .map(({ name }) => name),
    ...compositeNames.filter((name) => !/RSA[34]/.test(name)),
    ...oqsAlgorithms.flatMap((each) =>
      each.kind === "kem"
        ? each.groups.map(({ name }) => name)
        : each.standard === true
          ? []
          : [each.scheme],
    ),
  ];
  const missing = names.filter((name) => !page.includes(`| ${name} |`));
  expect(missing).toEqual([]);
});

it("refuses a text that no name has", slow, async () => {
  const { code, stderr } = await cli.run("algorithms --only nonesuch");
  expect(code).toBe(2);
  expect(stderr).toContain('no algorithm has "nonesuch" in its name');
});
