/** Runs the built command line as a user would: in a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { root } from "../architecture/tree.ts";

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cli {
  /** An empty folder for files of the tests; commands run in it. Their arguments have no spaces. */
  readonly folder: string;
  run(commandLine: string, how?: How): Promise<Outcome>;
  start(commandLine: string, how?: How): Running;
  /** Ends what still runs, and removes the folder. */
  remove(): void;
}

interface How {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  readonly outcome: Promise<Outcome>;
  /** Waits until stderr has a match. */
  saying(pattern: RegExp): Promise<RegExpMatchArray>;
}

/**
 * The command line in a folder of its own, which looks like an installed package. It is built once for all files of a
 * run: the first that wants it builds, the others wait.
 */
export function buildCli(): Cli {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-cli-"));
  const built = join(folder, "package/dist");
  cpSync(builtOnce(inject("scratch") ?? folder), built, { recursive: true });
  copyFileSync(join(root, "package.json"), join(folder, "package/package.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "package/node_modules"), "junction");

  const running = new Set<ChildProcessWithoutNullStreams>();
  const start = (commandLine: string, { input, env }: How = {}): Running => {
    const child = spawn(process.execPath, [join(built, "src/cli/main.js"), ...words(commandLine)], {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: folder, ...env },
    });
    running.add(child);
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    if (input !== undefined) child.stdin.end(input);
    const outcome = new Promise<Outcome>((resolve) => {
      child.once("close", (code) => {
        running.delete(child);
        resolve({ code, stdout: out, stderr: err });
      });
    });
    const saying = (pattern: RegExp): Promise<RegExpMatchArray> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = err.match(pattern);
          if (match !== null) resolve(match);
        };
        look();
        child.stderr.on("data", look);
        child.once("close", () => reject(new Error(`it ended without saying ${pattern}: ${err}`)));
      });
    return { process: child, outcome, saying };
  };
  return {
    folder,
    start,
    run: (commandLine, how = {}) => start(commandLine, { input: "", ...how }).outcome,
    remove() {
      for (const child of running) child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Milliseconds for a build by another process. */
const patience = 180_000;

/** @returns the folder with what was built */
function builtOnce(scratch: string): string {
  const [built, begun, failed] = ["dist", "begun", "failed"].map((name) => join(scratch, name));
  if (isFirst(begun!)) {
    const unfinished = join(scratch, "unfinished");
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    // Types are checked by the types' own command
    const args = [
      tsc,
      "-p",
      join(root, "tsconfig.build.json"),
      "--noCheck",
      "--outDir",
      unfinished,
    ];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status === 0) renameSync(unfinished, built!);
    else writeFileSync(failed!, stdout);
  }
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const end = Date.now() + patience;
  while (!existsSync(built!)) {
    if (existsSync(failed!)) throw new Error(`the build failed:\n${readFileSync(failed!, "utf8")}`);
    // Whoever built may have been killed
    if (Date.now() > end) throw new Error(`nobody built the command line in ${patience / 1000} s`);
    Atomics.wait(pause, 0, 0, 50);
  }
  return built!;
}

function isFirst(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

const words = (commandLine: string): string[] => (commandLine === "" ? [] : commandLine.split(" "));
