/**
 * A directory with authorities and what they issued:
 *
 *     pki.json             what is certified; yours to edit
 *     index.jsonl          every certificate ever issued
 *     issued/<name>-<serial>/
 *         certificate.pem  chain.pem  key.pem
 *     live/<name>          points to the current one of these
 *     crl/  ocsp/          lists and responses, made anew at any time
 *
 * A folder under `issued` never changes. The index says which of them count: what a crash left there
 * without a line in the index was never issued. The link follows the index; a writer puts it right.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type Certificate,
  encodePem,
  parseCertificates,
  parsePrivateKey,
} from "../identity/index.ts";
import type { PrivateKeyInfo } from "../crypto/index.ts";
import { toHex } from "../wire/index.ts";
import { AuthorityError } from "./errors.ts";
import { pointTo, secretMode, unfinished, writeFolder, writeWhole } from "./files.ts";
import { type Entry, readJournal, writeJournal } from "./journal.ts";
import { withLock } from "./lock.ts";
import { parseSettings, printSettings, type Settings, settingsFile } from "./settings.ts";

/** What is written of a certificate. */
export interface Issued {
  readonly entry: Entry;
  readonly certificate: Certificate;
  /** Those above it but the root, as a server sends them. */
  readonly above: readonly Certificate[];
  /** PEM; absent where the subject keeps its key to itself. */
  readonly keyPem?: string;
}

export class PkiDirectory {
  readonly path: string;
  readonly settings: Settings;
  #entries: readonly Entry[];

  private constructor(path: string) {
    this.path = path;
    this.settings = parseSettings(readFileSync(join(path, settingsFile), "utf8"));
    this.#entries = readJournal(join(path, indexFile));
  }

  /** @throws AuthorityError if there is none, or if it is damaged */
  static open(path: string): PkiDirectory {
    if (!existsSync(join(path, settingsFile))) {
      throw new AuthorityError(
        "not_found",
        `${path} is no PKI directory; make one with: kemistry pki init ${path}`,
      );
    }
    return new PkiDirectory(path);
  }

  /** Opens it for writing: nobody else does at the same time. What a crash left over is put in order. */
  static async change<T>(path: string, run: (pki: PkiDirectory) => T | Promise<T>): Promise<T> {
    PkiDirectory.open(path);
    return await withLock(path, () => {
      const pki = PkiDirectory.open(path);
      pki.#tidy();
      return run(pki);
    });
  }

  /** Makes a directory with nothing in it, and runs something there. @throws AuthorityError if there is one already */
  static async create<T>(
    path: string,
    settings: Settings,
    run: (pki: PkiDirectory) => T,
  ): Promise<T> {
    for (const folder of ["issued", "live", "crl", "ocsp"]) {
      mkdirSync(join(path, folder), { recursive: true });
    }
    return await withLock(path, () => {
      if (readJournal(join(path, indexFile)).length > 0) {
        throw new AuthorityError(
          "exists",
          `${path} has authorities already; choose another folder`,
        );
      }
      writeWhole(join(path, settingsFile), printSettings(settings));
      const pki = PkiDirectory.open(path);
      pki.#tidy();
      return run(pki);
    });
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** The current certificate of a name. @throws AuthorityError that lists the names there are */
  current(name: string): Entry {
    const entry = this.#entries.findLast((each) => each.name === name);
    if (entry !== undefined) return entry;
    const names = [...new Set(this.#entries.map((each) => each.name))];
    throw new AuthorityError(
      "not_found",
      `there is no ${JSON.stringify(name)} here, but ${names.join(", ")}`,
    );
  }

  has(name: string): boolean {
    return this.#entries.some((entry) => entry.name === name);
  }

  /** Entries whose profile makes authorities. */
  authorities(): Entry[] {
    const names = new Set(this.#entries.filter((entry) => this.isAuthority(entry)).map(nameOf));
    return [...names].map((name) => this.current(name));
  }

  isAuthority({ profile }: Entry): boolean {
    return profile === "root" || this.settings.profiles[profile]?.ca !== undefined;
  }

  certificate(entry: Entry): Certificate {
    return this.chain(entry)[0]!;
  }

  /** Leaf first, without the root. */
  chain(entry: Entry): Certificate[] {
    return parseCertificates(readFileSync(join(this.folder(entry), "chain.pem"), "utf8"));
  }

  /** @throws AuthorityError if the key is not here, or the passphrase does not open it */
  privateKey(entry: Entry, passphrase: string | undefined): PrivateKeyInfo {
    const pem = this.keyPem(entry);
    if (pem === undefined) {
      throw new AuthorityError(
        "refused",
        `the key of ${entry.name} is not here: it was certified by request`,
      );
    }
    if (passphrase === undefined && pem.includes("ENCRYPTED")) {
      throw new AuthorityError(
        "refused",
        `the key of ${entry.name} is encrypted: give --passphrase-file`,
      );
    }
    try {
      return parsePrivateKey(pem, passphrase === undefined ? {} : { passphrase });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AuthorityError("refused", `the key of ${entry.name} cannot be read: ${reason}`);
    }
  }

  /** As it stands in its file; `undefined` if it is not here. */
  keyPem(entry: Entry): string | undefined {
    const path = join(this.folder(entry), "key.pem");
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  folder({ name, serial }: Entry): string {
    return join(this.path, "issued", `${name}-${serial}`);
  }

  /** Where the current files of a name are, whichever they are. */
  live(name: string): string {
    return join(this.path, "live", name);
  }

  /** Adds a certificate: first its files, then its line, then the link. */
  add({ entry, certificate, above, keyPem }: Issued): void {
    const pems = [certificate, ...above].map(({ der }) => encodePem("CERTIFICATE", der));
    writeFolder(this.folder(entry), [
      { name: "certificate.pem", content: pems[0] ?? "" },
      { name: "chain.pem", content: pems.join("") },
      ...(keyPem === undefined ? [] : [{ name: "key.pem", content: keyPem, mode: secretMode }]),
    ]);
    this.#write([...this.#entries, entry]);
    this.#link(entry);
  }

  /** Puts another entry in the place of one. */
  replace(old: Entry, entry: Entry): void {
    this.#write(this.#entries.map((each) => (each === old ? entry : each)));
  }

  #write(entries: readonly Entry[]): void {
    writeJournal(join(this.path, indexFile), entries);
    this.#entries = entries;
  }

  #link({ name, serial }: Entry): void {
    pointTo(this.live(name), join("..", "issued", `${name}-${serial}`));
  }

  /** Removes files that were not finished, and lets the links point to what the index says. */
  #tidy(): void {
    for (const folder of [".", "issued", "live", "crl", "ocsp"]) {
      const path = join(this.path, folder);
      for (const name of readdirSync(path)) {
        if (name.startsWith(unfinished)) rmSync(join(path, name), { recursive: true, force: true });
      }
    }
    for (const name of new Set(this.#entries.map(nameOf))) this.#link(this.current(name));
  }
}

const indexFile = "index.jsonl";

const nameOf = ({ name }: Entry): string => name;

/** What the index says of a new certificate. */
export const entryOf = (
  certificate: Certificate,
  { name, issuer, profile }: Pick<Entry, "name" | "issuer" | "profile">,
): Entry => ({
  serial: toHex(certificate.serialNumber),
  name,
  issuer,
  profile,
  subject: certificate.subject.text,
  notBefore: new Date(certificate.notBefore).toISOString(),
  notAfter: new Date(certificate.notAfter).toISOString(),
});
