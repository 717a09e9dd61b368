import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCli, type Cli } from "./cli.ts";

let cli: Cli;
beforeAll(() => {
  cli = buildCli();
}, 60_000);
afterAll(() => cli?.remove(), 60_000);

const read = (name: string): string => readFileSync(join(cli.folder, name), "utf8");
const slow = { timeout: 60_000 };

describe("interop", slow, () => {
  it("gives a matrix as data, as Markdown and as a page, and what was seen", async () => {
    const { code, stdout, stderr } = await cli.run(
      "interop kemistry --test group-x25519 alpn-none-in-common --json --md m.md -o m.html --traces seen",
    );
    expect([code, stderr]).toEqual([0, "kemistry to kemistry: 2 passed\n"]);
    const { cells } = JSON.parse(stdout) as { cells: { outcome: string; seen: object[] }[] };
    expect(cells.map(({ outcome }) => outcome)).toEqual(["passed", "passed"]);
    expect(cells[0]?.seen[0]).toMatchObject({ group: "x25519", opened: true });
    expect(read("m.md")).toContain("| group-x25519 | ✓ |");
    expect(read("m.html")).toContain("<h1>Interoperability</h1>");
    const name = "seen/kemistry-to-kemistry-group-x25519";
    expect(read(`${name}.txt`)).toContain("client_hello of the");
    // A click on its mark opens the handshake, explained
    expect(read("m.html")).toContain(`<span class="reached"><a href="${name}.html">✓</a></span>`);
    expect(read("m.md")).not.toContain(name);
    expect(read(`${name}.html`)).toMatch(/<b>client<\/b> open.*<h2 id="flights-title">/s);
  });

  it("says which peers and cases there are", async () => {
    const { code, stdout } = await cli.run("interop --list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kemistry +kemistry +\d/m);
    expect(stdout).toMatch(/^resume-hybrid +resumption +A resumed connection/m);
  });

  it("takes a peer from a file, and prints one that could be such a file", async () => {
    const { stdout } = await cli.run("interop --describe openssl");
    const peer = JSON.parse(stdout) as { name: string; program: string[] };
    expect(peer.name).toBe("openssl");
    const gone = { ...peer, name: "mine", program: ["nowhere/mine"] };
    writeFileSync(join(cli.folder, "mine.json"), JSON.stringify(gone));
    const { code, stderr } = await cli.run("interop mine.json");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/mine: not here: npm run peers/)]);
  });

  it.each([
    ["interop nobody", /there is no peer "nobody"; kemistry interop --list names them all/],
    ["interop kemistry --test nothing", /there is no case "nothing"/],
    ["interop kemistry --remarks more.md", /--remarks goes with --md/],
    ["interop gone.json", /cannot read gone\.json: there is no such file/],
  ])("refuses %s", async (command, reason) => {
    const { code, stderr } = await cli.run(command);
    expect(code).toBe(2);
    expect(stderr).toMatch(reason);
  });
});
