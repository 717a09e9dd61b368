/** Libraries that people use, as they come from npm: `npm run peers` installs them beside `load.mjs`. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { peers } from "../interop/peers.ts";

/** The exports of a library, of which the caller says what it uses. */
export async function loadLibrary<T>(name: string): Promise<T> {
  const { path = "" } = peers.libraries ?? {};
  const { load } = (await import(
    /* @vite-ignore */ pathToFileURL(join(path, "load.mjs")).href
  )) as { load(name: string): Promise<T> };
  return load(name);
}
