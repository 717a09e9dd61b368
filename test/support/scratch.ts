/** A folder that all files of one run of the tests share: what is dear to make is made once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Its path; it is removed after the run. `undefined` where the tests are run without their configuration. */
    readonly scratch: string | undefined;
  }
}

export default function setup({ provide }: TestProject): () => void {
  const scratch = mkdtempSync(join(tmpdir(), "kemistry-tests-"));
  provide("scratch", scratch);
  return () => rmSync(scratch, { recursive: true, force: true });
}
