import { mkdirSync, readdirSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import {
  admitByToken,
  check,
  enrol,
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  prune,
  publishList,
  register,
  renew,
  revoke,
} from "../../src/authority/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { createCsr, encodePrivateKey, encodePublicKey } from "../../src/identity/index.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
const provider = noble;
const signing = { provider };
const [minute, day] = [60_000, 86_400_000];

describe("pruning", { timeout: 60_000 }, () => {
  it("takes away what has ended, and keeps what somebody needs", async () => {
    const path = folder.at("pki");
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      await PkiDirectory.create(path, firstSettings({}), async (pki) => {
        const root = {
          subject: { CN: "Root" },
          algorithm: "ed25519",
          lifetime: 900 * day,
        } as const;
        await issueRoot(pki, { ...root, name: "root" }, signing);
        await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
        const leaf = (name: string) =>
          issue(
            pki,
            {
              name,
              profile: "server",
              issuer: "ca",
              names: { dns: [`${name}.example`] },
              lifetime: minute,
            },
            signing,
          );
        const again = (name: string) => renew(pki, { name, lifetime: minute }, signing);
        const [plain, superseded, compromised] = [
          await leaf("a"),
          await leaf("b"),
          await leaf("c"),
        ];
        revoke(pki, { serial: superseded.serial }, "superseded");
        revoke(pki, { serial: compromised.serial }, "keyCompromise");
        // What is revoked is not renewed, but another takes its name
        vi.setSystemTime(Date.now() + 2 * minute);
        await again("a");
        await leaf("b");
        await leaf("c");
        register(pki, {
          name: "ann",
          names: { uri: ["spiffe://e.org/ann"] },
          lifetime: minute,
          grace: 5 * day,
        });
        const key = provider.generateKey("ed25519");
        const csr = createCsr({
          subject: {},
          names: {},
          privateKey: encodePrivateKey(key),
          publicKey: encodePublicKey("ed25519", key.publicKey),
          provider,
        });
        for (let at = 0; at < 2; at++) {
          const token = admitByToken(pki, { name: "ann", lifetime: day }, provider);
          await enrol(pki, { csr, token }, signing);
        }
        vi.setSystemTime(Date.now() + 2 * day);
        const gone = (ended = day): string[] => prune(pki, ended).map(({ serial }) => serial);
        expect(gone(9 * day)).toEqual([]);
        // No list has been made since the end of what was superseded (RFC 5280 §3.3)
        expect(gone()).toEqual([plain.serial]);
        await publishList(
          pki,
          { issuer: pki.current("ca"), isDelta: false, lifetime: day },
          signing,
        );
        expect(gone()).toEqual([superseded.serial]);
        expect(gone()).toEqual([]);
        expect(pki.records.ofName("c")).toHaveLength(2);
        expect(pki.records.ofName("ann")).toHaveLength(2);
        vi.setSystemTime(Date.now() + 5 * day);
        expect(gone()).toHaveLength(1);
        expect(readdirSync(folder.at("pki/issued"))).toHaveLength(pki.entries.length);
        expect(check(pki, provider, false)).toEqual([]);
      });
      // A crash between the two steps
      const pki = PkiDirectory.open(path);
      expect(pki.records.ofName("a")).toHaveLength(1);
      const left = `a-${"0".repeat(2)}`;
      mkdirSync(folder.at(`pki/issued/${left}`));
      vi.spyOn(pki.records, "isPruned").mockImplementation((serial) => serial === "00");
      expect(check(pki, provider, false)).toMatchObject([
        { where: `issued/${left}`, problem: "is kept no more, and still there" },
      ]);
      await pki.change(() => prune(pki, day));
      expect(readdirSync(folder.at("pki/issued"))).not.toContain(left);
    } finally {
      vi.useRealTimers();
      vi.restoreAllMocks();
    }
  });
});
