import { existsSync } from "node:fs";
import { UsageError } from "./errors.ts";
import { packageRoot } from "./package-root.ts";

/** Where the documentation site is. @throws UsageError that says how to build it */
export function docsFolder(): URL {
  const folder = new URL("dist/site/", packageRoot());
  if (existsSync(new URL("index.html", folder))) return folder;
  throw new UsageError(
    "the documentation is not built: npm run site makes it, in a clone; the npm package leaves it out",
  );
}
