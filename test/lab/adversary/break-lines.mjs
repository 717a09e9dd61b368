/**
 * Breaks the engine line by line, and runs the scenarios that must notice it:
 * `node test/lab/adversary/break-lines.mjs [NAME...]`. The sources stay as they are; what is broken is
 * bundled. Says what was not noticed, and exits with 1 if there is any.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** A bundle of an entry, with one file's text changed. */
async function bundle(contents, changed) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    write: false,
    plugins: [
      {
        name: "break",
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === changed?.path ? { contents: changed.text, loader: "ts" } : undefined,
          );
        },
      },
    ],
  });
  const file = join(root, `.break-lines-${process.pid}.mjs`);
  writeFileSync(file, outputFiles[0].text);
  return file;
}

async function load(contents) {
  const file = await bundle(contents);
  try {
    return await import(pathToFileURL(file).href);
  } finally {
    rmSync(file);
  }
}

/** The scenarios that went as predicted although the line is broken; all of them have a minute. */
async function unnoticed({ file, line, instead, scenarios }) {
  const path = join(root, "src", file);
  const [before, after, ...others] = readFileSync(path, "utf8").split(line);
  if (after === undefined || others.length > 0) return [`anybody: it is not in ${file}, once`];
  const text = `${before}${instead}${after}`;
  const bundled = await bundle(
    `import { createNative } from "./src/crypto/native.ts";
     import { runAttack } from "./src/lab/adversary/attack.ts";
     import { catalogue } from "./src/lab/adversary/catalogue/index.ts";
     import { parentPort, workerData } from "node:worker_threads";
     const isAsPredicted = (name) => {
       try {
         return runAttack(catalogue.find((entry) => entry.name === name), { makeProvider: createNative })
           .asPredicted;
       } catch {
         return false;
       }
     };
     parentPort.postMessage(workerData.filter(isAsPredicted));`,
    { path, text },
  );
  try {
    return await new Promise((resolve, reject) => {
      const worker = new Worker(bundled, { workerData: scenarios });
      setTimeout(() => void worker.terminate().then(() => resolve([])), 60_000).unref();
      worker.on("message", resolve).on("error", reject);
    });
  } finally {
    rmSync(bundled);
  }
}

const { guardedLines } = await load(
  `export { guardedLines } from "./test/lab/adversary/guarded-lines.ts";`,
);
const wanted = process.argv.slice(2);
for (const guarded of guardedLines) {
  if (wanted.length > 0 && !wanted.includes(guarded.name)) continue;
  const missed = await unnoticed(guarded);
  if (missed.length > 0) process.exitCode = 1;
  console.log(
    `${guarded.name}: ${missed.length === 0 ? "noticed" : `not by ${missed.join(", ")}`}`,
  );
}
