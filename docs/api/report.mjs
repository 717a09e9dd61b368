/**
 * Writes what each entry point exports, with signatures, into docs/api/: `npm run api`. With `--check` it writes
 * nothing, and fails where a report is not what the source says. Both fail for an export, or a member of one, without
 * a doc comment, and for a type that an entry point needs and none exports.
 */
import { execFileSync } from "node:child_process";
import {
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
import { join } from "node:path";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";
import { readArguments } from "../../test/support/arguments.mjs";

const { values } = readArguments("npm run api --", { options: { check: { type: "boolean" } } });
const here = import.meta.dirname;
const root = join(here, "..", "..");
const work = mkdtempSync(join(tmpdir(), "kemistry-api-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

declare();
const problems = [];
const exported = new Set();
/** Types that an entry point names and does not export, and where. */
const needed = new Map();
const { exports: entryPoints } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
for (const [path, { types }] of Object.entries(entryPoints)) {
  if (types === undefined) continue;
  const name = `kemistry${path.slice(1)}`.replaceAll("/", "-");
  const report = reportOf(name, types);
  readExports(name, report);
  const file = join(here, `${name}.md`);
  if (!values.check) writeFileSync(file, report);
  else if (readFileSync(file, { encoding: "utf8", flag: "a+" }) !== report) {
    problems.push(
      `docs/api/${name}.md is not what the source says: look at the change, and run npm run api`,
    );
  }
}
findMissing();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The declarations of the source as it is. */
function declare() {
  cpSync(join(root, "package.json"), join(work, "package.json"));
  symlinkSync(join(root, "node_modules"), join(work, "node_modules"));
  mkdirSync(join(work, "api"));
  const project = ["-p", join(root, "tsconfig.build.json"), "--outDir", join(work, "dist")];
  const only = ["--emitDeclarationOnly", "--sourceMap", "false", "--incremental", "false"];
  const compiler = join(root, "node_modules", ".bin", "tsc");
  execFileSync(compiler, [...project, ...only, "--tsBuildInfoFile", "null"]);
}

function reportOf(name, types) {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "dom", "dom.iterable"],
    types: ["node"],
    module: "nodenext",
    moduleResolution: "nodenext",
    strict: true,
    skipLibCheck: true,
  };
  writeFileSync(join(work, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [types] }));
  const quiet = { default: { logLevel: "none" } };
  const configObject = {
    projectFolder: work,
    mainEntryPointFilePath: join(work, types),
    compiler: { tsconfigFilePath: join(work, "tsconfig.json") },
    apiReport: {
      enabled: true,
      reportFileName: name,
      reportFolder: join(work, "api"),
      reportTempFolder: join(work, "api"),
    },
    newlineKind: "lf",
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: quiet,
      extractorMessageReporting: { ...quiet, "ae-forgotten-export": { logLevel: "warning" } },
      tsdocMessageReporting: quiet,
    },
  };
  const packageJsonFullPath = join(work, "package.json");
  const config = ExtractorConfig.prepare({ packageJsonFullPath, configObject });
  Extractor.invoke(config, { localBuild: true, messageCallback: takeMessage });
  return readFileSync(join(work, "api", `${name}.api.md`), "utf8");
}

function takeMessage(message) {
  message.handled = true;
  const symbol = /^The symbol "(\w+?)(?:_\d+)?"/.exec(message.text)?.[1];
  if (message.messageId !== "ae-forgotten-export") return;
  needed.set(symbol, message.sourceFilePath.replace(`${work}/dist/`, "").replace(".d.ts", ".ts"));
}

/** An export, or a member of one, that has no doc comment is a problem: a tag such as `@throws` alone is none. */
function readExports(name, report) {
  const lines = report.split("\n");
  let symbol = "";
  for (const [index, line] of lines.entries()) {
    symbol = declaredIn(line) ?? symbol;
    if (line.startsWith("export"))
      exported.add(/^export \{ (?:\w+ as )?(\w+) \}/.exec(line)?.[1] ?? symbol);
    if (!/^ *\/\/ .*\(undocumented\)$/.test(line)) continue;
    const next = lines[index + 1];
    const what = declaredIn(next) ?? `${symbol}: ${next.trim()}`;
    problems.push(`${name}: ${what} has no doc comment`);
  }
}

function declaredIn(line) {
  const declaration =
    /^(?:export )?(?:declare )?(?:abstract )?(?:class|const|function|interface|type) (\w+)/;
  return declaration.exec(line)?.[1];
}

/** What a module keeps to itself cannot be named by anybody, and is not missed. */
function findMissing() {
  const declarations = join(work, "dist", "src");
  for (const file of readdirSync(declarations, { recursive: true })) {
    if (!file.endsWith(".d.ts")) continue;
    const text = readFileSync(join(declarations, file), "utf8");
    for (const [, symbol] of text.matchAll(
      /^export (?:declare )?(?:class|interface|type) (\w+)/gm,
    )) {
      if (exported.has(symbol) || !needed.has(symbol)) continue;
      problems.push(`${needed.get(symbol)} needs ${symbol}, which no entry point exports`);
    }
  }
}
