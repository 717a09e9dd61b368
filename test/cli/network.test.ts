import { spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import * as tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDevelopmentCa, noble, type OfferedPsk } from "../../src/index.ts";
import { connect as tlsConnect } from "../../src/node.ts";
import { itWith } from "../interop/peers.ts";
import { buildCli, type Cli, type Running } from "./cli.ts";

let cli: Cli;
let site: Running;
let port: string;

const path = (name: string): string => join(cli.folder, name);
const listening = /https:\/\/localhost:(\d+)\//;

beforeAll(async () => {
  cli = buildCli();
  site = cli.start("serve --port 0 --write-ca ca.pem --print-ca --json");
  port = (await site.saying(listening))[1] ?? "";

  const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
  const own = ca.issue({ names: ["localhost"] });
  const user = ca.issue({ names: ["someone@example.com"], usage: "client" });
  writeFileSync(path("own-ca.pem"), ca.pem);
  writeFileSync(path("own.pem"), own.certificatePem);
  writeFileSync(path("own.key"), own.privateKeyPem);
  writeFileSync(path("user.pem"), user.certificatePem);
  writeFileSync(path("user.key"), user.privateKeyPem);
  writeFileSync(path("not.pem"), "not PEM at all\n");
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const request = "GET /negotiated.json HTTP/1.0\r\n\r\n";

/** What a test may take on a busy machine. */
const slow = { timeout: 30_000 };

describe("serve", slow, () => {
  itWith("curl", "shows curl what was negotiated", ({ path: curl }) => {
    const { status, stdout } = spawnSync(
      curl,
      ["-sS", "--cacert", path("ca.pem"), `https://localhost:${port}/negotiated.json`],
      { encoding: "utf8" },
    );
    expect(status).toBe(0);
    const { negotiated, flights } = JSON.parse(stdout) as Facts;
    expect(negotiated).toMatchObject({ version: "TLS 1.3", alpn: "http/1.1" });
    expect(flights.map((flight) => flight.from).slice(0, 2)).toEqual(["client", "server"]);
  });

  itWith(
    "curl",
    "answers a POST to /echo with its body, and other things with a status",
    ({ path: curl }) => {
      const ask = (...args: string[]) =>
        spawnSync(curl, ["-sSk", "-w", " %{http_code}", ...args], { encoding: "utf8" }).stdout;
      const base = `https://localhost:${port}`;
      expect(ask("-d", "hello", `${base}/echo`)).toBe("hello 200");
      expect(ask(`${base}/none`)).toMatch(/ 404$/);
      expect(ask("-d", "hello", `${base}/`)).toMatch(/ 405$/);
    },
  );

  itWith("curl", "is not trusted by a client without its CA", ({ path: curl }) => {
    const { status } = spawnSync(curl, ["-sS", `https://localhost:${port}/`]);
    expect(status).not.toBe(0);
  });

  it("gives sessions, and resumes them", async () => {
    const options = { port: Number(port), ca: readFileSync(path("ca.pem")) };
    const first = tlsConnect(options);
    const [session] = (await once(first, "session")) as [OfferedPsk];
    first.end();
    const again = tlsConnect({ ...options, session });
    await once(again, "secureConnect");
    expect(again.negotiated).toMatchObject({ resumed: true, postQuantum: true });
    again.end();
  });

  it("closes cleanly on SIGINT, and has printed its CA and a line for each connection", async () => {
    const server = cli.start("serve --port 0 --print-ca --json");
    const own = (await server.saying(listening))[1] ?? "";
    const client = await cli.run(`connect localhost:${own} --insecure --json`);
    expect(client.code).toBe(0);
    server.process.kill("SIGINT");
    const { code, stdout } = await server.outcome;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
    const line = stdout.trim().split("\n").at(-1) ?? "";
    expect(JSON.parse(line)).toMatchObject({ negotiated: { group: "X25519MLKEM768" } });
  });

  it("uses a certificate and key from files, and asks for client certificates", async () => {
    const server = cli.start("serve --port 0 --cert own.pem --key own.key --client-ca own-ca.pem");
    const place = `localhost:${(await server.saying(listening))[1]}`;
    const trusted = `connect ${place} --ca own-ca.pem`;
    const known = await cli.run(`${trusted} --cert user.pem --key user.key`, {
      input: request,
    });
    expect([known.code, known.stderr]).toEqual([0, expect.stringContaining("verified")]);
    const [, body = ""] = known.stdout.split("\r\n\r\n");
    expect(JSON.parse(body)).toMatchObject({ negotiated: { peer: { verified: true } } });

    const stranger = await cli.run(trusted, { input: request });
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toMatch(/certificate_required/);
    expect(stranger.stdout).toBe("");
  });

  it.each([
    ["--cert own.pem", 2, /--cert and --key go together/],
    ["--cert none.pem --key own.key", 2, /cannot read none\.pem: there is no such file/],
    ["--cert not.pem --key own.key", 2, /not\.pem is not usable as a certificate/],
    ["--cert own.pem --key not.pem", 2, /not\.pem is not usable as its private key/],
    ["--cert own.pem --key user.key", 2, /not that of the first certificate/],
    ["--client-ca not.pem", 2, /not\.pem is not usable as certificates to trust/],
    ["--write-ca none/ca.pem", 2, /cannot write none\/ca\.pem: there is no such folder/],
    ["--key-log none/keys", 2, /cannot write none\/keys/],
  ])("refuses %s in one line", async (args, expected, message) => {
    const { code, stderr } = await cli.run(`serve --port 0 ${args}`);
    expect(code).toBe(expected);
    expect(stderr).toMatch(/^kemistry: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });

  it("says that a port is in use", async () => {
    const taken = await listen();
    const { code, stderr } = await cli.run(`serve --port ${portOf(taken)}`);
    taken.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kemistry: .* the port is in use; give another with --port\n$/);
  });
});

describe("connect", slow, () => {
  it("tells what was negotiated on stderr, and pipes", async () => {
    const { code, stdout, stderr } = await cli.run(`connect localhost:${port} --ca ca.pem`, {
      input: request,
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(/X25519MLKEM768, post-quantum, hybrid/);
    expect(stderr).toMatch(/CN=localhost, verified/);
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it("negotiates what it is told, and shows the ledger", async () => {
    const { code, stderr } = await cli.run(
      `connect localhost:${port} --ca ca.pem --group x25519 --cipher chacha20 --alpn http/1.1 --ledger`,
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/x25519, not post-quantum/);
    expect(stderr).toMatch(/TLS_CHACHA20_POLY1305_SHA256/);
    expect(stderr).toMatch(/http\/1\.1/);
    expect(stderr).toMatch(/key share x25519 32/);
  });

  it("gives the same as data", async () => {
    const { code, stdout, stderr } = await cli.run(`connect localhost:${port} --ca ca.pem --json`);
    expect([code, stderr]).toEqual([0, ""]);
    const { negotiated, flights, error } = JSON.parse(stdout) as Facts;
    expect(negotiated).toMatchObject({ group: "X25519MLKEM768", peer: { verified: true } });
    expect(flights).toHaveLength(3);
    expect(error).toBeNull();
  });

  it("appends to a key log", async () => {
    const args = `connect localhost:${port} --ca ca.pem --key-log keys --json`;
    await cli.run(args);
    await cli.run(args);
    const lines = readFileSync(path("keys"), "utf8").trim().split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatch(/^CLIENT_HANDSHAKE_TRAFFIC_SECRET [0-9a-f]{64} [0-9a-f]{64}$/);
  });

  it("refuses a server that it cannot trust, and says what to do", async () => {
    const { code, stdout, stderr } = await cli.run(`connect localhost:${port}`);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/no path to a trust anchor.*--ca.*--insecure/);
  });

  it("trusts the certificates in NODE_EXTRA_CA_CERTS, as Node does", async () => {
    const env = { NODE_EXTRA_CA_CERTS: path("ca.pem") };
    const { code, stderr } = await cli.run(`connect localhost:${port}`, { env });
    expect([code, stderr]).toEqual([0, expect.stringContaining("CN=localhost, verified")]);
  });

  it("goes on with --insecure, and says why it should not", async () => {
    const { code, stdout, stderr } = await cli.run(`connect localhost:${port} --insecure`, {
      input: request,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^HTTP/);
    expect(stderr).toMatch(/not verified: no path to a trust anchor/);
  });

  it("refuses a certificate for another name, unless told which name to expect", async () => {
    const args = `connect 127.0.0.1:${port} --ca ca.pem --server-name`;
    const wrong = await cli.run(`${args} example.com`);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/another name.*--server-name/);
    expect((await cli.run(`${args} localhost`)).code).toBe(0);
  });

  it("tells of a refused handshake, as data too", async () => {
    const server = cli.start("serve --port 0 --group x25519");
    const place = `localhost:${(await server.saying(listening))[1]}`;
    const args = `connect ${place} --insecure --group MLKEM768`;
    const text = await cli.run(args);
    expect(text.code).toBe(1);
    expect(text.stderr).toMatch(/handshake_failure/);
    const data = await cli.run(`${args} --json`);
    expect(data.code).toBe(1);
    expect(JSON.parse(data.stdout)).toMatchObject({
      negotiated: null,
      error: { code: "peer_alert" },
    });
    await server.saying(/refused no group in common/);
  });

  it("says that nobody listens", async () => {
    const server = await listen();
    const free = portOf(server);
    server.close();
    await once(server, "close");
    const { code, stdout, stderr } = await cli.run(`connect localhost:${free}`);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^kemistry: localhost:\d+: nobody listens there[^\n]*\n$/);
  });

  it("says that there is no such host", async () => {
    const { code, stderr } = await cli.run("connect no-such-host.invalid:443");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kemistry: no-such-host\.invalid:443: [^\n]+\n$/);
  });

  it("tells a server that breaks off from one that ends", async () => {
    const server = createServer((socket) => socket.once("data", () => socket.end()));
    server.listen(0, "localhost");
    await once(server, "listening");
    const { code, stderr } = await cli.run(`connect localhost:${portOf(server)}`);
    server.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kemistry: the peer ended the stream without close_notify/);
  });

  it("waits for a slow answer as long as it is told, and for none that nobody asked for", async () => {
    const server = tls.createServer(
      { key: readFileSync(path("own.key")), cert: readFileSync(path("own.pem")) },
      (socket) => socket.once("data", () => setTimeout(() => socket.write("late"), 1800)),
    );
    server.listen(0, "localhost");
    await once(server, "listening");
    const args = `connect localhost:${portOf(server)} --insecure`;
    const patient = await cli.run(args, { input: "ask" });
    expect([patient.code, patient.stdout]).toEqual([0, "late"]);
    const hasty = await cli.run(`${args} --wait 1s`, { input: "ask" });
    expect([hasty.code, hasty.stdout]).toEqual([0, ""]);
    const begun = performance.now();
    const silent = await cli.run(args);
    expect([silent.code, silent.stdout]).toEqual([0, ""]);
    expect(performance.now() - begun).toBeLessThan(9000);
    server.close();
  });

  it("takes an address with and without brackets", async () => {
    const server = cli.start("serve --port 0 --host [::1]");
    const [, place] = await server.saying(/listening on https:\/\/(\[::1\]:\d+)\//);
    const { code, stderr } = await cli.run(`connect ${place} --insecure`);
    expect([code, stderr]).toEqual([0, expect.stringContaining("not verified")]);
  });

  it("opens a key with a passphrase, and needs it", async () => {
    const encrypted = createPrivateKey(readFileSync(path("user.key"))).export({
      type: "pkcs8",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase: "open sesame",
    });
    writeFileSync(path("locked.key"), encrypted);
    writeFileSync(path("word"), "open sesame\n");
    writeFileSync(path("wrong"), "close sesame\n");
    const args = `connect localhost:${port} --ca ca.pem --cert user.pem --key locked.key`;
    expect((await cli.run(`${args} --passphrase-file word`)).code).toBe(0);
    for (const [given, message] of [
      ["", /locked\.key .* is encrypted/],
      [" --passphrase-file wrong", /passphrase is wrong/],
      [" --passphrase-file none", /cannot read none/],
    ] as const) {
      const { code, stderr } = await cli.run(args + given);
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    }
    const lonely = await cli.run(`connect localhost:${port} --passphrase-file word`);
    expect([lonely.code, lonely.stderr]).toEqual([2, expect.stringMatching(/goes with --cert/)]);
  });

  it.each([
    ["--ca none.pem", /cannot read none\.pem: there is no such file/],
    ["--ca not.pem", /not\.pem is not usable as certificates to trust/],
    ["--ca .", /cannot read \.: it is a folder/],
    ["--key user.key", /--cert and --key go together/],
  ])("refuses %s in one line", async (args, message) => {
    const { code, stderr } = await cli.run(`connect localhost:${port} ${args}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^kemistry: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });
});

interface Facts {
  readonly negotiated: Record<string, unknown>;
  readonly flights: readonly { readonly from: string }[];
  readonly error: object | null;
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
