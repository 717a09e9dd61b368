/** Authorities of several machines, which share a PostgreSQL. A folder stands for a machine. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, describe, expect, vi } from "vitest";
import {
  admitByToken,
  approveRequest,
  audit,
  AuthorityError,
  check,
  type Entry,
  firstSettings,
  issue,
  issueRoot,
  keepRequest,
  pendingRequests,
  PkiDirectory,
  prune,
  publishList,
  register,
  renew,
  revoke,
} from "../../src/authority/index.ts";
import { noble } from "../../src/crypto/index.ts";
import { createCsr, encodePrivateKey, encodePublicKey } from "../../src/identity/index.ts";
import { root } from "../architecture/tree.ts";
import { itWith, type Peer } from "../interop/peers.ts";
import { bundle } from "./bundle.ts";
import { emptyFolders } from "./folders.ts";
import { killOne, missing } from "./kills.ts";
import { Postgres } from "./postgres.ts";

vi.setConfig({ testTimeout: 120_000 });

const folder = emptyFolders();
const provider = noble;
const signing = { provider };
const day = 86_400_000;

let postgres: Postgres | undefined;
let count = 0;
afterAll(() => postgres?.remove(), 60_000);

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client(url);
  // The server may end it
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(text);
    return rows;
  } finally {
    await client.end();
  }
}

/** The URL of an empty database. */
async function database(peer: Peer): Promise<string> {
  postgres ??= await Postgres.start(peer);
  const name = `test${count++}`;
  await query(postgres.url(), `CREATE DATABASE ${name}`);
  return postgres.url(name);
}

const machine = (name: string): string => folder.at(name);

/** The first machine has a root, `ca` and `web`. */
async function first(url: string): Promise<PkiDirectory> {
  const path = machine("one");
  const settings = { ...firstSettings({}), database: url };
  await PkiDirectory.create(path, settings, async (pki) => {
    const terms = { name: "root", subject: { CN: "Root" }, lifetime: 90 * day } as const;
    await issueRoot(pki, { ...terms, algorithm: "ed25519" }, signing);
    await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
    await issue(pki, leaf("web"), signing);
  });
  return PkiDirectory.open(path);
}

/** Another machine has pki.json, and nothing else. */
async function another(name: string): Promise<PkiDirectory> {
  mkdirSync(machine(name));
  copyFileSync(join(machine("one"), "pki.json"), join(machine(name), "pki.json"));
  const pki = PkiDirectory.open(machine(name));
  await pki.refresh();
  return pki;
}

const leaf = (name: string) => ({
  name,
  profile: "server",
  issuer: "ca",
  names: { dns: [`${name}.example`] },
});

const serials = ({ entries }: PkiDirectory): string[] => entries.map(({ serial }) => serial);

