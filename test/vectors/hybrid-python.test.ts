import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { itWith, type Peer } from "../interop/peers.ts";
import { hybridFiles } from "./hybrid-files.ts";
import { loadText, vectorsFolder } from "./load.ts";

const check = ({ path }: Peer, ...files: readonly string[]) =>
  spawnSync(path, [join(vectorsFolder, "hybrid/check.py"), ...files], { encoding: "utf8" });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kemistry-python-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the checker in Python", () => {
  itWith(
    "python",
    "finds no difference in any file",
    (python) => {
      const { status, stdout } = check(
        python,
        ...hybridFiles.map((path) => join(vectorsFolder, path)),
      );
      expect(stdout).toMatch(/^[1-9]\d+ handshakes checked, 0 differences\n$/);
      expect(status).toBe(0);
    },
    120_000,
  );

  const fields: readonly (readonly [string, RegExp, string?])[] = [
    ["key.psk", /"psk":".*?"psk":".*?"psk":".*?"psk":"../, "features"],
    ["exports[0].bytes", /"length":32,"bytes":"../, "features"],
    ["secrets.clientEarlyTraffic", /"clientEarlyTraffic":"../, "features"],
    ["secrets.serverUpdatedTraffic", /"serverUpdatedTraffic":"../, "features"],
    ["early", /"early":"..(?=\w{46}")/, "features"],
    ["exchange.components[0].publicKey", /"publicKey":"../],
    ["exchange.components[1].sharedSecret", /"sharedSecret":"..(?=\w{62}"\}\]\})/],
    ["exchange.sharedSecret", /"sharedSecret":"..(?=\w{126}",)/],
    ["session.binderKey", /"binderKey":"../],
    ["secrets.main", /"main":"../],
    ["trafficKeys.clientHandshakeTraffic.iv", /"iv":"../],
    ["exported", /"exported":"../],
    ["data.client", /"data":\{"client":"../],
    ["messages", /"bytes":"../],
  ];
  for (const [path, pattern, folderName = "handshakes"] of fields) {
    itWith(
      "python",
      `names ${path} if it is wrong`,
      (python) => {
        const text = loadText(`hybrid/${folderName}/X25519MLKEM768.json.gz`);
        expect(text).toMatch(pattern);
        const wrong = text.replace(pattern, (found) => {
          const byte = Number.parseInt(found.slice(-2), 16) ^ 1;
          return found.slice(0, -2) + byte.toString(16).padStart(2, "0");
        });
        const file = join(folder, "wrong.json.gz");
        writeFileSync(file, gzipSync(wrong));
        const { status, stdout } = check(python, file);
        expect(stdout).toContain(`: ${path}\n`);
        expect(status).toBe(1);
      },
      120_000,
    );
  }
});
