/** Where `@oqs/liboqs-js` lies, and which version it is. */
import { TlsError } from "../registry/index.ts";

const packageName = "@oqs/liboqs-js";

/** An installed package: its folder's URL, with a slash at the end, and its version. */
export interface Installed {
  readonly folder: string;
  readonly version: string;
}

/**
 * @param from the package's folder. Default: where Node, or a page's import map, finds it
 * @throws TlsError `misuse` that says what to install
 */
export async function findPackage(from?: string | URL): Promise<Installed> {
  try {
    // The package names one of its files for import: src/index.js
    const folder = from === undefined ? new URL("../", import.meta.resolve(packageName)) : from;
    const { href } = new URL("package.json", slashed(String(folder)));
    const { name, version } = (await readJson(href)) as Partial<Record<string, unknown>>;
    if (name !== packageName || typeof version !== "string") {
      throw new TypeError(`${href} is not the package's`);
    }
    return { folder: new URL("./", href).href, version };
  } catch (cause) {
    throw new TlsError("misuse", `the package ${packageName} cannot be found`, {
      expected: `npm install ${packageName}; in a page, an import map or { from: its folder }`,
      ...(from !== undefined && { received: String(from) }),
      cause,
    });
  }
}

const slashed = (folder: string): string => (folder.endsWith("/") ? folder : `${folder}/`);

/** Node's fetch does not read files. */
async function readJson(url: string): Promise<unknown> {
  const files = url.startsWith("file:")
    ? globalThis.process?.getBuiltinModule?.("node:fs")
    : undefined;
  const text = files?.readFileSync(new URL(url), "utf8") ?? (await (await fetch(url)).text());
  return JSON.parse(text);
}
