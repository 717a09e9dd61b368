/** What a journal comes to: the certificates there are, by number, name and key, and the numbers of lists. */
import type { CrlReason } from "../identity/index.ts";
import { AuthorityError } from "./errors.ts";
import type { Admission, Issuing, Line, Registered, Succession } from "./lines.ts";

/** What stands for a profile of cross-certificates. Whom they are for signs elsewhere, or by another certificate. */
export const crossProfile = "cross-certificate";

/** A certificate that was issued. */
export interface Entry extends Issuing {
  /** Absent: it is not revoked. */
  readonly revoked?: Revocation;
}

/** When and why a certificate was revoked. */
export interface Revocation {
  /** ISO 8601. */
  readonly at: string;
  /** RFC 5280 §5.3.1. */
  readonly reason: CrlReason;
  /** Where it stands among all events. */
  readonly order: number;
}

/** The last lists of an issuer. */
export interface Numbering {
  /** The highest number. */
  readonly last: number;
  /** The last complete list. */
  readonly complete?: { readonly number: number; readonly at: string; readonly order: number };
}

/** An admission, and what came of it so far. */
export interface AdmissionState extends Admission {
  /** Of the certificate that it was used for. Absent: it was not used. */
  readonly serial?: string;
}

/** What a journal says has been issued, revoked, registered and listed. */
export class Records {
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Issuing>();
  readonly #voided = new Set<string>();
  readonly #pruned = new Set<string>();
  /** Serial numbers, in order. */
  readonly #byName = new Map<string, string[]>();
  /** Names, by the profile of any of their certificates. */
  readonly #byProfile = new Map<string, Set<string>>();
  /** Serial numbers, by the hash of their key, and by each of their URIs. */
  readonly #byKey = new Map<string, string[]>();
  readonly #byUri = new Map<string, string[]>();
  readonly #lists = new Map<string, Numbering>();
  /** Where an issuer's last revocation stands among all events. */
  readonly #lastRevoked = new Map<string, number>();
  readonly #successions = new Map<string, Succession>();
  readonly #registered = new Map<string, Registered>();
  readonly #admissions = new Map<string, AdmissionState>();
  #order = 0;

