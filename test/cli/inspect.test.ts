import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(async () => {
  cli = buildCli();
  const options = "--seed one --pcap h.pcapng --trace h.json --key-log keys.txt";
  const { code } = await cli.run(`handshake ${options}`);
  expect(code).toBe(0);
}, 60_000);
afterAll(() => cli?.remove(), 60_000);
const at = (name: string): string => join(cli.folder, name);
const slow = { timeout: 60_000 };

interface Inspected {
  readonly problem: string | null;
  readonly packets?: number;
  readonly connections: readonly {
    readonly protocol: string;
    readonly facts: { readonly group: string | null };
    readonly ledger: { readonly flights: unknown; readonly totals: unknown };
    readonly proofs: readonly { readonly verdict: string }[];
    readonly dump?: readonly { readonly type: string; readonly fields: unknown[] }[];
  }[];
}

async function inspect(what: string): Promise<Inspected> {
  const { code, stdout, stderr } = await cli.run(`inspect ${what} --json`);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Inspected;
}

describe("inspect", slow, () => {
  it("says of our own capture what the run said of itself, and of its trace the same", async () => {
    const { stdout } = await cli.run("handshake --seed one --json");
    const { flights, totals } = JSON.parse(stdout) as Inspected["connections"][number]["ledger"];
    for (const file of ["h.pcapng", "h.json"]) {
      const [connection] = (await inspect(file)).connections;
      expect(connection).toMatchObject({ protocol: "TLS 1.3", ledger: { flights, totals } });
      expect(connection?.proofs.map(({ verdict }) => verdict)).toEqual(["right", "right", "right"]);
    }
  });

  it("prints the ledger, what was negotiated, and what was proved", async () => {
    const { code, stdout } = await cli.run("inspect h.pcapng");
    expect(code).toBe(0);
    expect(stdout).toContain("192.0.2.1:49152 → 198.51.100.1:443  TLS 1.3");
    expect(stdout).toContain("X25519MLKEM768, post-quantum, hybrid");
    expect(stdout).toContain("right  finished of the client");
    expect(stdout).toContain("7 packets, 1 connection");
    const dumped = await cli.run("inspect h.pcapng --dump");
    expect(dumped.stdout).toContain("server sends 36 bytes, handshake keys");
    const [connection] = (await inspect("h.pcapng --dump")).connections;
    expect(connection?.dump?.map(({ type }) => type).at(-1)).toBe("finished");
  });

  it("reads a tape with its views, and opens raw records with a key log", async () => {
    await cli.run("attack strip-hybrid --save tapes --secrets");
    const { connections } = await inspect("tapes/strip-hybrid.tape");
    expect(connections).toMatchObject([
      { place: "at the client", facts: { group: "x25519" } },
      { place: "at the server", facts: { group: "x25519" } },
    ]);
    const { events } = JSON.parse(readFileSync(at("h.json"), "utf8")) as {
      events: { direction: string; bytes: string }[];
    };
    const sent = events.filter(({ direction }) => direction === "sent");
    writeFileSync(at("records"), Buffer.from(sent.map(({ bytes }) => bytes).join(""), "hex"));
    const [sealed] = (await inspect("records")).connections;
    expect(sealed?.proofs).toEqual([]);
    const [open] = (await inspect("records --key-log keys.txt")).connections;
    expect(open?.proofs.map(({ verdict }) => verdict)).toEqual(["right", "right", "right"]);
  });

  it("explains a connection on a page", async () => {
    expect(await cli.run("inspect h.pcapng --html page.html")).toMatchObject({ code: 0 });
    const page = readFileSync(at("page.html"), "utf8");
    expect(page).toContain("<h1>X25519MLKEM768</h1>");
    expect(page).toContain('id="certificate_verify');
    writeFileSync(at("empty.json"), '{"kemistry":"trace","version":1,"events":[],"keyLog":[]}');
    const { code, stderr } = await cli.run("inspect empty.json --html none.html");
    expect([code, stderr]).toEqual([2, expect.stringContaining("has no connection of TLS")]);
  });

  it("chooses a connection by its number", async () => {
    await cli.run("attack strip-hybrid honest --pcap all.pcapng");
    expect((await inspect("all.pcapng")).connections).toHaveLength(3);
    const { connections } = await inspect("all.pcapng --connection 3");
    expect(connections).toMatchObject([{ facts: { group: "X25519MLKEM768" } }]);
    const { code, stderr } = await cli.run("inspect all.pcapng --connection 4");
    expect([code, stderr]).toEqual([2, expect.stringContaining("all.pcapng has 3 connections")]);
  });

  it("reads a file that was cut up to there, and says so", async () => {
    const file = readFileSync(at("h.pcapng"));
    writeFileSync(at("cut.pcapng"), file.subarray(0, -100));
    const { code, stdout, stderr } = await cli.run("inspect cut.pcapng");
    expect([code, stderr]).toEqual([0, expect.stringContaining("in the middle of a packet")]);
    expect(stdout).toContain("X25519MLKEM768");
  });

  it.each([
    ["nothing", "", "is not a capture (pcap, pcapng), a tape, a trace, or records of TLS"],
    ["text", "hello", "is not a capture"],
    ["other.json", "{}", "kemistry: expected trace, got nothing"],
    ["bad.tape", '{"kemistry":"tape"}', "line 1"],
    ["cut", "\xa1\xb2\xc3\xd4\0\0", "the file ends in the middle of a packet"],
  ])("refuses %s with a line that says why", async (name, content, reason) => {
    writeFileSync(at(name), content, "latin1");
    const { code, stdout, stderr } = await cli.run(`inspect ${name}`);
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringContaining(reason)]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("refuses files that are not there, and keys that are none", async () => {
    expect(await cli.run("inspect gone")).toMatchObject({ code: 2, stdout: "" });
    expect(await cli.run("inspect h.json --psk xyz")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--psk takes a key in hexadecimal") as unknown,
    });
  });
});
