/** The key exchanges in their smallest form, and the runners in other languages. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { groups } from "../../src/groups/index.ts";
import type { HandshakeFile } from "../../src/lab/hybrid/format.ts";
import { exchangeFile, exchangesIn } from "../../src/lab/hybrid/generate-exchanges.ts";
import { root } from "../architecture/tree.ts";
import { isRequired, itWith } from "../interop/peers.ts";
import { loadText, vectorsFolder } from "./load.ts";

const path = join(vectorsFolder, "hybrid/exchanges.json");
const runners = join(vectorsFolder, "hybrid/runners");
const text = loadText("hybrid/exchanges.json");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kemistry-exchanges-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("they are those of the handshakes, of every group", () => {
  const made = groups.flatMap(({ name }) => {
    const [handshakes, features] = ["handshakes", "features"].map(
      (kind) => JSON.parse(loadText(`hybrid/${kind}/${name}.json.gz`)) as HandshakeFile,
    );
    return exchangesIn(name, handshakes!.handshakes[0]!, features!.handshakes);
  });
  expect(made).toHaveLength(31);
  expect(`${JSON.stringify(exchangeFile(made), undefined, 1)}\n` === text).toBe(true);
});

type Run = (file: string) => { readonly status: number | null; readonly said: string };

const runOf =
  (program: string, args: readonly string[], cwd = runners): Run =>
  (file) => {
    const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "" };
    const { status, stdout, stderr } = spawnSync(program, [...args, file], {
      cwd,
      env,
      encoding: "utf8",
    });
    return { status, said: stdout + stderr };
  };

/** The members of the first exchange that a runner computes, one bit of each changed. */
function judge(run: Run): void {
  expect(run(path)).toEqual({ status: 0, said: "3 exchanges are right\n" });
  for (const member of ["clientShare", "sharedSecret"]) {
    const file = join(folder, `${member}.json`);
    const wrong = text.replace(new RegExp(`"${member}": "..`), (found) => {
      const last = Number.parseInt(found.slice(-1), 16) ^ 1;
      return found.slice(0, -1) + last.toString(16);
    });
    writeFileSync(file, wrong);
    const { status, said } = run(file);
    expect(said).toMatch(new RegExp(`^exchanges\\[0\\]\\.${member} is not [\\da-f]+\\n`));
    expect(status).toBe(1);
  }
}

describe("the runner", { timeout: 180_000 }, () => {
  itWith("python", "in Python finds what is right and names what is wrong", ({ path: python }) =>
    judge(runOf(python, ["exchanges.py"])),
  );

  itWith("go", "in Go does", ({ path: go }) => judge(runOf(go, ["run", "."], join(runners, "go"))));

  // Its crates are compiled beforehand
  const built = join(root, ".peers/rust/exchanges");
  it("in Rust does", ({ skip }) => {
    if (!existsSync(built)) {
      if (isRequired("exchanges-rust")) throw new Error(`no ${built}`);
      skip("npm run peers builds it where cargo is");
    }
    judge(runOf(built, []));
  });
});
