import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { clockOf } from "../../bench/environment.ts";

it("says of the clock what the system tells, and nothing else", () => {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-clock-"));
  try {
    const file = join(folder, "scaling_governor");
    writeFileSync(file, "powersave\n");
    expect(clockOf([{ speed: 2596 }], file)).toEqual({ governor: "powersave", megahertz: 2596 });
    expect(clockOf([{ speed: 0 }], join(folder, "nowhere"))).toEqual({});
    expect(clockOf([], join(folder, "nowhere"))).toEqual({});
  } finally {
    rmSync(folder, { recursive: true });
  }
});
