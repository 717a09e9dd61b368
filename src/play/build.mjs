// @ts-check
/** Builds the playground into a folder that any host can serve: `node src/play/build.mjs [FOLDER]`. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Messages of zod in other languages are half of all that a visitor would load, and nobody here asks for them. */
const oneLanguage = {
  name: "one language",
  /** @param {import("esbuild").PluginBuild} plugin */
  setup(plugin) {
    plugin.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export {}",
    }));
  },
};

/** @param {string} folder */
export async function buildPlayground(folder) {
  mkdirSync(folder, { recursive: true });
  /** @type {import("esbuild").BuildOptions} */
  const common = {
    bundle: true,
    minify: true,
    target: "es2023",
    platform: "browser",
    legalComments: "none",
    logLevel: "error",
    plugins: [oneLanguage],
  };
  const bundle = (/** @type {string} */ entry, /** @type {string} */ file, more = {}) =>
    build({
      ...common,
      entryPoints: [join(here, entry)],
      outfile: join(folder, file),
      format: "iife",
      ...more,
    });
  await Promise.all([
    bundle("page/app.ts", "app.js", { format: "esm" }),
    build({
      ...common,
      entryPoints: { worker: join(here, "worker.ts") },
      outdir: folder,
      format: "esm",
      splitting: true,
      chunkNames: "[name]",
    }),
    bundle("own-kem/engine.ts", "kem-engine.js", { globalName: "engine" }),
  ]);
  const textOf = async (/** @type {string} */ entry, more = {}) =>
    (await bundle(entry, "text.js", { write: false, ...more })).outputFiles?.[0]?.text ?? "";
  const style = await textOf("page/stylesheet.ts", { format: "esm" });
  const { stylesheet } = await import(`data:text/javascript,${encodeURIComponent(style)}`);
  writeFileSync(join(folder, "style.css"), stylesheet);
  copyFileSync(join(here, "page/index.html"), join(folder, "index.html"));
  writeFileSync(join(folder, "kem.html"), frame(await textOf("own-kem/frame.ts")));
}

/**
 * The frame for a visitor's code has its script in it, and a policy that names no origin: else the code could tell
 * the host of the playground things, by what it imports from there.
 * @param {string} script
 */
function frame(script) {
  const digest = createHash("sha256").update(script).digest("base64");
  return readFileSync(join(here, "page/kem.html"), "utf8")
    .replace("HASH", digest)
    .replace("<script></script>", () => `<script>${script}</script>`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPlayground(
    process.argv[2] ?? fileURLToPath(new URL("../../dist/play", import.meta.url)),
  );
}
