import { join } from "node:path";
import { expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { emptyFolders } from "./folders.ts";
import { killWriters } from "./kills.ts";

const folder = emptyFolders();

// A thousand: npm run kills
it(
  "a writer that is killed leaves the old state or the new one",
  { timeout: 120_000 },
  async () => {
    const program = bundle("test/authority/kills.ts", join(folder.path, "kills.mjs"));
    const outcome = await killWriters(folder.at("pki"), { program, rounds: 12, seed: "twelve" });
    expect(outcome).toMatchObject({ killed: 12, problems: [] });
    expect(outcome.done).toBeGreaterThan(12);
  },
);
