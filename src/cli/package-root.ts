import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** The folder of `package.json`, whether this is the source or what was built from it. */
export const packageRoot = (): URL =>
  new URL(".", pathToFileURL(createRequire(import.meta.url).resolve("kemistry/package.json")));
