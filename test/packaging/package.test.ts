/** What somebody has who installs the package, and nothing else. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../architecture/tree.ts";
import { buildCli, type Cli } from "../cli/cli.ts";

interface Package {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin: Readonly<Record<string, string>>;
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
/** Bytes of the tarball. */
let packed: number;

beforeAll(async () => {
  const { buildPlayground } = (await import(
    pathToFileURL(join(root, "src/play/build.mjs")).href
  )) as { buildPlayground(to: string): Promise<void> };
  cli = buildCli();
  folder = mkdtempSync(join(tmpdir(), "kemistry-package-"));
  const put = (name: string, from: string): void => {
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(from, join(folder, "node_modules", name), "junction");
  };
  for (const name of [...installed, "@types/node", "undici-types"]) {
    put(name, join(root, "node_modules", name));
  }
  const source = join(cli.folder, "package");
  await buildPlayground(join(source, "dist/play"));
  packed = unpack(source, join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
}, 180_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  cli.remove();
});

/**
 * What npm would publish, where npm would install it: its own modules find nothing beside.
 * @returns bytes of the tarball
 */
function unpack(source: string, modules: string): number {
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    cpSync(join(root, name), join(source, name));
  }
  rmSync(join(source, "node_modules"));
  const output = command("npm", ["pack", "--ignore-scripts", "--json", source], folder);
  const [{ filename, size }] = JSON.parse(output) as [
    { readonly filename: string; readonly size: number },
  ];
  command("tar", ["-xzf", filename], folder);
  cpSync(join(folder, "package"), join(modules, "kemistry"), { recursive: true });
  mkdirSync(join(modules, ".bin"));
  const [[name, path]] = Object.entries(own.bin) as [[string, string]];
  const program = join(modules, "kemistry", path);
  chmodSync(program, 0o755);
  symlinkSync(program, join(modules, ".bin", name));
  return size;
}

/** What a command prints. */
function command(name: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(name, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${name} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

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

const slow = { timeout: 180_000 };

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

  it("is a program, which prints nothing but what it was asked for", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      readonly version: string;
    };
    const npx = (...args: readonly string[]): string =>
      command("npx", ["--no-install", "kemistry", ...args], folder);
    expect(npx("--version")).toBe(`${version}\n`);
    expect(JSON.parse(npx("groups", "--json"))).toContainEqual(
      expect.objectContaining({ name: "X25519MLKEM768" }),
    );
  });

  it("has no file that nobody needs", () => {
    const files = readdirSync(join(folder, "node_modules/kemistry"), { recursive: true });
    expect(files.length).toBeGreaterThan(500);
    expect(
      files.filter((name) => /\.map$|\.ts$(?<!\.d\.ts)|^test|^docs/.test(String(name))),
    ).toEqual([]);
  });

  /** How each optional package comes to be needed, where it is the caller who needs it. */
  const needs: Readonly<Record<string, string>> = {
    pkcs11js:
      'const { openToken } = await import("kemistry/node"); await openToken({ module: "/x.so", pin: "1", token: "t" })',
    "@observablehq/plot":
      'const { loadRenderer } = await import("kemistry/lab"); await loadRenderer()',
    linkedom: 'const { loadRenderer } = await import("kemistry/lab"); await loadRenderer()',
    "@oqs/liboqs-js":
      'const { loadOqs } = await import("kemistry/oqs"); await loadOqs(["HQC-128"])',
    tinybench: "throw new Error(program('bench', 'floor', '--quick'))",
    pg: "throw new Error(program('pki', 'init', '--database', 'postgresql://a@127.0.0.1:1/b'))",
  };
  /** The caller makes what is given. */
  const given = ["ioredis", "libsodium-wrappers"];

  it("knows how each optional package is asked for", () => {
    const names = Object.keys(own.peerDependencies ?? {});
    expect([...Object.keys(needs), ...given].toSorted()).toEqual(names.toSorted());
  });

  it.each(Object.entries(needs))("says how to install %s when it is needed", (name, need) => {
    const { out } = run(`
      import { spawnSync } from "node:child_process";
      const program = (...args) => {
        const all = ["--no-install", "kemistry", ...args];
        return spawnSync("npx", all, { encoding: "utf8" }).stderr;
      };
      try {
        ${need};
      } catch (error) {
        console.log(error.message);
      }`);
    expect(out).toMatch(new RegExp(`npm install ([^ ]+ )*${name}`));
  });

  it("has types that need nothing more than it brings, and @types/node", () => {
    const faces = Object.keys(own.exports).filter((face) => !face.endsWith(".json"));
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

it("is less than two megabytes to fetch, playground and all", () => {
  expect(packed).toBeGreaterThan(1_000_000);
  expect(packed).toBeLessThan(2_000_000);
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
}, 180_000);
