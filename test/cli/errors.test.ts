import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsOfError, UsageError } from "../../src/cli/errors.ts";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
/** What a test may take on a busy machine. */
const slow = { timeout: 60_000 };

beforeAll(async () => {
  cli = buildCli();
  mkdirSync(join(cli.folder, "folder"));
  writeFileSync(join(cli.folder, "garbage"), "neither PEM nor JSON\n");
  for (const command of [
    "pki init",
    "pki issue ca --profile intermediate",
    "pki issue web --issuer ca --dns localhost",
  ]) {
    const { code, stderr } = await cli.run(command);
    expect([code, stderr]).toEqual([0, ""]);
  }
}, 120_000);
afterAll(() => cli?.remove(), 60_000);

describe("an error with --json", slow, () => {
  it.each([
    ["hanshake --json", 2, { kind: "usage", message: /Did you mean handshake/ }],
    ["groups --json extra", 2, { kind: "usage", message: /too many arguments/ }],
    ["handshake --group zzz --json", 2, { kind: "usage", message: /there is no group/ }],
    ["connect --json localhost:1", 1, { kind: "failed", message: /:1: /, code: "ECONNREFUSED" }],
    ["pki show gone --json", 2, { kind: "usage", message: /cannot read gone/ }],
    ["inspect gone --json", 2, { kind: "usage", message: /gone: there is no such file$/ }],
    ["vectors --corpus gone --json", 2, { kind: "usage", message: /gone: there is no such file$/ }],
    ["pki revoke nobody --json", 2, { kind: "usage", message: /there is no "nobody" here/ }],
    ["bench zzz --json -", 2, { kind: "usage", message: /there is no benchmark/ }],
  ])("%s is an object on stdout, with the exit code %i", async (args, exit, expected) => {
    const { code, stdout, stderr } = await cli.run(args);
    const { error } = JSON.parse(stdout) as { error: Record<string, string> };
    expect(code).toBe(exit);
    expect(error["kind"]).toBe(expected.kind);
    expect(error["message"]).toMatch(expected.message);
    expect(error["code"]).toBe("code" in expected ? expected.code : undefined);
    expect(stderr).toBe(`kemistry: ${error["message"]}\n`);
  });

  it("is not printed where --json takes a file, or was not asked for", async () => {
    for (const args of ["bench zzz --json r.json", "handshake --group zzz"]) {
      const { code, stdout, stderr } = await cli.run(args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^kemistry: there is no /);
    }
  });

  it("does not follow what a command has printed as its one document", async () => {
    writeFileSync(join(cli.folder, "empty.json"), "{}");
    const { code, stdout } = await cli.run("vectors --corpus garbage garbage --json");
    expect(code).toBe(2);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  });
});

describe("a file that cannot be used", slow, () => {
  const chain = "pki/live/web/chain.pem";
  const reading = [
    "serve --port 0 --client-ca FILE",
    "serve --port 0 --cert FILE --key FILE",
    "connect localhost:1 --ca FILE",
    `connect localhost:1 --cert ${chain} --key FILE`,
    "pki show FILE",
    "pki show --dir FILE",
    "pki sign-request x FILE",
    "pki ocsp --request FILE",
    "authority list --dir FILE",
    "vectors --corpus FILE",
    "bench compare FILE FILE",
    "lab check FILE",
    "lab check wiggers2024 --measured FILE",
    "lab check wiggers2024 --with FILE",
    "lab merge FILE -o merged",
    "lab report FILE",
    "report FILE",
    "attack ./FILE",
    "replay FILE",
  ];
  it.each(reading)("is refused by %s with exit code 2, and named", async (args) => {
    for (const file of ["gone", "folder", "garbage"]) {
      const { code, stderr } = await cli.run(args.replaceAll("FILE", file));
      expect([file, code, stderr]).toEqual([file, 2, expect.stringMatching(/^kemistry: /)]);
      expect(stderr.toLowerCase()).toContain(file);
    }
  });

  it.each([
    "serve --port 0 --write-ca FILE",
    "serve --port 0 --key-log FILE",
    "connect localhost:1 --key-log FILE",
    "pki ocsp ca --out FILE",
    "vectors generate --group x25519 --out FILE/x",
    "bench --json FILE",
    "bench --csv FILE",
    "lab init FILE",
    "lab run wiggers2024 --quick -o FILE/x",
    "attack honest --save FILE/x",
    "attack reads-once --listen localhost:0 --to localhost:1 --key-log FILE",
  ])("is refused by %s, which would write there, or read later", async (args) => {
    const places = args.includes("FILE/x") ? ["garbage"] : ["folder"];
    for (const place of places) {
      const { code, stderr } = await cli.run(args.replaceAll("FILE", place));
      expect([place, code]).toEqual([place, 2]);
      expect(stderr).toMatch(/^kemistry: [^\n]+\n$/);
    }
  });

  it("is known by its error, wherever that comes from; one of a socket is none", () => {
    const missing = Object.assign(new Error("ENOENT: …"), {
      code: "ENOENT",
      syscall: "open",
      path: "a.pem",
    });
    expect(factsOfError(missing)).toEqual({
      kind: "usage",
      code: "ENOENT",
      message: "cannot use a.pem: there is no such file or folder",
    });
    const full = { code: "ENOSPC", syscall: "write" };
    const disk = Object.assign(new Error("ENOSPC: …"), full);
    expect(factsOfError(disk)).toEqual({
      kind: "usage",
      code: "ENOSPC",
      message: "cannot write: the disk is full",
    });
    const copy = Object.assign(new Error("ENOSPC: …"), { ...full, path: "a", dest: "b" });
    expect(factsOfError(copy).message).toBe("cannot write b: the disk is full");
    const refused = Object.assign(new Error("connect ECONNREFUSED"), {
      code: "ECONNREFUSED",
      syscall: "connect",
    });
    expect(factsOfError(refused).kind).toBe("failed");
    expect(factsOfError(new UsageError("x"))).toEqual({ kind: "usage", message: "x" });
  });
});
