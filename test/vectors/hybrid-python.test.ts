import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hybridFiles } from "./hybrid-files.ts";
import { loadText, vectorsFolder } from "./load.ts";

/** A Python with the two packages that `check.py` names. */
const python = process.env["KEMISTRY_PYTHON"] ?? "python3";
const probe = spawnSync(python, ["-c", "import cryptography, kyber_py.ml_kem"]);
const reason = "no Python with cryptography and kyber-py (KEMISTRY_PYTHON names one)";

const check = (...paths: readonly string[]) =>
  spawnSync(python, [join(vectorsFolder, "hybrid/check.py"), ...paths], { encoding: "utf8" });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kemistry-python-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the checker in Python", { timeout: 120_000 }, () => {
  it("finds no difference in any file", ({ skip }) => {
    if (probe.status !== 0) skip(reason);
    const { status, stdout } = check(...hybridFiles.map((path) => join(vectorsFolder, path)));
    expect(stdout).toMatch(/^[1-9]\d+ handshakes checked, 0 differences\n$/);
    expect(status).toBe(0);
  });

  it.for<[string, RegExp]>([
    ["exchange.components[0].publicKey", /"publicKey":"../],
    ["exchange.components[1].sharedSecret", /"sharedSecret":"..(?=\w{62}"\}\]\})/],
    ["exchange.sharedSecret", /"sharedSecret":"..(?=\w{126}",)/],
    ["session.binderKey", /"binderKey":"../],
    ["secrets.main", /"main":"../],
    ["trafficKeys.clientHandshakeTraffic.iv", /"iv":"../],
    ["exported", /"exported":"../],
    ["data.client", /"data":\{"client":"../],
    ["messages", /"bytes":"../],
  ])("names %s if it is wrong", ([path, pattern], { skip }) => {
    if (probe.status !== 0) skip(reason);
    const text = loadText("hybrid/handshakes/X25519MLKEM768.json.gz");
    expect(text).toMatch(pattern);
    const wrong = text.replace(pattern, (found) => {
      const byte = Number.parseInt(found.slice(-2), 16) ^ 1;
      return found.slice(0, -2) + byte.toString(16).padStart(2, "0");
    });
    const file = join(folder, "wrong.json.gz");
    writeFileSync(file, gzipSync(wrong));
    const { status, stdout } = check(file);
    expect(stdout).toContain(`: ${path}\n`);
    expect(status).toBe(1);
  });
});
