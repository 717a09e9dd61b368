import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { encodePem } from "../../src/identity/index.ts";
import type { ShareFile, ShareVector } from "../../src/lab/hybrid/format.ts";
import { AlertDescription } from "../../src/registry/index.ts";
import { concat, fromHex } from "../../src/wire/index.ts";
import { itWith, type Peer } from "../interop/peers.ts";
import { loadShares } from "./hybrid-files.ts";

let folder: string;
const processes: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kemistry-shares-"));
});
afterAll(() => {
  for (const child of processes) child.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** OpenSSL takes these, where RFC 9846 §4.3.8.2 wants uncompressed points only. */
const takenByOpenSsl = /part: the hybrid form$/;

describe("wrong shares of a client, sent to OpenSSL", () => {
  for (const group of ["X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024"]) {
    itWith("openssl35", `${group} are answered as the vectors say`, async (peer) => {
      const file = loadShares(`hybrid/shares/${group}.json.gz`);
      const port = await serve(peer, file);
      const shares = file.shares.filter(({ from }) => from === "client");
      const answers: Record<string, string> = {};
      for (const share of shares) answers[share.name] = await ask(port, share);
      const expected = shares.map((share) => [share.name, expectedAnswer(share)]);
      expect(answers).toEqual(Object.fromEntries(expected));
    });
  }
});

function expectedAnswer({ name, alert, optional }: ShareVector): string {
  if (takenByOpenSsl.test(name)) return "ServerHello";
  // Of two rules that an empty share breaks, OpenSSL has the other: RFC 9846 §4.3.8 begins at one byte
  if (name === "client: empty") return "decode_error";
  // An entry that stands twice is overlooked
  if (alert === "bad_record_mac" || (optional && name.endsWith("twice"))) return "ServerHello";
  return alert;
}

/** Starts a server that answers one group only. */
function serve({ path }: Peer, { group, identities }: ShareFile): Promise<number> {
  const { chain, privateKey } = Object.values(identities)[0]!.server;
  const identity = join(folder, `${group.name}.pem`);
  const blocks = chain.map((der) => encodePem("CERTIFICATE", fromHex(der)));
  writeFileSync(identity, [...blocks, encodePem("PRIVATE KEY", fromHex(privateKey))].join(""));
  const args = ["s_server", "-accept", "127.0.0.1:0", "-tls1_3", "-groups", group.name];
  const server = spawn(path, [...args, "-cert", identity]);
  processes.push(server);
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (text: Buffer) => {
      said += text.toString();
      const [, port] = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
    server.once("close", () => reject(new Error(`OpenSSL does not listen: ${said}`)));
  });
}

/** The name of the alert with which the server answers a ClientHello, or `ServerHello`. */
function ask(port: number, { hello }: ShareVector): Promise<string> {
  const message = fromHex(hello);
  const header = Uint8Array.of(22, 3, 1, message.length >> 8, message.length & 0xff);
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(concat(header, message)));
    socket.once("data", ([type, , , , , , description]: Buffer) => {
      const names = Object.entries(AlertDescription);
      const alert = names.find(([, number]) => number === description)?.[0];
      resolve(type === 21 ? (alert ?? "another alert") : "ServerHello");
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("end", () => resolve("nothing"));
  });
}
