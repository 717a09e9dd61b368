/** What somebody has who installs the package, and nothing else. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../architecture/tree.ts";
import { buildCli, type Cli } from "../cli/cli.ts";

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

const read = (path: string): Package => JSON.parse(readFileSync(path, "utf8")) as Package;
const own = read(join(root, "package.json"));

/** All packages that come along, by the folders of this checkout. */
function closure(names: readonly string[], found = new Set<string>()): Set<string> {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const { dependencies = {} } = read(join(root, "node_modules", name, "package.json"));
    closure(Object.keys(dependencies), found);
  }
  return found;
}

const installed = closure(Object.keys(own.dependencies ?? {}));

let cli: Cli;
let folder: string;

beforeAll(() => {
  cli = buildCli();
  folder = mkdtempSync(join(tmpdir(), "kemistry-package-"));
  const put = (name: string, from: string): void => {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(from, join(folder, "node_modules", name), "junction");
  };
  for (const name of [...installed, "@types/node", "undici-types"]) {
    put(name, join(root, "node_modules", name));
  }
  // Its own modules must find no more than that
  const packaged = join(cli.folder, "package");
  rmSync(join(packaged, "node_modules"));
  symlinkSync(join(folder, "node_modules"), join(packaged, "node_modules"), "junction");
  put("kemistry", packaged);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
}, 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  cli.remove();
});

/** Runs a module in a process of its own that has nothing but the package. */
function run(source: string, ...flags: readonly string[]): { code: number | null; out: string } {
  writeFileSync(join(folder, "main.mjs"), source);
  const args = [...flags, join(folder, "main.mjs")];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    cwd: folder,
  });
  return { code: status, out: stdout + stderr };
}

const slow = { timeout: 60_000 };

describe("an install", slow, () => {
  it("is at most ten packages, itself included", () => {
    expect([...installed].length + 1).toBeLessThanOrEqual(10);
  });

  it("asks for no other package: what it can use beside is an optional peer", () => {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = own;
    expect(Object.keys(peerDependencies).length).toBeGreaterThan(0);
    for (const name of Object.keys(peerDependencies)) {
      expect([name, peerDependenciesMeta[name]?.optional]).toEqual([name, true]);
    }
  });

  it.each(Object.keys(own.exports))("has the face %s", (face) => {
    const name = `kemistry${face.slice(1)}`;
    const attributes = face.endsWith(".json") ? ', { with: { type: "json" } }' : "";
    const { code, out } = run(
      `const face = await import(${JSON.stringify(name)}${attributes}); console.log(Object.keys(face).length);`,
      "--no-warnings",
    );
    expect([code, Number(out) > 0, out]).toEqual([0, true, out]);
  });

  it("shakes hands", () => {
    const { code, out } = run(`
      import { once } from "node:events";
      import { connect, createDevelopmentCa, createServer, noble } from "kemistry/node";
      const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
      const server = createServer({ credentials: [ca.issue({ names: ["localhost"] })] }, (socket) => socket.end("hello"));
      server.listen(0, "localhost");
      await once(server, "listening");
      const socket = connect({ host: "localhost", port: server.address().port, ca: ca.pem });
      for await (const data of socket) console.log(String(data), socket.negotiated.group);
      server.close();`);
    expect([code, out]).toEqual([0, "hello X25519MLKEM768\n"]);
  });

  it.each([
    [
      "a token",
      'import { openToken } from "kemistry/node"; await openToken({ module: "/x.so", pin: "1", token: "t" })',
      "pkcs11js",
    ],
    ["a page with plots", null, "@observablehq/plot linkedom"],
  ])("says with which command %s becomes possible", async (_, source, packages) => {
    const results = JSON.stringify({});
    writeFileSync(join(folder, "results.json"), results);
    const { out } =
      source === null
        ? run(`
            import { spawnSync } from "node:child_process";
            const cli = "node_modules/kemistry/dist/src/cli/main.js";
            const made = spawnSync(process.execPath, [cli, "lab", "run", "wiggers2024", "--quick", "--repetitions", "2", "-o", "out"], { encoding: "utf8" });
            console.log(made.stderr);`)
        : run(`${source}.catch((error) => console.log(error.message));`);
    expect(out).toContain(`npm install ${packages}`);
  });

  it("has types that need nothing more than it brings, and @types/node", () => {
    // That of the laboratory has the types of its plots, and needs them where libraries are checked too
    const faces = Object.keys(own.exports).filter((face) => !/\.json$|lab$/.test(face));
    writeFileSync(
      join(folder, "types.ts"),
      faces.map((face, at) => `export * as face${at} from "kemistry${face.slice(1)}";`).join("\n"),
    );
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        join(root, "node_modules/typescript/lib/tsc.js"),
        "--noEmit",
        "--strict",
        "--module",
        "nodenext",
        "--target",
        "es2023",
        "--lib",
        "es2024,esnext,dom",
        "--types",
        "node",
        "types.ts",
      ],
      { encoding: "utf8", cwd: folder },
    );
    expect([status, stdout]).toEqual([0, ""]);
  });
});

it("is what publint wants", () => {
  const publint = join(root, "node_modules/publint/src/cli.js");
  const { status, stdout } = spawnSync(
    process.execPath,
    [publint, "run", join(cli.folder, "package"), "--pack", "false", "--strict"],
    {
      encoding: "utf8",
    },
  );
  expect([status, stdout]).toEqual([0, expect.stringContaining("All good!")]);
}, 60_000);
