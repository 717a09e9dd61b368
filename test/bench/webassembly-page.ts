/** `webassembly.ts` as a page's module, and the package that it loads, over HTTP. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";

/** Makes `subjects` a global of the page at `origin`. */
export const preparing = (origin: string): string =>
  `import("/page.js").then(async ({ prepare }) => { globalThis.subjects = await prepare("${origin}/@oqs/liboqs-js/"); })`;

export async function servePage(): Promise<{ readonly origin: string; close(): void }> {
  const { outputFiles } = await build({
    entryPoints: ["test/bench/webassembly.ts"],
    bundle: true,
    format: "esm",
    minify: true,
    write: false,
    logLevel: "error",
  });
  const fileOf = async (path: string): Promise<Uint8Array | string> => {
    if (path === "/") return "<!doctype html><title>Handshakes</title>";
    return path === "/page.js" ? outputFiles[0]!.contents : readFile(join("node_modules", path));
  };
  const typeOf = (path: string): string =>
    path === "/" ? "text/html" : path.endsWith(".json") ? "application/json" : "text/javascript";
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    fileOf(pathname).then(
      (content) => response.setHeader("content-type", typeOf(pathname)).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