  /** Takes the next line of the journal. @throws AuthorityError `damaged` if it cannot follow what was before */
  apply(line: Line): void {
    this.#order++;
    switch (line.type) {
      case "issuing":
        if (this.#isUsed(line.serial)) throw impossible(line, "that number was given before");
        this.#pending.set(line.serial, line);
        break;
      case "issued":
        this.#issue(this.#take(line), line.adopted === true ? "oldest" : "newest");
        break;
      case "void":
        this.#take(line);
        this.#voided.add(line.serial);
        break;
      case "revoked":
        this.#revoke(line);
        break;
      case "list":
        this.#list(line);
        break;
      case "pruned":
        for (const serial of line.serials) this.#prune(serial);
        break;
      case "cutting":
      case "cut":
        break;
      case "succeeded":
        if (this.#successions.has(line.name)) throw impossible(line, "it was succeeded before");
        if (this.current(line.by) === undefined) throw impossible(line, "there is no successor");
        this.#successions.set(line.name, line);
        break;
      case "registered":
        this.#registered.set(line.name, line);
        break;
      case "unregistered":
        if (!this.#registered.delete(line.name)) throw impossible(line, "it was not registered");
        break;
      case "admission":
        if (this.admission(line.id)?.serial !== undefined) throw impossible(line, "it was used");
        this.#admissions.set(line.id, line);
        break;
      case "admitted":
        this.#admit(line);
        break;
    }
  }

  /** All that were issued, in order. */
  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** All names, in the order in which they first came. */
  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** Numbers that were given, and of which nobody knows yet what came of them. */
  get pending(): readonly Issuing[] {
    return [...this.#pending.values()];
  }

  /** The certificate with that serial number, in hexadecimal. */
  find(serial: string): Entry | undefined {
    return this.#entries.get(serial);
  }

  /** The certificates of a name, the current one last. */
  ofName(name: string): readonly Entry[] {
    return this.#all(this.#byName.get(name));
  }

  /** The newest certificate of a name. */
  current(name: string): Entry | undefined {
    const serial = this.#byName.get(name)?.at(-1);
    return serial === undefined ? undefined : this.#entries.get(serial);
  }

  /** The certificates for a key, by its hash. */
  ofKey(key: string): readonly Entry[] {
    return this.#all(this.#byKey.get(key));
  }

  /** The certificates with that URI, the current one last. */
  ofUri(uri: string): readonly Entry[] {
    return this.#all(this.#byUri.get(uri));
  }

  /** Who succeeds an authority, if anybody does. */
  succession(name: string): Succession | undefined {
    return this.#successions.get(name);
  }

  /** Who certifies now in the place of an authority: itself, or the last of its successors. */
  successor(name: string, now = Date.now()): string {
    const next = this.#successions.get(name);
    if (next === undefined || Date.parse(next.from) > now) return name;
    return this.successor(next.by, now);
  }

  /** All names that are registered. */
  get registrations(): readonly Registered[] {
    return [...this.#registered.values()];
  }

  /** What a name is registered for. */
  registration(name: string): Registered | undefined {
    return this.#registered.get(name);
  }

  /** An admission by its ID. One whose number came to nothing is as good as new. */
  admission(id: string): AdmissionState | undefined {
    const known = this.#admissions.get(id);
    if (known?.serial === undefined || !this.#voided.has(known.serial)) return known;
    const { serial: _, ...admission } = known;
    return admission;
  }

  /** Whether certificates of an issuer were revoked since its last complete list. */
  isListDue(issuer: string): boolean {
    const revoked = this.#lastRevoked.get(issuer) ?? 0;
    return revoked > (this.listsOf(issuer).complete?.order ?? 0);
  }

  /** Current certificates, as far as their profile is that one. */
  ofProfile(profile: string): readonly Entry[] {
    const names = [...(this.#byProfile.get(profile) ?? [])];
    return names.flatMap((name) => {
      const entry = this.current(name);
      return entry?.profile === profile ? [entry] : [];
    });
  }

  /** Numbers of an issuer's lists. */
  listsOf(issuer: string): Numbering {
    return this.#lists.get(issuer) ?? { last: 0 };
  }

  /** The certificate that was issued last, whoever's it is. */
  get newest(): Entry | undefined {
    return this.#newest;
  }

  #newest: Entry | undefined;

  /** Whether a number was given to a certificate that is kept no more. */
  isPruned(serial: string): boolean {
    return this.#pruned.has(serial);
  }

  #isUsed(serial: string): boolean {
    const all = [this.#entries, this.#pending, this.#voided, this.#pruned];
    return all.some((each) => each.has(serial));
  }

  #take(line: Line & { readonly serial: string }): Issuing {
    const issuing = this.#pending.get(line.serial);
    if (issuing === undefined) throw impossible(line, "nothing is being issued with that number");
    this.#pending.delete(line.serial);
    return issuing;
  }

  #issue(issuing: Issuing, place: "oldest" | "newest"): void {
    const { serial, name, profile } = issuing;
    this.#entries.set(serial, issuing);
    this.#newest = issuing;
    if (place === "oldest") this.#byName.set(name, [serial, ...(this.#byName.get(name) ?? [])]);
    else push(this.#byName, name, serial);
    push(this.#byKey, issuing.key, serial);
    for (const uri of issuing.names.uri ?? []) push(this.#byUri, uri, serial);
    const ofProfile = this.#byProfile.get(profile);
    if (ofProfile === undefined) this.#byProfile.set(profile, new Set([name]));
    else ofProfile.add(name);
  }

  #revoke({ serials, at, reason }: Line & { readonly type: "revoked" }): void {
    for (const serial of serials) {
      const entry = this.#entries.get(serial);
      const line = { type: "revoked", serial };
      if (entry === undefined) throw impossible(line, "nothing was issued with that number");
      if (entry.revoked !== undefined) throw impossible(line, "it was revoked before");
      this.#entries.set(serial, { ...entry, revoked: { at, reason, order: this.#order } });
      this.#lastRevoked.set(entry.issuer, this.#order);
    }
  }

  #prune(serial: string): void {
    const entry = this.#entries.get(serial);
    const line = { type: "pruned", serial };
    if (entry === undefined) throw impossible(line, "nothing was issued with that number");
    if (this.current(entry.name) === entry) throw impossible(line, "it is the current one");
    this.#entries.delete(serial);
    this.#pruned.add(serial);
    drop(this.#byName, entry.name, serial);
    drop(this.#byKey, entry.key, serial);
    for (const uri of entry.names.uri ?? []) drop(this.#byUri, uri, serial);
  }

  #admit(line: Line & { readonly type: "admitted" }): void {
    const admission = this.admission(line.admission);
    if (admission === undefined) throw impossible(line, "there is no such admission");
    if (admission.serial !== undefined) throw impossible(line, "it was used before");
    this.#admissions.set(line.admission, { ...admission, serial: line.serial });
  }

  #list(line: Line & { readonly type: "list" }): void {
    const { issuer, number, base, at } = line;
    const before = this.listsOf(issuer);
    // RFC 5280 §5.2.3: numbers of an issuer's lists only grow
    if (number <= before.last) throw impossible(line, `list ${before.last} was before`);
    const complete = base === undefined ? { number, at, order: this.#order } : before.complete;
    this.#lists.set(issuer, { last: number, ...(complete === undefined ? {} : { complete }) });
  }

  #all(serials: readonly string[] = []): readonly Entry[] {
    return serials.flatMap((serial) => this.#entries.get(serial) ?? []);
  }
}

/**
 * Milliseconds for which a connection may outlive the certificate that it began with, at most: agents keep connections
 * for an hour. What is revoked is listed for so long, and with it what ended no longer ago.
 */
export const outliving = 2 * 3_600_000;

/** Whether a certificate counts: it is not revoked, and has not ended. */
export const counts = ({ revoked, notAfter }: Entry, now = Date.now()): boolean =>
  revoked === undefined && Date.parse(notAfter) >= now;

function push<K>(map: Map<K, string[]>, key: K, serial: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [serial]);
  else list.push(serial);
}

function drop<K>(map: Map<K, string[]>, key: K, serial: string): void {
  const kept = map.get(key)?.filter((each) => each !== serial) ?? [];
  if (kept.length === 0) map.delete(key);
  else map.set(key, kept);
}

const impossible = (line: object, why: string): AuthorityError =>
  new AuthorityError("damaged", `the journal says ${JSON.stringify(line)}, but ${why}`);
