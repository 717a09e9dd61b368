import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  admitByToken,
  admitKey,
  audit,
  check,
  cutJournal,
  enrol,
  firstSettings,
  isAdmitted,
  issue,
  issueRoot,
  keyHash,
  PkiDirectory,
  prune,
  publishList,
  register,
  renew,
  revoke,
  rollRoot,
  unregister,
} from "../../src/authority/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { createCsr, encodePrivateKey, encodePublicKey } from "../../src/identity/index.ts";
import { emptyFolders } from "./folders.ts";

const folder = emptyFolders();
const provider = noble;
const signing = { provider };
const [minute, day] = [60_000, 86_400_000];

const requestOf = () => {
  const key = provider.generateKey("ed25519");
  return createCsr({
    subject: {},
    names: {},
    privateKey: encodePrivateKey(key),
    publicKey: encodePublicKey("ed25519", key.publicKey),
    provider,
  });
};
const journal = (): string => folder.at("pki/journal.jsonl");
const linesOf = (): string[] => readFileSync(journal(), "utf8").split("\n").slice(0, -1);
const wait = (time: number): void => void vi.setSystemTime(Date.now() + time);

/** All that somebody can ask of the records, but for what is let go of. */
function known(pki: PkiDirectory) {
  const { records } = pki;
  const names = records.names.toSorted();
  return {
    // Where they stand among all events is another place by now
    entries: records.entries.map(({ revoked, ...entry }) => ({
      ...entry,
      revoked: revoked && { at: revoked.at, reason: revoked.reason },
    })),
    current: names.map((name) => records.current(name)?.serial),
    registrations: records.registrations,
    successors: names.map((name) => records.succession(name)),
    lists: pki.authorities().map(({ name }) => {
      const { last, complete } = records.listsOf(name);
      return { name, last, complete: complete?.number, isDue: records.isListDue(name) };
    }),
  };
}

/** A directory with something of everything, most of which has ended. */
async function aged(pki: PkiDirectory) {
  const root = { subject: { CN: "Root" }, algorithm: "ed25519", lifetime: 900 * day } as const;
  await issueRoot(pki, { ...root, name: "root" }, signing);
  await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
  const leaf = (name: string) => {
    const names = { dns: [`${name}.example`] };
    return issue(pki, { name, profile: "server", issuer: "ca", names, lifetime: minute }, signing);
  };
  const list = (isDelta: boolean) =>
    publishList(pki, { issuer: pki.current("ca"), isDelta, lifetime: day }, signing);
  const person = (name: string, lifetime = minute) =>
    register(pki, { name, names: { uri: [`spiffe://e.org/${name}`] }, lifetime, grace: 0 });

  const [old, last, stolen] = [await leaf("b"), await leaf("d"), await leaf("c")];
  await leaf("a");
  // One of them goes, and the other stays, since it is the last of its name
  const [serials, at] = [[old.serial, last.serial], new Date().toISOString()];
  pki.record({ type: "revoked", serials, at, reason: "superseded" });
  revoke(pki, { serial: stolen.serial }, "keyCompromise");
  await list(false);
  person("ann");
  person("ann", 2 * minute);
  person("bob");
  unregister(pki, "bob");
  const [used, ended] = [requestOf(), requestOf()];
  const token = admitByToken(pki, { name: "ann", lifetime: minute }, provider);
  await enrol(pki, { csr: used, token }, signing);
  admitKey(pki, { name: "ann", key: keyHash(ended.publicKey), lifetime: minute });
  // A number that came to nothing
  const open = requestOf();
  admitKey(pki, { name: "ann", key: keyHash(open.publicKey), lifetime: 100 * day });
  const voided = { ...pki.current("a"), serial: "77" };
  pki.record(voided, { type: "admitted", admission: keyHash(open.publicKey), serial: "77" });
  pki.drop(voided);
  wait(3 * minute);
  for (const name of ["a", "b", "c"]) await leaf(name);
  for (let each = 0; each < 3; each++) await renew(pki, { name: "b" }, signing);
  wait(3 * day);
  await list(false);
  await list(true);
  await rollRoot(pki, { name: "root", overlap: 0 }, signing);
  wait(minute);
  for (let each = 0; each < 3; each++) {
    const again = admitByToken(pki, { name: "ann", lifetime: day }, provider);
    await enrol(pki, { csr: requestOf(), token: again }, signing);
  }
  return { open, used, ended, stolen, last };
}

