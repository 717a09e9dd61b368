import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { makeTokens, pin, softHsm } from "../hsm/softhsm.ts";
import { itWith } from "../interop/peers.ts";
import { openWorkshop, root } from "./examples.ts";

interface Outcome {
  readonly from: string;
  readonly to: string;
  readonly role?: string;
  readonly refused?: string;
}
interface Report {
  readonly before: readonly Outcome[];
  readonly after: readonly Outcome[];
  readonly rotated: object;
  readonly closed: { readonly count: number; readonly reason: string };
}

const document = "docs/examples/mesh.ts";
const example = { document, line: 1, code: readFileSync(join(root, document), "utf8"), runs: true };

async function runMesh(): Promise<Report & { readonly said: string }> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const workshop = openWorkshop([example]);
  try {
    const report = (await workshop.run(example)) as Report;
    return { ...report, said: log.mock.calls.flat().join("\n") };
  } finally {
    workshop.remove();
    log.mockRestore();
  }
}

const allowed = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(({ from, to, role }) => (role === undefined ? [] : `${from} → ${to}: ${role}`));

const others = [
  "gateway → finance/billing: customer",
  "gateway → finance/ledger: customer",
  "finance/billing → finance/ledger: writer",
  "finance/ledger → vault: signer",
];
const audits = ["audit → finance/billing: reader", "audit → finance/ledger: reader"];

function expectMesh({ before, after, rotated, closed }: Report): void {
  expect(before).toHaveLength(20);
  expect(allowed(before).toSorted()).toEqual([...others, ...audits].toSorted());
  expect(before.find(({ from, to }) => from === "gateway" && to === "vault")?.refused).toBe(
    "no rule allows gateway to call vault",
  );
  expect(rotated).toEqual({ isNew: true, oldRole: "writer", newRole: "writer" });
  expect(closed).toEqual({
    count: 1,
    reason: "the peer ended the connection with certificate_revoked",
  });
  expect(allowed(after).toSorted()).toEqual(others.toSorted());
  expect(after.find(({ from, to }) => from === "audit" && to === "finance/ledger")?.refused).toBe(
    "the peer ended the connection with certificate_revoked",
  );
}

describe("the mesh of agents", () => {
  afterAll(() => vi.unstubAllEnvs());

  it("is what its rules say", { timeout: 60_000 }, async () => {
    vi.stubEnv("PKCS11_MODULE", undefined);
    const report = await runMesh();
    expectMesh(report);
    expect(report.said).toContain("vault's key is in memory");
  });

  itWith("softhsm", "is the same with a key in a token", async () => {
    const place = makeTokens("mesh");
    vi.stubEnv("PKCS11_MODULE", softHsm());
    vi.stubEnv("PKCS11_TOKEN", "mesh");
    vi.stubEnv("PKCS11_PIN", pin);
    try {
      const report = await runMesh();
      expectMesh(report);
      expect(report.said).toContain('in the token "mesh", and cannot be taken out');
    } finally {
      place.remove();
    }
  });
});
