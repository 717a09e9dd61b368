import { once } from "node:events";
import { writeFileSync } from "node:fs";
import * as http from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderProbe, wrap } from "../../src/cli/probe/render.ts";
import { native } from "../../src/node.ts";
import type { ProbeReport } from "../../src/probe/index.ts";
import { closeAll, listen, ours, probe, stumbling, usual } from "../probe/servers.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
let port: string;

beforeAll(async () => {
  cli = buildCli();
  const site = cli.start("serve --port 0 --write-ca ca.pem");
  port = (await site.saying(/https:\/\/localhost:(\d+)\//))[1] ?? "";
}, 60_000);
afterAll(() => {
  closeAll();
  cli?.remove();
});

const slow = { timeout: 90_000 };

describe("probe", slow, () => {
  it("says on one screen that a server is ready", async () => {
    const asked = `probe localhost:${port} --ca ca.pem --rate 1000`;
    const { code, stdout, stderr } = await cli.run(asked);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^localhost:\d+: ready for post-quantum TLS, 100 of 100\n/);
    expect(stdout).toContain("key exchange  X25519MLKEM768, ");
    const lines = stdout.split("\n");
    expect(lines.length).toBeLessThan(40);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it("gives it all as data, of all servers that a file names, once each", async () => {
    const dead = await closedPort();
    const list = `# ours\nlocalhost:${port}\n\n127.0.0.1:${dead} # dead\nlocalhost:${port}\n`;
    writeFileSync(join(cli.folder, "servers.txt"), list);
    const asked = `probe --file servers.txt --ca ca.pem --json --max-connections 9 --rate 1000`;
    const { code, stdout } = await cli.run(asked);
    expect(code).toBe(1);
    const { servers } = JSON.parse(stdout) as { servers: ProbeReport[] };
    expect(servers.map(({ host, verdict }) => [host, verdict])).toEqual([
      ["localhost", "ready"],
      ["127.0.0.1", "not reached"],
    ]);
    expect(servers[0]?.connections).toBe(9);
  });

  it("fails where a server is not ready, and where it is not trusted says so", async () => {
    const site = cli.start("serve --port 0 --group x25519");
    const [, classical] = await site.saying(/https:\/\/localhost:(\d+)\//);
    const { code, stdout } = await cli.run(`probe localhost:${classical} --rate 1000`);
    site.process.kill();
    expect(code).toBe(1);
    expect(stdout).toContain("not ready for post-quantum TLS, 25 of 100");
    expect(stdout).toMatch(/critical\n {2}no-post-quantum {2}it takes only x25519/);
    expect(stdout).toMatch(/serious\n {2}untrusted-chain /);
  });
});

describe("probe of what is no TLS server", slow, () => {
  it("says that nobody listens", async () => {
    const { code, stdout } = await cli.run(`probe 127.0.0.1:${await closedPort()}`);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^127\.0\.0\.1:\d+: not reached\n127\.0\.0\.1:\d+: nobody listens/);
  });

  it("says that there is no such host", async () => {
    const { code, stdout } = await cli.run("probe nowhere.invalid");
    expect(code).toBe(1);
    expect(stdout).toMatch(/nowhere\.invalid:443: (there is no host|the name cannot be looked up)/);
  });

  it.each([
    ["SSH-2.0-OpenSSH_10.0\r\n", /"SSH-2.0-OpenSSH_10.0"; that is SSH/],
    ["220 mail ESMTP\r\n", /"220 mail ESMTP"; for mail servers add\s+--starttls smtp/],
    ["\u001b]0;pwned\u0007\r\n", /says "\\[^\]]+\]0;pwned\\/],
  ])("quotes %j and says what it is", async (greeting, expected) => {
    const at = await listen((socket) => void socket.write(greeting));
    const { code, stdout } = await cli.run(`probe 127.0.0.1:${at}`);
    expect(code).toBe(1);
    expect(stdout).toMatch(expected);
  });

  it("tells plain HTTP", async () => {
    const server = http.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const at = (server.address() as AddressInfo).port;
    const { stdout } = await cli.run(`probe 127.0.0.1:${at}`);
    server.close();
    expect(stdout).toMatch(/"HTTP\/1.1 400 Bad Request"; that is plain HTTP/);
  });
});

describe.concurrent("probe with wrong arguments", slow, () => {
  it.each([
    ["probe", /name a host, or a file of hosts with --file/],
    ["probe --file /dev/null", /dev\/null names no host: write one a line/],
    ["probe localhost:http", /write it as host:port/],
    ["probe user@localhost", /write it as host:port/],
    ["probe localhost:0", /write it as host:port/],
    ["probe --file none.txt", /cannot read none.txt/],
    ["probe localhost --starttls ftp", /Allowed choices are smtp, imap/],
    ["probe localhost --listen", /a host does not go with --listen/],
    ["probe --listen --max-connections 5", /--max-connections does not go with --listen/],
    ["probe localhost --port 443", /--port needs --listen/],
    ["probe localhost --rate 0", /number from 0.1 to 10000/],
    ["probe localhost --max-connections none", /whole number from 1 to 10000/],
  ])("%s is refused in one line", async (args, message) => {
    const { code, stdout, stderr } = await cli.run(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^kemistry: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });
});

describe("probe --listen", slow, () => {
  it("says once what a client offers, and what comes of each connection", async () => {
    const probing = cli.start("probe --listen --port 0 --host 127.0.0.1");
    const [, at] = await probing.saying(/https:\/\/127\.0\.0\.1:(\d+)\//);
    for (let time = 0; time < 2; time++) {
      await cli.run(`connect 127.0.0.1:${at} --insecure --group x25519,X25519MLKEM768 --json`);
    }
    probing.process.kill("SIGTERM");
    const { stdout, code } = await probing.outcome;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^127\.0\.0\.1: knows a post-quantum exchange, and waits to be asked/);
    expect(stdout.match(/key shares {4}x25519 32\n/g)).toHaveLength(1);
    expect(stdout).toMatch(/JA4 {11}t13i03\d{2}00_[\da-f]{12}_[\da-f]{12}\n/);
    expect(stdout).toMatch(/\+ as it comes: X25519MLKEM768, TLS_AES_128_GCM_SHA256 \(\d to come\)/);
    expect(stdout).toMatch(/\+ asked again for X25519MLKEM768: obeys, and brings the cookie back/);
  });

  it("gives each connection as a line of JSON", async () => {
    const probing = cli.start("probe --listen --port 0 --json");
    const [, at] = await probing.saying(/https:\/\/localhost:(\d+)\//);
    await cli.run(`connect localhost:${at} --insecure --group x25519 --json`);
    probing.process.kill("SIGTERM");
    const { stdout } = await probing.outcome;
    const visit = JSON.parse(stdout) as { hello: { groups: string[] }; result: object };
    expect(visit.hello.groups).toEqual(["x25519"]);
    expect(visit.result).toMatchObject({ name: "as it comes", passed: true });
  });
});

describe("the screen", slow, () => {
  it.each([60, 80, 120])("fits %i columns", async (width) => {
    const report = await probe(await listen(stumbling(usual(native))), { provider: native });
    const lines = stripVTControlCharacters(renderProbe(report, width)).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(lines.join(" ")).toMatch(/critical\s+large-hello/);
  });

  it("says what was not asked, and why", async () => {
    const report = await probe(await listen(ours(usual(native))), { maxConnections: 2 });
    expect(stripVTControlCharacters(renderProbe(report, 200))).toContain(
      "\n\nnot asked  versions, tls12, groups, hybrid, handshake, suites, schemes, sessions, reuse, " +
        "delivery, tolerance, alerts, extensions: 2 connections are used up",
    );
  });

  it("breaks between words, and keeps what is longer than a line", () => {
    expect(wrap("  a bb ccc dddddddddd e", 8, 4)).toEqual([
      "  a bb",
      "    ccc",
      "    dddddddddd",
      "    e",
    ]);
  });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: free } = server.address() as AddressInfo;
  server.close();
  return free;
}