const problems = async (pki: PkiDirectory): Promise<unknown[]> => {
  await pki.refresh();
  return pki.change(() => check(pki, provider, false));
};

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("authorities of two machines", () => {
  itWith(
    "postgres",
    "have the same certificates, keys, links and journal",
    async (peer) => {
      const url = await database(peer);
      const one = await first(url);
      const two = await another("two");
      expect(serials(two)).toEqual(serials(one));
      expect(two.head).toEqual(one.head);
      expect(audit(join(two.path, "journal.jsonl")).head).toEqual(one.head);
      const web = two.current("web");
      expect(two.chain(web).map(({ der }) => der)).toEqual(one.chain(web).map(({ der }) => der));
      expect(statSync(join(two.live("web"), "key.pem")).mode & 0o777).toBe(0o600);
      const next = await two.change(() => renew(two, { name: "web" }, signing), { who: "two" });
      expect(two.keyFile(next)).toBeDefined();
      expect(one.current("web").serial).toBe(web.serial);
      await one.refresh();
      expect(one.current("web").serial).toBe(next.serial);
      expect(readFileSync(join(one.live("web"), "chain.pem"), "utf8")).toBe(
        readFileSync(join(two.live("web"), "chain.pem"), "utf8"),
      );
      expect([await problems(one), await problems(two)]).toEqual([[], []]);
      await expect(PkiDirectory.create(machine("three"), one.settings, () => {})).rejects.toEqual(
        code("exists"),
      );
      // Who may only add to the journal can do all of that
      await query(
        url,
        `CREATE ROLE adds LOGIN; GRANT SELECT, INSERT ON kemistry_journal TO adds;
          GRANT SELECT, INSERT, UPDATE, DELETE ON kemistry_files TO adds`,
      );
      const settings = join(two.path, "pki.json");
      const text = readFileSync(settings, "utf8").replace("user=kemistry", "user=adds");
      writeFileSync(settings, text);
      await PkiDirectory.change(two.path, (pki) => renew(pki, { name: "web" }, signing));
    },
    120_000,
  );

  itWith(
    "postgres",
    "issue, revoke and publish at once, one after the other",
    async (peer) => {
      const one = await first(await database(peer));
      const two = await another("two");
      const numbers: number[] = [];
      const work = async (pki: PkiDirectory, prefix: string): Promise<void> => {
        for (let at = 0; at < 6; at++) {
          const name = `${prefix}-${at}`;
          await pki.change(() => issue(pki, leaf(name), signing));
          await pki.change(() => revoke(pki, { name }, "superseded"));
          const list = () =>
            publishList(pki, { issuer: pki.current("ca"), isDelta: false, lifetime: day }, signing);
          numbers.push((await pki.change(list)).number);
        }
      };
      await Promise.all([work(one, "a"), work(two, "b")]);
      expect(numbers.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 12 }, (_, at) => at + 1),
      );
      expect([await problems(one), await problems(two)]).toEqual([[], []]);
      expect(one.head).toEqual(two.head);
      expect(new Set(serials(one)).size).toBe(15);
      expect(one.entries.filter(({ revoked }) => revoked).length).toBe(12);
      const list = (pki: PkiDirectory) => readFileSync(join(pki.path, "crl/ca.crl"));
      expect(list(one)).toEqual(list(two));
    },
    120_000,
  );

  itWith(
    "postgres",
    "have links that a check mends, though nothing is changed in the database",
    async (peer) => {
      const one = await first(await database(peer));
      const { head } = one;
      rmSync(one.live("web"));
      const findings = await one.change(() => check(one, provider, true));
      expect(findings).toMatchObject([{ where: "live/web", isMended: true }]);
      expect(existsSync(join(one.live("web"), "chain.pem"))).toBe(true);
      expect([await problems(one), one.head]).toEqual([[], head]);
    },
    120_000,
  );

  itWith(
    "postgres",
    "may be killed at any moment",
    async (peer) => {
      const one = await first(await database(peer));
      const two = await another("two");
      // Where it finds the client of the database
      symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
      const program = bundle("test/authority/kills.ts", join(folder.path, "kills.mjs"));
      const outcomes = await Promise.all(
        [one, two].map(async ({ path }, at) => {
          const said: string[] = [];
          for (let round = 0; round < 4; round++) {
            const outcome = await killOne(program, [path, `${at} ${round}`], {
              steps: round,
              delay: 40 * (round + at),
            });
            expect(outcome.isKilled).toBe(true);
            said.push(...outcome.said);
          }
          return said;
        }),
      );
      const said = outcomes.flat();
      expect(said.length).toBeGreaterThanOrEqual(12);
      for (const pki of [one, two]) {
        expect(await problems(pki)).toEqual([]);
        expect(said.flatMap((line) => missing(pki, line))).toEqual([]);
      }
      const issued = said.filter((line) => line.startsWith("issued"));
      const lists = said.filter((line) => line.startsWith("list"));
      expect([new Set(issued).size, new Set(lists).size]).toEqual([issued.length, lists.length]);
      expect(one.head).toEqual(two.head);
    },
    120_000,
  );

  itWith(
    "postgres",
    "share registrations, tokens, requests and what is pruned",
    async (peer) => {
      const one = await first(await database(peer));
      const two = await another("two");
      const key = provider.generateKey("ed25519");
      const privateKey = encodePrivateKey(key);
      const publicKey = encodePublicKey(key.type, key.publicKey);
      const names = { uri: ["spiffe://example.org/ann"] };
      const csr = createCsr({ subject: {}, names, privateKey, publicKey, provider });
      await one.change(() => {
        register(one, { name: "ann", names, issuer: "ca" });
        admitByToken(one, { name: "ann", lifetime: day }, provider);
        keepRequest(one, csr, { most: 1, lifetime: day });
      });
      await two.refresh();
      expect(two.records.registration("ann")).toBeDefined();
      const [request] = pendingRequests(two);
      expect(request?.since).toBeCloseTo(pendingRequests(one)[0]!.since, -2);
      await two.change(() => approveRequest(two, { id: request!.id, name: "ann", lifetime: day }));
      await one.refresh();
      expect([pendingRequests(one), pendingRequests(two)]).toEqual([[], []]);
      vi.useFakeTimers({ toFake: ["Date"] });
      try {
        const old = await one.change(() => renew(one, { name: "web", lifetime: 1000 }, signing));
        const next = await one.change(() => renew(one, { name: "web" }, signing));
        vi.setSystemTime(Date.now() + 2 * day);
        const gone = await two.change(() => prune(two, day));
        expect(gone.map(({ serial }) => serial)).toEqual([old.serial]);
        await one.refresh();
        const there = ({ serial }: Entry) =>
          [one, two].map((pki) => existsSync(join(pki.path, "issued", `web-${serial}`)));
        expect([there(old), there(next)]).toEqual([
          [false, false],
          [true, true],
        ]);
      } finally {
        vi.useRealTimers();
      }
    },
    120_000,
  );
});

