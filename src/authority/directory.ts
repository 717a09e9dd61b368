/**
 * A directory with authorities and what they issued:
 *
 *     pki.json             what is certified; yours to edit
 *     journal.jsonl        what has happened: every number that was given, every revocation, every list
 *     issued/<name>-<serial>/
 *         certificate.pem  chain.pem  key.pem
 *     live/<name>          points to the current one of these
 *     crl/  ocsp/          lists and responses, made anew at any time
 *     lock/                who writes here now
 *
 * To issue is four steps: the number is journaled, the folder is moved to its place, the journal says
 * issued, the link follows. Before the third the certificate does not count, after it it does. The next
 * writer finishes what a crash left between them, and looks at nothing else: what it costs does not depend
 * on how much was issued.
 *
 * Where pki.json names a database, several machines share it, and the folder is a copy (`shared-folder.ts`).
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import type { PrivateKeyInfo } from "../crypto/index.ts";
import {
  type Certificate,
  encodePem,
  parseCertificates,
  parsePrivateKey,
} from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { toHex } from "../wire/index.ts";
import { Database } from "./database.ts";
import { AuthorityError } from "./errors.ts";
import { secretMode, targetOf, writeWhole } from "./files.ts";
import { Folder, folders, journalFile, placeOf, targetFor } from "./folder.ts";
import type { Head } from "./journal.ts";
import type { Issuing, Line } from "./lines.ts";
import { standardWait, withLock } from "./lock.ts";
import { type KeyFile, keyHash } from "./keys.ts";
import { duration } from "./duration.ts";
import type { Entry, Records } from "./records.ts";
import {
  checkSettings,
  parseSettings,
  printSettings,
  type Settings,
  settingsFile,
} from "./settings.ts";
import { SharedFolder } from "./shared-folder.ts";
import type { Store } from "./store.ts";

/** What is written of a certificate. */
export interface Issued {
  /** What the journal says of it. */
  readonly entry: Issuing;
  /** The certificate itself. */
  readonly certificate: Certificate;
  /** Those above it but the root, as a server sends them. */
  readonly above: readonly Certificate[];
  /** Absent where the subject keeps its key to itself. */
  readonly keyFile?: KeyFile;
}

/** How long one waits. */
export interface WaitOption {
  /** Milliseconds that one waits for other writers. Default: 60 000. */
  readonly wait?: number | undefined;
}

/** How a directory is changed, and by whom. */
export interface ChangeOptions extends WaitOption {
  /** Who does it, as the journal will say. Default: the user of this process. */
  readonly who?: string | undefined;
}

const waitTable = { wait: duration } satisfies check.OptionTable<WaitOption>;
const changeTable = {
  ...waitTable,
  who: check.text,
} satisfies check.OptionTable<ChangeOptions>;

/** A directory of authorities; what is written to it is written in {@link PkiDirectory.change}. */
export class PkiDirectory {
  /** The folder. */
  readonly path: string;
  /** What `pki.json` says. */
  readonly settings: Settings;
  readonly #store: Store;
  #isLocked = false;

  private constructor(path: string) {
    this.path = path;
    this.settings = parseSettings(readFileSync(join(path, settingsFile), "utf8"));
    const { database } = this.settings;
    const folder =
      database === undefined ? new Folder(path) : new SharedFolder(path, new Database(database));
    folder.catchUp();
    this.#store = folder;
  }

  /**
   * Opens what is in the folder. Where that is a copy of a database, {@link refresh} asks what is new there.
   * @throws AuthorityError `not_found` if there is none, `damaged`
   */
  static open(path: string): PkiDirectory {
    if (!existsSync(join(path, settingsFile))) {
      throw new AuthorityError(
        "not_found",
        `${path} is not a PKI directory; make one with: kemistry pki init --dir ${path}`,
      );
    }
    if (existsSync(join(path, "index.jsonl")) && !existsSync(join(path, journalFile))) {
      throw new AuthorityError(
        "damaged",
        `${path} is of a version that kept no journal: begin anew`,
      );
    }
    return new PkiDirectory(path);
  }

  /**
   * Opens it for writing: nobody else does at the same time. What a crash left over is put in order.
   * @throws AuthorityError as {@link open}, and `busy`; TypeError or RangeError for options that cannot be
   */
  static async change<T>(
    path: string,
    run: (pki: PkiDirectory) => T | Promise<T>,
    options: ChangeOptions = {},
  ): Promise<T> {
    check.checkOptions("PkiDirectory.change", options, changeTable);
    return await PkiDirectory.open(path).change(run, options);
  }

