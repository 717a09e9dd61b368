/** A peer of one's own, as the guide describes it: its file as it stands, and a program that takes these arguments. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { cases, foreign, ours, pairsOf, RunFolder, runCell } from "../../src/interop/index.ts";
import { findPeer } from "../../src/peers/find.ts";
import { readPeer } from "../../src/peers/peer.ts";

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");
const guide = read("remarks.md");
const described = JSON.parse(/```json\n([^]*?)```/.exec(guide)![1]!) as Record<string, unknown>;

/** `mine`, as somebody might have written it who reads the guide: on node:tls, with names of its own. */
const program = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const tls = require("node:tls");
const [what, ...given] = process.argv.slice(2);
const value = (name) => (given.includes(name) ? given[given.indexOf(name) + 1] : undefined);
const groups = { "x25519-mlkem768": "X25519MLKEM768", x25519: "X25519" };
const common = {
  minVersion: "TLSv1.3",
  ecdhCurve: value("--groups")?.split(",").map((name) => groups[name]).join(":") ?? "auto",
};
if (what === "--version") console.log("mine 1.0");
if (what === "connect") {
  const [host, port] = given[0].split(":");
  const alpn = value("--alpn")?.split(",");
  const socket = tls.connect({
    ...common, host, port, servername: value("--name"), ca: readFileSync(value("--ca")),
    ...(alpn && { ALPNProtocols: alpn }),
  });
  socket.on("keylog", (line) => appendFileSync(value("--keylog"), line));
  process.stdin.pipe(socket).pipe(process.stdout);
}
if (what === "listen") {
  const own = { cert: readFileSync(value("--cert")), key: readFileSync(value("--key")) };
  const server = tls.createServer({ ...common, ...own }, (socket) => {
    process.stdin.pipe(socket, { end: false }).pipe(process.stdout, { end: false });
  });
  server.listen(Number(value("--port")), "127.0.0.1", () => {
    console.error("listening on port", server.address().port);
  });
}
`;

const files = mkdtempSync(join(tmpdir(), "kemistry-mine-"));
const folder = new RunFolder();
afterAll(() => {
  rmSync(files, { recursive: true, force: true });
  folder.remove();
});

/** All that is changed is where the program is. */
function mine() {
  const path = join(files, "mine");
  writeFileSync(path, program);
  chmodSync(path, 0o755);
  const found = findPeer(readPeer(JSON.stringify({ ...described, program: [path] })), files);
  if ("absent" in found) throw new Error(found.absent);
  return found;
}

describe("the peer of the guide", { timeout: 120_000 }, () => {
  it("is a file that is taken, and stands in the page", () => {
    expect(readPeer(JSON.stringify(described))).toEqual(described);
    expect(read("../../docs/interop.md")).toContain(guide.trim());
  });

  it("is found with its version, and runs in both roles", async () => {
    const found = mine();
    expect(found.version).toBe("1.0");
    const asked = ["group-x25519", "alpn", "early-data"];
    const tests = cases.filter(({ name }) => asked.includes(name));
    const cells = [];
    for (const pair of pairsOf([foreign(found, files)], [ours("of today")])) {
      for (const test of tests) cells.push(await runCell(test, pair, folder));
    }
    expect(
      cells.map(({ test, client, outcome, reason }) => [test, client, outcome, reason]),
    ).toEqual([
      ["group-x25519", "mine", "passed", ""],
      ["early-data", "mine", "not supported", "My TLS has no early data"],
      ["alpn", "mine", "passed", ""],
      ["group-x25519", "kemistry", "passed", ""],
      ["early-data", "kemistry", "not supported", "My TLS has no early data"],
      ["alpn", "kemistry", "not supported", "My TLS as a server has no ALPN"],
    ]);
  });

  it.each([
    ["a placeholder that nobody fills in", "{certificat}", /\{certificat\}.* has no value/],
    ["a program that never listens", "{certificate}", /did not print/],
  ])("says of %s what is wrong", async (_, certificate, reason) => {
    const found = mine();
    const { server } = found.peer;
    const wrong = server!.arguments.map((arg) => (arg === "{certificate}" ? certificate : arg));
    const args = certificate === "{certificate}" ? ["--version"] : wrong;
    const peer = { ...found.peer, server: { ...server!, arguments: args } };
    const test = cases.find(({ name }) => name === "group-x25519")!;
    const [, pair] = pairsOf([foreign({ ...found, peer }, files)], [ours("of today")]);
    const cell = await runCell(test, pair!, folder);
    expect(cell.outcome).toBe("failed");
    expect(cell.reason).toMatch(reason);
  });
});
