/** A page that has no use for candidates does not carry them. */
import { build } from "esbuild";
import { expect, it } from "vitest";
import { root } from "../architecture/tree.ts";

/** The modules of which something is in a page's bundle. */
async function modulesOf(contents: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [path] : [],
    ),
  );
}
const ofCandidates = /^src\/oqs\/|\/composite\.ts$|@oqs\/liboqs-js|post-quantum\/falcon/;

it("a client and a server have nothing of them", { timeout: 120_000 }, async () => {
  const modules = await modulesOf(
    'export { createClientConnection, createServerConnection, createCredential, createTrustStore } from "./src/index.ts";',
  );
  expect(modules).toContain("src/connection/connection.ts");
  expect(modules.filter((path) => ofCandidates.test(path))).toEqual([]);
});

it("who imports them has them", { timeout: 120_000 }, async () => {
  const modules = await modulesOf(
    'export { falconSchemes, loadOqs } from "./src/oqs/index.ts"; export { compositeScheme } from "./src/pki.ts";',
  );
  for (const path of ["src/oqs/load.ts", "src/oqs/falcon.ts", "src/identity/keys/composite.ts"]) {
    expect(modules).toContain(path);
  }
});