  /**
   * Makes a directory with nothing in it, and runs something there.
   * @throws AuthorityError `exists`; TypeError or RangeError for options and settings that cannot be
   */
  static async create<T>(
    path: string,
    settings: Settings,
    run: (pki: PkiDirectory) => T | Promise<T>,
    options: WaitOption = {},
  ): Promise<T> {
    check.checkOptions("PkiDirectory.create", options, waitTable);
    checkSettings(settings, "PkiDirectory.create: settings");
    // What is not read again is not written
    const text = printSettings(settings);
    parseSettings(text);
    for (const folder of folders) mkdirSync(join(path, folder), { recursive: true });
    const pki = await withLock(
      path,
      async () => {
        if (!existsSync(join(path, journalFile))) {
          writeWhole(join(path, settingsFile), text);
        }
        const made = PkiDirectory.open(path);
        await made.#store.prepare();
        return made;
      },
      options.wait,
    );
    return await pki.change((empty) => {
      if (empty.entries.length === 0) return run(empty);
      const where = settings.database === undefined ? path : "the database";
      const other = settings.database === undefined ? "another folder" : "another one";
      throw new AuthorityError("exists", `${where} has authorities already; choose ${other}`);
    }, options);
  }

  /** Writes, as {@link change}, with what is known already and what was added since. */
  async change<T>(
    run: (pki: PkiDirectory) => T | Promise<T>,
    options: ChangeOptions = {},
  ): Promise<T> {
    check.checkOptions("PkiDirectory.change", options, changeTable);
    const { wait = standardWait, who = thisUser() } = options;
    return await this.#store.change({ who, wait, run: () => this.#write(run) });
  }

  /** Reads what others have written since. @throws AuthorityError `damaged`; `busy`, `misuse` for a database */
  async refresh(): Promise<void> {
    await this.#store.refresh();
  }

  /** What was issued, revoked and published. */
  get records(): Records {
    return this.#store.records;
  }

  /** Where the journal stands: who has noted it sees later whether lines were changed or taken away. */
  get head(): Head {
    return this.#store.head;
  }

  /** All certificates that were issued, in order. */
  get entries(): readonly Entry[] {
    return this.records.entries;
  }

  /** The current certificate of a name. @throws AuthorityError that lists the names there are */
  current(name: string): Entry {
    const entry = this.records.current(name);
    if (entry !== undefined) return entry;
    const { names } = this.records;
    const some = names.slice(0, 20).join(", ") + (names.length > 20 ? ", …" : "");
    throw new AuthorityError(
      "not_found",
      `there is no ${JSON.stringify(name)} here, but ${some || "nothing at all"}`,
    );
  }

  /** Whether a certificate was issued under that name. */
  has(name: string): boolean {
    return this.records.current(name) !== undefined;
  }

  /** Current certificates of names whose profile makes authorities. */
  authorities(): Entry[] {
    const profiles = Object.keys(this.settings.profiles).filter((profile) => profile !== "root");
    return ["root", ...profiles]
      .filter((profile) => this.isAuthority({ profile }))
      .flatMap((profile) => this.records.ofProfile(profile));
  }

  /** Whether its profile makes authorities. */
  isAuthority({ profile }: Pick<Entry, "profile">): boolean {
    return profile === "root" || this.settings.profiles[profile]?.ca !== undefined;
  }

  /** Reads the certificate of an entry. @throws AuthorityError `damaged` */
  certificate(entry: Omit<Issuing, "type">): Certificate {
    return this.chain(entry)[0]!;
  }

