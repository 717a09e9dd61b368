/** Keys of an adversary that has the secrets of a laboratory's ends (RFC 9850). */
import { aeadOf, hashOf, type Provider, type Suite } from "../../crypto/index.ts";
import type { EpochName } from "../../record/index.ts";
import { RecordProtection } from "../../record/protection.ts";
import { otherRole, type Role, SecretOwner, TrafficSecret } from "../../schedule/index.ts";
import { concat, fromHex } from "../../wire/index.ts";
import type { NumberedKeys } from "./record-number.ts";

/**
 * The part of a connection that a traffic secret protects, as labels of a key log tell them apart. Two are AuthKEM's:
 * `early certificate`, a client's behind its ClientHello, and `authenticated`, from KEMEncapsulation to Finished.
 */
export type SecretEpoch =
  | "early"
  | "early certificate"
  | "handshake"
  | "authenticated"
  | "application";

const labels: Readonly<Record<SecretEpoch, Readonly<Partial<Record<Role, string>>>>> = {
  early: { client: "CLIENT_EARLY_TRAFFIC_SECRET" },
  "early certificate": { client: "CLIENT_EARLY_HANDSHAKE_TRAFFIC_SECRET" },
  handshake: {
    client: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    server: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
  },
  authenticated: {
    client: "CLIENT_AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET",
    server: "SERVER_AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET",
  },
  application: { client: "CLIENT_TRAFFIC_SECRET_0", server: "SERVER_TRAFFIC_SECRET_0" },
};

/** What the record layer calls it: secrets of a handshake that follow on each other are one epoch there. */
export const epochNameOf = (epoch: SecretEpoch | "plaintext"): EpochName =>
  epoch === "early certificate" || epoch === "authenticated" ? "handshake" : epoch;

/** The random of a connection's first ClientHello, as the client sent it and as the server got it: hexadecimal. */
export type Randoms = Readonly<Partial<Record<Role, string>>>;

/** A secret under which `sender` writes, as `end` believes. */
export interface SecretQuestion {
  /** Whose belief counts: the two differ under an attack. */
  readonly end: Role;
  /** Which keys. */
  readonly epoch: SecretEpoch;
  /** The end that writes under them. */
  readonly sender: Role;
}

/** Whose log has it, and the line. */
interface KnownLine {
  readonly end: Role;
  readonly line: string;
}

/** Label, client random, secret (RFC 9850 §2). */
const keyLogLine = /^(\w+) ([\da-f]{64}) ((?:[\da-f]{2})+)$/i;

/**
 * The secrets in key logs, of any number of connections, told apart by the client's random. Where the two
 * ends of one differ, each end's own are known.
 */
export class Secrets {
  readonly #logs: Readonly<Record<Role, Map<string, Uint8Array>>> = {
    client: new Map(),
    server: new Map(),
  };
  /** Lines by client random, and among them by end and label. */
  readonly #lines = new Map<string, Map<string, KnownLine>>();

  /** Called before a secret is looked for that an end's log does not have: a log on disk may have grown. */
  refresh: ((end: Role, label: string, random: string) => void) | undefined;

  /**
   * Takes a whole line of an end's key log. Comments, and what is no such line, say nothing (RFC 9850 §2). Of two
   * secrets under one label and random the later counts: a hello that was replayed has one for each server.
   */
  add(end: Role, line: string): void {
    const [whole, label = "", random = "", secret = ""] = keyLogLine.exec(line.trim()) ?? [];
    const key = keyOf(label, random);
    if (whole === undefined) return;
    this.#logs[end].set(key, fromHex(secret));
    const own = this.#lines.get(random.toLowerCase()) ?? new Map<string, KnownLine>();
    this.#lines.set(random.toLowerCase(), own.set(`${end} ${label}`, { end, line: whole }));
  }

  /** All that is known: whose log says it, and the line. */
  get entries(): readonly KnownLine[] {
    return [...this.#lines.values()].flatMap((own) => [...own.values()]);
  }

  /** Of one connection: of that client random, in hexadecimal. */
  entriesOf(random: string): readonly KnownLine[] {
    return [...(this.#lines.get(random.toLowerCase())?.values() ?? [])];
  }

  /** The client randoms of which something is known, in hexadecimal. */
  get randoms(): readonly string[] {
    return [...this.#lines.keys()];
  }

  /** Connections of which something is known. */
  get size(): number {
    return this.#lines.size;
  }

  /** For who has not seen the ClientHello: there is no doubt if the logs are of one connection. */
  get #onlyRandom(): string | undefined {
    return this.size === 1 ? this.#lines.keys().next().value : undefined;
  }

  /** As that end believes; as the other does, if that end does not say. */
  find({ end, epoch, sender }: SecretQuestion, randoms: Randoms): Uint8Array | undefined {
    const label = labels[epoch][sender];
    const other = otherRole(end);
    const random = randoms[end] ?? randoms[other] ?? this.#onlyRandom;
    if (label === undefined || random === undefined) return undefined;
    const key = keyOf(label, random);
    if (!this.#logs[end].has(key)) this.refresh?.(end, label, random);
    return (
      this.#logs[end].get(key) ?? this.#logs[other].get(keyOf(label, randoms[other] ?? random))
    );
  }
}

const keyOf = (label: string, random: string): string => `${label} ${random.toLowerCase()}`;

/** Record keys of one direction on one side of the adversary: a sequence number of its own. */
export class WayKeys {
  readonly #provider: Provider;
  #secret: TrafficSecret | undefined;
  #protection: RecordProtection | undefined;
  #suite: Suite | undefined;
  /** Instead of the protection: from a record whose number was found, and only to open. */
  #numbered: NumberedKeys | undefined;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  get installed(): boolean {
    return this.#protection !== undefined;
  }

  install(suite: Suite, secret: Uint8Array): void {
    this.#numbered = undefined;
    this.#suite = suite;
    this.#secret = new TrafficSecret(hashOf(suite, this.#provider), secret, new SecretOwner());
    this.#protection = new RecordProtection(aeadOf(suite, this.#provider), this.#secret);
  }

  /** Goes on from the record that these keys have found. */
  goOn(suite: Suite, secret: Uint8Array, keys: NumberedKeys): void {
    this.install(suite, secret);
    this.#numbered = keys;
  }

  /** The secret that is in use, and how many records were opened under it. */
  get current(): { readonly secret: Uint8Array; readonly records: number } | undefined {
    if (this.#secret === undefined) return undefined;
    const records = this.#numbered?.next ?? this.#protection?.records ?? 0;
    return { secret: this.#secret.reveal(), records };
  }

  /** Back to plaintext: a client whose early data a HelloRetryRequest ended. */
  remove(): void {
    this.#numbered = undefined;
    this.#secret = undefined;
    this.#protection = undefined;
  }

  /** After a KeyUpdate. */
  update(): void {
    if (this.#secret === undefined || this.#suite === undefined) return;
    this.install(this.#suite, this.#secret.next().reveal());
  }

  seal(content: Uint8Array, trailer: Uint8Array): Uint8Array | undefined {
    return this.#protection && concat(...this.#protection.seal(content, trailer));
  }

  open(record: Uint8Array): Uint8Array | undefined {
    return (this.#numbered ?? this.#protection)?.open(record);
  }
}
