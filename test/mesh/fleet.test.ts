import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { expect, it } from "vitest";
import { root } from "../architecture/tree.ts";
import { runFleet } from "./fleet.ts";

// Ten agents, and a minute: npm run mesh
it(
  "a small fleet loses no request, whatever happens to it, and reaches nobody who was revoked",
  { timeout: 300_000 },
  async () => {
    // Packages are found from there
    const programs = join(root, "dist-mesh", `test-${process.pid}`);
    buildSync({
      entryPoints: ["agent", "authority"].map((name) => join(root, `test/mesh/fleet-${name}.ts`)),
      outdir: programs,
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
    });
    try {
      const said: string[] = [];
      const { requests, problems, renewals, lastAnswers } = await runFleet({
        agents: 4,
        seconds: 24,
        rate: 8,
        // Connections outlive the certificates that they began with, and are cut all the same
        lifetime: 5,
        poll: 2000,
        outage: 2,
        revoked: 1,
        programs,
        say: (line) => said.push(line),
      });
      expect({ problems, said: problems.length > 0 ? said : [] }).toEqual({
        problems: [],
        said: [],
      });
      expect(requests).toBeGreaterThan(20);
      expect(renewals).toBeGreaterThan(2);
      expect(lastAnswers[0]).toBeLessThanOrEqual(2 * 2000);
    } finally {
      rmSync(programs, { recursive: true });
    }
  },
);
