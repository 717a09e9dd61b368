/** Two authorities that share a PostgreSQL, as on two machines. */
import { copyFileSync, mkdirSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import {
  admitByToken,
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  register,
  revoke,
} from "../../src/authority/index.ts";
import { native } from "../../src/crypto/native.ts";
import { parseCrls } from "../../src/identity/index.ts";
import { type AuthorityEvent, joinMesh, openAuthority } from "../../src/mesh/index.ts";
import { HttpsAgent } from "../../src/transport/node/index.ts";
import { toHex } from "../../src/wire/index.ts";
import { emptyFolders } from "../authority/folders.ts";
import { Postgres } from "../authority/postgres.ts";
import { itWith } from "../interop/peers.ts";
import { domain, idOf, rules, signing } from "./support.ts";

const folder = emptyFolders();
const day = 86_400_000;

const fetchFrom = (url: string, ca: Uint8Array): Promise<string> =>
  new Promise((resolve, reject) => {
    const agent = new HttpsAgent({ provider: native, ca: [ca], keepAlive: false });
    const { hostname: host, port, pathname: path } = new URL(url);
    get({ protocol: "https:", host, port, path, agent }, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (part: string) => (text += part))
        .on("end", () => resolve(text));
    }).on("error", reject);
  });

/** Until it is so. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await sleep(50);
}

itWith(
  "postgres",
  "two authorities enrol, renew and revoke for each other, and serve lists while it is away",
  async (peer) => {
    const postgres = await Postgres.start(peer);
    const open: { close(): unknown }[] = [];
    try {
      const paths = [folder.at("one"), folder.at("two")] as const;
      const settings = firstSettings({ database: postgres.url() });
      await PkiDirectory.create(paths[0], settings, async (pki) => {
        const root = {
          subject: { CN: "Root" },
          algorithm: "secp256r1",
          lifetime: 9 * day,
        } as const;
        await issueRoot(pki, { ...root, name: "root" }, signing);
        await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
      });
      mkdirSync(paths[1]);
      copyFileSync(join(paths[0], "pki.json"), join(paths[1], "pki.json"));
      const events: AuthorityEvent[] = [];
      const urls = [];
      for (const directory of paths) {
        const onEvent = (event: AuthorityEvent) => events.push(event);
        const authority = await openAuthority({ directory, domain, onEvent });
        open.push(authority);
        urls.push(`https://localhost:${await authority.listen(0, "localhost")}`);
      }
      const [one, two] = urls as [string, string];
      const pki = PkiDirectory.open(paths[0]);
      const token = await pki.change(() => {
        register(pki, { name: "ann", names: { uri: [idOf("ann")] } });
        return admitByToken(pki, { name: "ann", lifetime: day }, native);
      });
      const root = pki.certificate(pki.current("root")).der;

      // What one was told the other knows: the registration and the token
      const ann = await joinMesh({ authority: two, id: idOf("ann"), rules, token, poll: 300 });
      open.push(ann);
      const failures: string[] = [];
      ann.on("failed", ({ error }) => failures.push(String(error)));
      await ann.renew();
      await pki.refresh();
      const entries = pki.records.ofName("ann");
      expect(entries).toHaveLength(2);

      await postgres.down();
      expect(parseCrls(await fetchFrom(`${one}/crl`, root))).toHaveLength(2);
      await ann.renew();
      expect(failures.join("\n")).toMatch(/does not answer/);
      expect(events).toContainEqual(
        expect.objectContaining({ error: expect.objectContaining({ code: "busy" }) }),
      );
      await postgres.up();
      await ann.renew();

      await pki.change(() => revoke(pki, { name: "ann" }, "keyCompromise"));
      const revoked = entries.map(({ serial }) => serial);
      for (const url of urls) {
        await until(async () => {
          const lists = parseCrls(await fetchFrom(`${url}/crl`, root));
          const listed = lists.flatMap((list) =>
            list.entries.map(({ serialNumber }) => toHex(serialNumber)),
          );
          return revoked.every((serial) => listed.includes(serial));
        });
      }
      await ann.renew();
      await pki.refresh();
      expect(pki.records.ofName("ann")).toHaveLength(3);
    } finally {
      await Promise.all(open.map((each) => each.close()));
      await postgres.remove();
    }
  },
  120_000,
);