describe("cutting the journal", { timeout: 60_000 }, () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  async function made() {
    const path = folder.at("pki");
    return PkiDirectory.create(path, firstSettings({}), async (pki) => {
      const what = await aged(pki);
      wait(5 * day);
      prune(pki, day);
      wait(1000);
      return { pki, what };
    });
  }

  it("lets go of what is needed no more, and everybody knows the same as before", async () => {
    const { pki, what } = await made();
    const [before, head, was] = [known(pki), pki.head, linesOf()];
    const reader = PkiDirectory.open(pki.path);
    const gone = await pki.change(() => cutJournal(pki, 0));
    // Behind what is kept stand two lines about that
    expect(gone).toBe(was.length - (linesOf().length - 2));
    expect(gone).toBeGreaterThan(15);
    expect(known(pki)).toEqual(before);
    await reader.refresh();
    expect(known(reader)).toEqual(before);
    expect(known(PkiDirectory.open(pki.path))).toEqual(before);
    expect(check(pki, provider, false)).toEqual([]);
    // Who has written what, and when
    const kept = linesOf().slice(0, -2);
    expect(kept.filter((line) => was.includes(line))).toHaveLength(kept.length - 1);
    expect(kept.find((line) => !was.includes(line))).toContain(`"serials":["${what.last.serial}"]`);
    // The last complete list, and the last
    expect(kept.filter((line) => line.includes('"type":"list"'))).toHaveLength(2);
    expect(pki.head.lines).toBe(head.lines + 1);
  });

  it("keeps a compromised key out, an open admission open, and counts on", async () => {
    const { pki, what } = await made();
    await pki.change(() => cutJournal(pki, 0));
    await pki.change(async () => {
      expect(pki.records.ofKey(what.stolen.key)).toHaveLength(1);
      expect(isAdmitted(pki, what.ended, undefined)).toBe(false);
      expect(isAdmitted(pki, what.used, undefined)).toBe(false);
      expect((await enrol(pki, { csr: what.open }, signing))?.name).toBe("ann");
      const { last } = pki.records.listsOf("ca");
      const terms = { issuer: pki.current("ca"), isDelta: false, lifetime: day };
      expect((await publishList(pki, terms, signing)).crl.number).toBe(BigInt(last + 1));
    });
    expect(check(pki, provider, false)).toEqual([]);
  });

  it("leaves young lines as they are, and goes on where it has stopped", async () => {
    const { pki } = await made();
    const [before, was] = [known(pki), linesOf()];
    const young = 5 * day + 2 * minute;
    const first = was.findIndex((line) => line.includes('"succeeded"')) + 2;
    expect(await pki.change(() => cutJournal(pki, young))).toBeGreaterThan(0);
    expect(linesOf().join("\n")).toContain(was.slice(first).join("\n"));
    expect(await pki.change(() => cutJournal(pki, young))).toBe(0);
    wait(1000);
    expect(await pki.change(() => cutJournal(pki, 0, 1000))).toBe(0);
    expect(await pki.change(() => cutJournal(pki, 0))).toBeGreaterThan(0);
    expect(known(pki)).toEqual(before);
    const { lines, head, cut } = audit(journal());
    expect({ head, cut }).toEqual({ head: pki.head, cut: was.length + 1 });
    expect(lines.at(-1)?.event.type).toBe("cutting");
  });

  it("keeps a number of which nobody knows yet what comes of it", async () => {
    const { pki } = await made();
    await pki.change(() => {
      const { revoked: _, ...issuing } = pki.current("ann");
      pki.record({ ...issuing, serial: "78" });
      wait(1000);
      expect(cutJournal(pki, 500)).toBeGreaterThan(0);
      expect(pki.records.pending).toMatchObject([{ serial: "78" }]);
    });
  });

  // A token that has ended when the clock is set back lets somebody in once more
  it("changes nothing where what follows would follow from nothing", async () => {
    const { pki } = await made();
    const now = Date.now();
    const admit = (): string => admitByToken(pki, { name: "ann", lifetime: day }, provider);
    await pki.change(async () => {
      const token = admit();
      for (const time of [2 * day, 8 * day]) {
        wait(time);
        admit();
      }
      vi.setSystemTime(now);
      await enrol(pki, { csr: requestOf(), token }, signing);
      wait(5 * day);
      const was = linesOf();
      expect(() => cutJournal(pki, 2 * day)).toThrow(/there is no such admission/);
      expect(linesOf()).toEqual(was);
    });
  });

  it("is seen by an audit, for which an earlier head is of no use", async () => {
    const { pki } = await made();
    const noted = pki.head;
    await pki.change(() => cutJournal(pki, 0));
    // The last that was let go of
    expect(audit(journal(), noted).cut).toBe(noted.lines);
    expect(() => audit(journal(), { ...noted, lines: noted.lines - 1 })).toThrow(
      /the first \d+ lines were let go of/,
    );
    expect(() => audit(journal(), { ...noted, hash: "0".repeat(64) })).toThrow(/another journal/);
    expect(audit(journal(), pki.head).head).toEqual(pki.head);
    expect(() => audit(journal(), { ...pki.head, hash: noted.hash })).toThrow(
      `:${linesOf().length}: another journal`,
    );
  });

  it.each([
    ["a line that was kept", (lines: string[]) => lines.slice(1)],
    ["the line about it", (lines: string[]) => lines.slice(0, -1)],
    [
      "where it stands",
      (lines: string[]) => lines.map((line) => line.replace('cut","lines":', 'cut","lines":1')),
    ],
  ])("cannot be forged: %s", async (_, spoil) => {
    const { pki } = await made();
    await pki.change(() => cutJournal(pki, 0));
    writeFileSync(journal(), `${spoil(linesOf()).join("\n")}\n`);
    expect(() => audit(journal())).toThrow(/is not what was written|does not follow/);
  });

  it("changes nothing of a journal that is damaged", async () => {
    const { pki } = await made();
    const lines = linesOf();
    writeFileSync(journal(), `${lines.join("\n").replace('"user ', '"usex ')}\n`);
    const spoilt = readFileSync(journal(), "utf8");
    await pki.change(() => {
      expect(() => cutJournal(pki, 0)).toThrow(/:1: it does not follow/);
    });
    expect(readFileSync(journal(), "utf8")).toBe(spoilt);
  });
});
