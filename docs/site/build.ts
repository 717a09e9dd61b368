/** `npm run site`: the documentation into `dist/site/`, or the folder that is named. */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { readArguments } from "../../test/support/arguments.mjs";
import { buildSite } from "./site.ts";

// This file is run from a bundle, one folder below the root
const root = fileURLToPath(new URL("..", import.meta.url));
const { positionals } = readArguments("npm run site -- [FOLDER]", { allowPositionals: true });
const folder = positionals[0] ?? join(root, "dist/site");

const pages = buildSite(root, folder);
await build({
  entryPoints: [join(root, "docs/site/search.ts")],
  outfile: join(folder, "search.js"),
  bundle: true,
  minify: true,
  logLevel: "error",
});
const playground = (await import(pathToFileURL(join(root, "src/play/build.mjs")).href)) as {
  buildPlayground(folder: string): Promise<void>;
};
await playground.buildPlayground(join(folder, "play"));
console.log(`${folder}: ${pages.length} pages, and the playground`);