  /** Leaf first, without the root. @throws AuthorityError `damaged` */
  chain(entry: Omit<Issuing, "type">): Certificate[] {
    const path = `${placeOf(entry)}/chain.pem`;
    const damaged = (reason: string): AuthorityError =>
      new AuthorityError("damaged", `${join(this.path, path)} is not what was issued: ${reason}`);
    let chain: Certificate[];
    try {
      chain = parseCertificates(this.#store.read(path) ?? "");
    } catch (error) {
      throw damaged(error instanceof Error ? error.message : String(error));
    }
    const [leaf] = chain;
    const { serial, key } = entry;
    if (leaf === undefined || toHex(leaf.serialNumber) !== serial) throw damaged("another number");
    if (keyHash(leaf.publicKey) !== key) throw damaged("another key");
    return chain;
  }

  /** The issuer and those above it, the root last. */
  pathFrom(issuer: Entry): Certificate[] {
    if (issuer.profile === "root") return [this.certificate(issuer)];
    return [this.certificate(issuer), ...this.pathFrom(this.current(issuer.issuer))];
  }

  /** The private key of a certificate. @throws AuthorityError if it is not here, or the passphrase does not open it */
  privateKey(entry: Entry, passphrase: string | undefined): PrivateKeyInfo {
    const refused = (reason: string): AuthorityError =>
      new AuthorityError("misuse", `the key of ${entry.name} ${reason}`);
    const file = this.keyFile(entry);
    if (file?.name === "key.uri") throw refused(`is elsewhere: ${file.content.trim()}`);
    const pem = file?.content;
    if (pem === undefined) throw refused("is not here: it was certified by request");
    if (passphrase === undefined && pem.includes("ENCRYPTED")) {
      throw refused("is encrypted: give --passphrase-file");
    }
    try {
      return parsePrivateKey(pem, passphrase === undefined ? {} : { passphrase });
    } catch (error) {
      throw refused(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** The key of a certificate, or where it is; `undefined` if the subject has it. */
  keyFile(entry: Entry): KeyFile | undefined {
    for (const name of ["key.pem", "key.uri"] as const) {
      const content = this.#store.read(`${placeOf(entry)}/${name}`);
      if (content !== undefined) return { name, content };
    }
    return undefined;
  }

  /** Where the files of a certificate are: a path. */
  folder(entry: Pick<Entry, "name" | "serial">): string {
    return join(this.path, placeOf(entry));
  }

  /** Where the current files of a name are, whichever they are. */
  live(name: string): string {
    return join(this.path, "live", name);
  }

  /** Writes down what has happened. Only in {@link change}. */
  record(...lines: readonly Line[]): void {
    this.#writing.record(lines);
  }

  /** As {@link Store.cut}. Only in {@link change}. */
  cut(before: number, least: number): number {
    return this.#writing.cut(before, least);
  }

  /** Writes a file, as a whole. Only in {@link change}. @param path below the directory, with `/` */
  write(path: string, content: string | Uint8Array): void {
    this.#writing.write(path, content);
  }

  /** Takes a file away, or a folder with all that is in it. Only in {@link change}. */
  remove(path: string): void {
    this.#writing.remove(path);
  }

  /** Puts a certificate in its place whose number was recorded: files, journal, link. */
  place({ entry, certificate, above, keyFile }: Issued): Entry {
    const pems = [certificate, ...above].map(({ der }) => encodePem("CERTIFICATE", der));
    this.#writing.writeFolder(placeOf(entry), [
      { name: "certificate.pem", content: pems[0] ?? "" },
      { name: "chain.pem", content: pems.join("") },
      ...(keyFile === undefined ? [] : [{ ...keyFile, mode: secretMode }]),
    ]);
    return this.adopt(entry);
  }

  /** What is in its place counts from now on. */
  adopt({ serial, name }: Issuing): Entry {
    this.record({ type: "issued", serial });
    this.link(name);
    return this.current(name);
  }

  /** Nobody will have a certificate with that number. */
  drop(entry: Issuing): void {
    this.remove(placeOf(entry));
    this.record({ type: "void", serial: entry.serial });
  }

  /** Lets the link of a name point to what is current. Only in {@link change}. */
  link(name: string): void {
    this.#writing.link(name);
  }

  /** Whether the link of a name points to what is current. */
  isLinked(name: string): boolean {
    return targetOf(this.live(name)) === targetFor(this.current(name));
  }

  /** Writes a list or a response, as a whole. */
  publish(folder: "crl" | "ocsp", name: string, content: string | Uint8Array): string {
    this.write(`${folder}/${name}`, content);
    return join(this.path, folder, name);
  }

  get #writing(): Store {
    if (this.#isLocked) return this.#store;
    throw new AuthorityError("busy", "only change() may write here");
  }

  async #write<T>(run: (pki: PkiDirectory) => T | Promise<T>): Promise<T> {
    this.#isLocked = true;
    try {
      this.#finish();
      return await run(this);
    } finally {
      this.#isLocked = false;
    }
  }

  /** What a crash left: a number without an end, the newest certificate's link. */
  #finish(): void {
    for (const entry of this.records.pending) {
      if (existsSync(this.folder(entry)) && this.#isAsRecorded(entry)) this.adopt(entry);
      else this.drop(entry);
    }
    const { newest } = this.records;
    if (newest !== undefined) this.link(newest.name);
  }

  #isAsRecorded(entry: Issuing): boolean {
    try {
      this.chain(entry);
      return true;
    } catch {
      return false;
    }
  }
}

/** Who runs this process, as far as the system says. */
function thisUser(): string {
  try {
    return `user ${userInfo().username}`;
  } catch {
    // One without a name
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
