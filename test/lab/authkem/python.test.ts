/** The published handshakes by KEM, checked by a program that shares no code with the engine. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect } from "vitest";
import { itWith, type Peer } from "../../interop/peers.ts";
import { loadText, vectorsFolder } from "../../vectors/load.ts";

const script = join(vectorsFolder, "authkem/check.py");
const check = ({ path }: Peer, file: string) =>
  spawnSync(path, [script, file], { encoding: "utf8" });

describe("the checker in Python", () => {
  itWith(
    "python",
    "finds no difference",
    (python) => {
      const { status, stdout } = check(python, join(vectorsFolder, "authkem/handshakes.json.gz"));
      expect(stdout).toMatch(/^[1-9]\d+ handshakes, 0 values differ\n$/);
      expect(status).toBe(0);
    },
    120_000,
  );

  for (const [name, pattern] of [
    ["secrets.main", /"main":"../],
    ["secrets.authenticated", /"authenticated":"../],
    ["secrets.clientEarlyHandshakeTraffic", /"clientEarlyHandshakeTraffic":"../],
    ["encapsulated.server.sharedSecret", /"server":\{"ciphertext":"\w+","sharedSecret":"../],
    ["trafficKeys.serverApplicationTraffic", /"serverApplicationTraffic":\{"key":"../],
  ] as const) {
    itWith(
      "python",
      `names ${name} if it is wrong`,
      (python) => {
        const text = loadText("authkem/handshakes.json.gz");
        expect(text).toMatch(pattern);
        const wrong = text.replace(pattern, (found) => {
          const byte = Number.parseInt(found.slice(-2), 16) ^ 1;
          return found.slice(0, -2) + byte.toString(16).padStart(2, "0");
        });
        const folder = mkdtempSync(join(tmpdir(), "kemistry-authkem-"));
        const file = join(folder, "wrong.json.gz");
        writeFileSync(file, gzipSync(wrong));
        const { status, stdout } = check(python, file);
        rmSync(folder, { recursive: true });
        expect(stdout).toContain(`${name} is not what follows`);
        expect(status).toBe(1);
      },
      120_000,
    );
  }
});