describe("a change that the database has not taken", () => {
  itWith(
    "postgres",
    "is none: nothing of it is here, and the next one works",
    async (peer) => {
      const url = await database(peer);
      const one = await first(url);
      const before = [one.head, serials(one)];
      const lost = one.change(async () => {
        await issue(one, leaf("b"), signing);
        revoke(one, { name: "web" }, "superseded");
        await query(
          url,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid()`,
        );
      });
      await expect(lost).rejects.toEqual(code("busy"));
      expect([one.head, serials(one)]).toEqual(before);
      expect([one.has("b"), one.current("web").revoked]).toEqual([false, undefined]);
      expect(await problems(one)).toEqual([]);
      await one.change(() => issue(one, leaf("b"), signing));
      expect((await another("two")).has("b")).toBe(true);
    },
    120_000,
  );

  itWith(
    "postgres",
    "keeps what was done before it failed by itself, as in a folder",
    async (peer) => {
      const one = await first(await database(peer));
      const failed = one.change(async () => {
        await issue(one, leaf("b"), signing);
        throw new AuthorityError("misuse", "of its own");
      });
      await expect(failed).rejects.toThrow("of its own");
      expect((await another("two")).has("b")).toBe(true);
    },
    120_000,
  );

  itWith(
    "postgres",
    "waits for others, and not for ever",
    async (peer) => {
      const one = await first(await database(peer));
      const two = await another("two");
      let end = (): void => {};
      const holding = new Promise<void>((resolve) => (end = resolve));
      const held = one.change(() => holding);
      await vi.waitFor(
        () =>
          expect(two.change(() => {}, { wait: 50 })).rejects.toThrow(/another process is writing/),
        { timeout: 30_000 },
      );
      const waiting = two.change(() => "done");
      end();
      await held;
      expect(await waiting).toBe("done");
    },
    120_000,
  );
});

describe("a database that is not what it was", () => {
  itWith(
    "postgres",
    "is refused",
    async (peer) => {
      const url = await database(peer);
      const one = await first(url);
      await query(url, "DELETE FROM kemistry_journal WHERE line > 3");
      await expect(one.refresh()).rejects.toThrow(/does not go on from line \d+/);
      await expect(one.change(() => {})).rejects.toThrow(/does not go on from line \d+/);
    },
    120_000,
  );

  itWith(
    "postgres",
    "with a line of another hand is refused",
    async (peer) => {
      const url = await database(peer);
      await first(url);
      await query(
        url,
        `UPDATE kemistry_journal SET text = replace(text, '"web"', '"eve"') WHERE line = 5`,
      );
      await expect(another("two")).rejects.toThrow(/does not follow from the line before/);
    },
    120_000,
  );

  itWith(
    "postgres",
    "writes nowhere but where its files are",
    async (peer) => {
      const url = await database(peer);
      await first(url);
      for (const path of ["../evil", "issued/../../evil", "pki.json", "issued/a/b/c", "live/web"]) {
        await query(
          url,
          `DELETE FROM kemistry_files WHERE version = 99;
          INSERT INTO kemistry_files VALUES ('${path}', 'x', 0, 99)`,
        );
        const name = path.replaceAll(/\W/g, "_");
        await expect(another(name)).rejects.toThrow(`has a file that cannot be: ${path}`);
      }
      expect(existsSync(folder.at("evil"))).toBe(false);
    },
    120_000,
  );

  itWith(
    "postgres",
    "or does not answer, is told",
    async (peer) => {
      const one = await first(await database(peer));
      const settings = readFileSync(join(one.path, "pki.json"), "utf8");
      const at = async (change: string): Promise<PkiDirectory> => {
        writeFileSync(join(one.path, "pki.json"), settings.replace(/"database": .*/, change));
        return PkiDirectory.open(one.path);
      };
      const away = await at(`"database": "postgresql:///x?host=${folder.path}&user=x",`);
      // What is here can be read
      expect(away.has("web")).toBe(true);
      await expect(away.change(() => {})).rejects.toThrow(/does not answer \(ENOENT\)/);
      const none = await at(`"database": ${JSON.stringify(postgres!.url("none"))},`);
      await expect(none.refresh()).rejects.toThrow(
        /the database refuses: database "none" does not/,
      );
    },
    120_000,
  );
});
