import { describe, expect, it, vi } from "vitest";
import {
  firstSettings,
  issue,
  issueRoot,
  onlyIssuer,
  PkiDirectory,
  register,
  renew,
  rollRoot,
  trustedRoots,
} from "../../src/authority/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { createTrustStore, verifyChain } from "../../src/identity/index.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
const provider = noble;
const signing = { provider };
const [hour, day] = [3_600_000, 86_400_000];

async function directory(): Promise<PkiDirectory> {
  const path = folder.at("pki");
  await PkiDirectory.create(path, firstSettings({}), async (pki) => {
    const root = { subject: { CN: "Root" }, algorithm: "ed25519", lifetime: 900 * day } as const;
    await issueRoot(pki, { ...root, name: "root" }, signing);
    const limits = { permitted: { dns: ["example"] } };
    await issue(pki, { name: "ca", profile: "intermediate", names: {}, limits }, signing);
    register(pki, { name: "ann", names: { uri: ["spiffe://example.org/ann"] }, lifetime: hour });
  });
  return PkiDirectory.open(path);
}

const names = (pki: PkiDirectory): string[] => trustedRoots(pki).map(({ name }) => name);

describe("a roll of a root", { timeout: 60_000 }, () => {
  it("lets the new root be known first, then used, and takes the old one away at the end", async () => {
    const pki = await directory();
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await pki.change(async () => {
        const web = {
          name: "web",
          profile: "server",
          issuer: "ca",
          names: { dns: ["w.example"] },
          lifetime: day,
        };
        await issue(pki, web, signing);
        const plan = await rollRoot(pki, { name: "root", overlap: hour }, signing);
        expect(plan.map(({ name, by }) => [name, by])).toEqual([
          ["root", "root-2"],
          ["ca", "ca-2"],
        ]);
        expect([names(pki), onlyIssuer(pki)]).toEqual([["root", "root-2"], "ca"]);
        // It would live for 90 days, and ends with the plan
        const before = await renew(pki, { name: "web" }, signing);
        expect(before.issuer).toBe("ca");
        expect(Date.parse(before.notAfter) - Date.now()).toBeLessThan(2 * day);
        vi.setSystemTime(Date.now() + hour + 1000);
        expect([names(pki), onlyIssuer(pki)]).toEqual([["root", "root-2"], "ca-2"]);
        const after = await renew(pki, { name: "web", lifetime: day }, signing);
        expect(after.issuer).toBe("ca-2");
        const [root] = trustedRoots(pki).slice(1);
        verifyChain({
          chain: pki.chain(after),
          trust: createTrustStore([pki.certificate(root!)]),
          usage: "server",
          now: Date.now(),
          provider,
        });
        // What the old one must not name the new one must not name either
        const outside = { ...web, name: "x", names: { dns: ["x.other"] } };
        await expect(issue(pki, outside, signing)).rejects.toThrow(/not among those/);
        const until = Date.parse(plan[0]!.until);
        const last = Math.max(
          ...pki.records
            .ofName("web")
            .slice(0, 2)
            .map(({ notAfter }) => Date.parse(notAfter)),
        );
        expect(until).toBeGreaterThanOrEqual(last);
        vi.setSystemTime(until + 1000);
        expect(names(pki)).toEqual(["root-2"]);
        await expect(rollRoot(pki, { name: "root", overlap: hour }, signing)).rejects.toThrow(
          /is succeeded by root-2 already/,
        );
        const again = await rollRoot(pki, { name: "root-2", overlap: hour }, signing);
        expect(again.map(({ by }) => by)).toEqual(["root-3", "ca-3"]);
      });
    } finally {
      vi.useRealTimers();
    }
  });

  it("is of a root, and of one whose key can be made as the old one was", async () => {
    const pki = await directory();
    await pki.change(async () => {
      await expect(rollRoot(pki, { name: "ca", overlap: hour }, signing)).rejects.toThrow(
        /ca is not a root/,
      );
    });
    expect(pki.entries).toHaveLength(2);
  });
});
