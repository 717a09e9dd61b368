import { expect, it } from "vitest";
import { withPrograms } from "./programs.ts";
import { runStorm } from "./storm.ts";

// Ten agents, and a minute: npm run mesh
it(
  "a small fleet loses no request, whatever happens to it, and reaches nobody who was revoked",
  { timeout: 300_000 },
  () =>
    withPrograms(async (programs) => {
      const said: string[] = [];
      const { requests, problems, renewals, lastAnswers } = await runStorm({
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
    }),
);
