import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  renew,
  revokeSuperseded,
} from "../../src/authority/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
const signing = { provider: noble };
const [minute, day] = [60_000, 86_400_000];

describe("what was renewed", { timeout: 60_000 }, () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("is taken back once its successor has been valid for so long, but not of authorities", async () => {
    await PkiDirectory.create(folder.at("pki"), firstSettings({}), async (pki) => {
      const root = { subject: { CN: "Root" }, algorithm: "ed25519", lifetime: 900 * day } as const;
      await issueRoot(pki, { ...root, name: "root" }, signing);
      await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
      for (const name of ["a", "b"]) {
        const names = { dns: [`${name}.example`] };
        await issue(pki, { name, profile: "server", issuer: "ca", names }, signing);
      }
      const first = pki.current("a").serial;
      vi.setSystemTime(Date.now() + day);
      await renew(pki, { name: "ca" }, signing);
      const second = (await renew(pki, { name: "a" }, signing)).serial;
      vi.setSystemTime(Date.now() + 59 * minute);
      const terms = { after: 60 * minute };
      expect(revokeSuperseded(pki, terms)).toEqual([]);
      await renew(pki, { name: "a" }, signing);
      vi.setSystemTime(Date.now() + minute);
      expect(revokeSuperseded(pki, { ...terms, name: "b" })).toEqual([]);
      const revoked = revokeSuperseded(pki, terms);
      expect(revoked.map(({ serial, revoked: by }) => [serial, by?.reason])).toEqual([
        [first, "superseded"],
      ]);
      expect(revokeSuperseded(pki, terms)).toEqual([]);
      expect(pki.records.find(second)?.revoked).toBeUndefined();
      expect(pki.current("ca").revoked).toBeUndefined();
    });
  });

  it("is what somebody named", async () => {
    await PkiDirectory.create(folder.at("other"), firstSettings({}), (pki) => {
      expect(() => revokeSuperseded(pki, { after: 0, name: "nobody" })).toThrow(/nobody/);
      expect(() => revokeSuperseded(pki, { before: 0 } as never)).toThrow(/no option before/);
      expect(() => revokeSuperseded(pki, {} as never)).toThrow(/write \{ after \}/);
    });
  });
});
