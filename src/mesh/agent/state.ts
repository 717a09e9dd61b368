/** What an agent keeps over a restart, in one file: its key and certificates, and what it has last heard. */
import * as z from "zod/mini";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { secretMode, writeWhole } from "../../authority/index.ts";
import { TlsError } from "../../registry/index.ts";
import { readJson } from "../../registry/json.ts";

export interface State {
  /** PKCS #8 in PEM. */
  readonly key: string;
  /** Leaf first, in PEM. */
  readonly chain: string;
  /** A SPIFFE bundle. */
  readonly bundle: string;
  /** PEM; empty if there are none. */
  readonly lists: string;
  /** Of other trust domains, by name. */
  readonly federated?: Readonly<
    Record<string, { readonly bundle: string; readonly lists: string }>
  >;
}

/** @throws TlsError `misuse` for a file that is not ours */
export function readState(path: string): State | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return readJson(text, schema, (reason) => new TlsError("misuse", `${path}: ${reason}`));
}

/** Nobody but its owner reads it. */
export function writeState(path: string, state: State): void {
  mkdirSync(dirname(path), { recursive: true });
  writeWhole(path, `${JSON.stringify(state, undefined, 2)}\n`, { mode: secretMode });
}

const heard = { bundle: z.string(), lists: z.string() };
const schema = z.strictObject({
  key: z.string(),
  chain: z.string(),
  ...heard,
  federated: z.exactOptional(z.record(z.string(), z.strictObject(heard))),
});
