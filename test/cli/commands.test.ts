import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { root } from "../architecture/tree.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const names = commands.map((command) => command.name);
/** What a test may take on a busy machine. */
const slow = { timeout: 60_000 };

/** Every command without commands below it, by how it is called. */
async function leaves(): Promise<[string, Command][]> {
  const below = (command: Command, path: string): [string, Command][] =>
    command.commands.length === 0
      ? [[path, command]]
      : command.commands.flatMap((each) => below(each, `${path} ${each.name()}`));
  const all = commands.map(async ({ name, load }) => {
    const command = new Command(name);
    (await load()).define(command);
    return below(command, name);
  });
  return (await Promise.all(all)).flat();
}

it("every command has examples, of itself", async () => {
  const found = await leaves();
  expect(found.length).toBeGreaterThan(names.length);
  const without = found.filter(([path, command]) => {
    let help = "";
    command.configureOutput({ writeOut: (text) => void (help += text) });
    command.outputHelp();
    return help.split("\nExamples:\n")[1]?.includes(`  kemistry ${path}`) !== true;
  });
  expect(without.map(([path]) => path)).toEqual([]);
}, 60_000);

describe("help", slow, () => {
  it("names every command, and fits 80 columns", async () => {
    const { code, stdout, stderr } = await cli.run("--help");
    expect([code, stderr]).toEqual([0, ""]);
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });

  it.each(names)("of %s says its options, with --help and as help ", async (name) => {
    const [option, command] = await Promise.all([
      cli.run(`${name} --help`),
      cli.run(`help ${name}`),
    ]);
    expect([option.code, option.stderr]).toEqual([0, ""]);
    expect(option.stdout).toContain(`Usage: kemistry ${name}`);
    expect(option.stdout).toContain("--json");
    expect(longest(option.stdout)).toBeLessThanOrEqual(80);
    expect(command).toEqual(option);
  });

  it("is what a bare call gets, as an error", async () => {
    const { code, stdout, stderr } = await cli.run("");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Usage: kemistry");
  });

  it("gives the package's version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      version: string;
    };
    expect(await cli.run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe.concurrent("wrong arguments", slow, () => {
  it.each([
    ["hanshake", /unknown command 'hanshake' \(Did you mean handshake\?\)/],
    ["handshake --gruop x25519", /unknown option '--gruop' \(Did you mean --group\?\)/],
    ["handshake --nonsense", /unknown option '--nonsense'; see kemistry handshake --help/],
    ["handshake extra", /too many arguments .*; see kemistry handshake --help/],
    ["handshake --group", /argument missing/],
    ["handshake --group X25519MLKEM786", /there is no group .* did you mean X25519MLKEM768/],
    ["handshake --group zzz", /kemistry groups names them all/],
    ["handshake --cipher TLS_AES_128_GCM_SHA265", /did you mean TLS_AES_128_GCM_SHA256/],
    ["handshake --signature mldsa66", /did you mean mldsa65/],
    ["handshake --signature rsa_pkcs1_sha256", /for certificates only/],
    ["handshake --provider openssl", /Allowed choices are noble, native, oqs/],
    ["handshake --provider noble --signature rsa_pss_rsae_sha256", /noble .*native provider/],
    ["handshake --mss none", /whole number from 1 to 65535/],
    ["serve --port 70000", /whole number from 0 to 65535/],
    ["serve --group x25519,zzz", /there is no group "zzz"/],
    ["connect", /missing required argument 'host:port'/],
    ["connect localhost:http", /write it as host:port/],
    ["connect :4433", /write it as host:port/],
  ])("%s is refused in one line", async (args, message) => {
    const { code, stdout, stderr } = await cli.run(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^kemistry: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });
});

describe("handshake", slow, () => {
  it("prints pure JSON with the exact sizes of both key shares", async () => {
    const { code, stdout, stderr } = await cli.run("handshake --group X25519MLKEM768 --json");
    expect([code, stderr]).toEqual([0, ""]);
    const ledger = JSON.parse(stdout) as LedgerText;
    expect(ledger.negotiated).toMatchObject({
      group: "X25519MLKEM768",
      postQuantum: true,
      cipherSuite: "TLS_AES_128_GCM_SHA256",
    });
    const shares = ledger.flights.flatMap(({ messages }) =>
      messages.flatMap(({ keyShares }) => keyShares ?? []),
    );
    expect(shares.map((share) => share.bytes)).toEqual([1216, 1120]);
    expect(ledger.flights[0]?.messages[0]?.bytes).toBeGreaterThan(1216);
    expect(ledger.operations.client.map((row) => row.operation)).toContain("decapsulate");
  });

  it("writes a page that explains it, to a file or alone to stdout", async () => {
    const { code, stdout, stderr } = await cli.run("handshake --html page.html --json");
    expect([code, stderr]).toEqual([0, ""]);
    const html = readFileSync(join(cli.folder, "page.html"), "utf8");
    expect(html).toContain('id="client_hello.key_share[0].keyExchange.ML-KEM-768"');
    expect(html).toContain("The key log says the same");
    expect((JSON.parse(stdout) as LedgerText).negotiated).toMatchObject({ postQuantum: true });
    const piped = await cli.run("handshake --html - --json");
    expect(piped.stdout).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  });

  it("resumes, and sends early data", async () => {
    const [resumed, early] = await Promise.all(
      ["--resume", "--early-data"].map((option) => cli.run(`handshake ${option} --json`)),
    );
    expect([resumed?.stderr, early?.stderr]).toEqual(["", ""]);
    const negotiated = (stdout = "") => (JSON.parse(stdout) as LedgerText).negotiated;
    const hybrid = { resumed: true, postQuantum: true, hybrid: true };
    expect(negotiated(resumed?.stdout)).toMatchObject({ ...hybrid, earlyData: "none" });
    expect(negotiated(early?.stdout)).toMatchObject({ ...hybrid, earlyData: "accepted" });
  });

  it("takes every option, in any case of a name or by a part of it", async () => {
    const { code, stdout } = await cli.run(
      "handshake --group secp256r1mlkem768 --cipher chacha20 --signature ed25519 --provider noble --mutual --retry --json",
    );
    expect(code).toBe(0);
    const { negotiated, provider } = JSON.parse(stdout) as LedgerText;
    expect(provider).toBe("noble");
    expect(negotiated).toMatchObject({
      group: "SecP256r1MLKEM768",
      cipherSuite: "TLS_CHACHA20_POLY1305_SHA256",
      retried: true,
      peerSignatureScheme: "ed25519",
      signatureScheme: "ed25519",
      backends: { aead: "@noble/ciphers" },
    });
  });

  it("prints a ledger for people, 80 columns wide and without colours in a pipe", async () => {
    const { code, stdout } = await cli.run("handshake --mutual --retry");
    expect(code).toBe(0);
    expect(stdout).toMatch(/key share X25519MLKEM768 1216\n/);
    expect(stdout).toMatch(/hello_retry_request +\d+ {2}asks for X25519MLKEM768\n/);
    expect(stdout).not.toContain("\u001b");
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });

  it("heeds FORCE_COLOR and NO_COLOR", async () => {
    const coloured = await cli.run("groups", { env: { FORCE_COLOR: "1" } });
    expect(coloured.stdout).toContain("\u001b[");
    const plain = await cli.run("groups", { env: { NO_COLOR: "1" } });
    expect(plain.stdout).not.toContain("\u001b");
  });

  it("dumps every message by field", async () => {
    const { code, stdout } = await cli.run("handshake --dump");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^client sends \d+ bytes, plaintext keys$/m);
    expect(stdout).toMatch(/^0000 {2}01 +msg_type {2}client_hello$/m);
    expect(stdout).toMatch(/ML-KEM-768 {2}ciphertext, 1088 bytes$/m);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
  });

  it("dumps as data too, whose hex is the whole message", async () => {
    const { stdout } = await cli.run("handshake --dump --json");
    const { dump, flights } = JSON.parse(stdout) as LedgerText;
    const messages = flights.flatMap((flight) => flight.messages);
    expect(dump.map(({ type, hex }) => [type, hex.length / 2])).toEqual(
      messages.map(({ type, bytes }) => [type, bytes]),
    );
  });
});

describe("the lists", slow, () => {
  it.each(["groups", "suites", "signatures"])("%s has names, codes and back ends", async (name) => {
    const [text, json] = await Promise.all([cli.run(name), cli.run(`${name} --json`)]);
    expect([text.code, json.code]).toEqual([0, 0]);
    expect(longest(text.stdout)).toBeLessThanOrEqual(80);
    const rows = JSON.parse(json.stdout) as {
      name: string;
      code: number;
      candidate?: string;
      backends: object;
    }[];
    for (const { name: entry, code, candidate, backends } of rows) {
      expect(text.stdout).toMatch(
        new RegExp(`\\b${entry}\\b.*0x${code.toString(16).padStart(4, "0")}`),
      );
      expect(Object.keys(backends)).toEqual(candidate ? ["oqs"] : ["noble", "native"]);
    }
    const all = rows.map(({ name: entry }) => entry);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain({ groups: "x25519_hqc128", signatures: "mayo2" }[name] ?? all[0]);
  });

  it("says that noble does not sign with RSA, and does with the others", async () => {
    const { stdout } = await cli.run("signatures --json");
    const rows = JSON.parse(stdout) as {
      keyType: string;
      candidate?: string;
      backends: { noble: { signs: boolean }; native: { signs: boolean } };
    }[];
    for (const { keyType, backends } of rows.filter(({ candidate }) => candidate === undefined)) {
      expect([keyType, backends.noble.signs]).toEqual([keyType, !keyType.startsWith("rsa")]);
      expect(backends.native.signs).toBe(true);
    }
  });
});

describe("demo", slow, () => {
  it("compares both kinds of key exchange and all providers, and says what ran", async () => {
    const { code, stdout } = await cli.run("demo --rounds 1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/client's key share, bytes +1216 +32\n/);
    expect(stdout).toContain("Where to go next");
    expect(stdout).toMatch(/key exchange ran on\n {2}liboqs .*ML-KEM-768.*\n {2}node:crypto, /);
    expect(longest(stdout)).toBeLessThanOrEqual(80);
    // It ends with the page of what it has just run
    const page = new URL(/^ {2}(file:.*\/handshake\.html)\n$/m.exec(stdout)?.[1] ?? "");
    const html = readFileSync(page, "utf8");
    rmSync(new URL(".", page), { recursive: true });
    expect(html).toContain('id="client_hello.key_share[0].keyExchange.ML-KEM-768"');
    expect(html).toContain("The key log says the same");
  });

  it("does so as data", async () => {
    const { code, stdout } = await cli.run("demo --rounds 1 --json");
    expect(code).toBe(0);
    const { hybrid, classical, speeds } = JSON.parse(stdout) as Record<
      "hybrid" | "classical",
      LedgerText
    > & { speeds: { cpuMilliseconds: number; provider: string; backends: string[] }[] };
    expect(hybrid.negotiated).toMatchObject({ postQuantum: true });
    expect(classical.negotiated).toMatchObject({ postQuantum: false });
    expect(speeds.map(({ provider, backends }) => [provider, backends.length])).toEqual([
      ["native", 2],
      ["native", 1],
      ["noble", 2],
      ["noble", 1],
      // liboqs is installed here
      ["oqs", 2],
      ["oqs", 1],
    ]);
    expect(speeds[4]!.backends[0]).toMatch(/^liboqs /);
    for (const { cpuMilliseconds } of speeds) expect(cpuMilliseconds).toBeGreaterThan(0);
  });
});

it("does not mind a reader that has seen enough", async () => {
  const { process: child, outcome } = cli.start("handshake --dump");
  child.stdout.destroy();
  expect(await outcome).toMatchObject({ code: 0, stderr: "" });
});

interface LedgerText {
  readonly provider: string;
  readonly negotiated: Record<string, unknown>;
  readonly flights: readonly {
    readonly messages: readonly {
      readonly type: string;
      readonly bytes: number;
      readonly keyShares?: readonly { readonly bytes: number }[];
    }[];
  }[];
  readonly operations: { readonly client: readonly { readonly operation: string }[] };
  readonly dump: readonly { readonly type: string; readonly hex: string }[];
}

const longest = (text: string): number =>
  Math.max(...text.split("\n").map((line) => Array.from(line).length));
