/**
 * The keys of a connection, as an adversary follows them that has the secrets of its ends. Each direction
 * has two sets: those under which its sender writes, and those under which its receiver reads; where hellos
 * were changed they differ. They change behind messages: at the sender's behind what it sent, at the
 * receiver's behind what it was given.
 */
import { hashOf, type Provider, type Suite } from "../../crypto/index.ts";
import { decodeMessage, type MessageType } from "../../messages/index.ts";
import { type EpochName, recordHeaderLength } from "../../record/index.ts";
import { ContentType, HandshakeType } from "../../registry/index.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { toHex } from "../../wire/index.ts";
import { Budget } from "./budget.ts";
import { epochNameOf, type Randoms, type SecretEpoch, type Secrets, WayKeys } from "./keys.ts";
import { type Opened, type ReadingKeys, withoutPadding } from "./reading-keys.ts";
import { RecordFinder } from "./record-finder.ts";

interface Way {
  readonly from: Role;
  readonly opens: WayKeys;
  readonly seals: WayKeys;
  epoch: SecretEpoch | "plaintext";
  /** Where it would be already, if the secret were known. */
  pending: SecretEpoch | undefined;
}

/** What a client protects before it has an answer. */
const earlyEpochs: readonly SecretEpoch[] = ["early", "early certificate"];

export class FollowedKeys implements ReadingKeys {
  readonly #secrets: Secrets | undefined;
  readonly #provider: Provider;
  readonly #suites: readonly Suite[];
  readonly #ways: Readonly<Record<Role, Way>>;
  #randoms: Randoms = {};
  #suite = 0;
  readonly #finder: RecordFinder | undefined;

  /**
   * @param secrets without them nothing that is encrypted can be read or written
   * @param search what may be tried to find a record behind a gap. Default: 64 MiB of records
   */
  constructor(
    secrets: Secrets | undefined,
    provider: Provider,
    suites: readonly Suite[],
    search: Budget = new Budget(2 ** 26),
  ) {
    this.#secrets = secrets;
    this.#finder = secrets && new RecordFinder(secrets, provider, suites, search);
    this.#suites = suites;
    this.#provider = provider;
    const way = (from: Role): Way => ({
      from,
      opens: new WayKeys(provider),
      seals: new WayKeys(provider),
      epoch: "plaintext",
      pending: undefined,
    });
    this.#ways = { client: way("client"), server: way("server") };
  }

  /** That of the ServerHello; `undefined` before, and for one that nobody named. */
  get suite(): Suite | undefined {
    return this.#suites.find(({ code }) => code === this.#suite);
  }

  /** What is known of this connection, as lines of a key log. */
  get keyLog(): ReturnType<Secrets["entriesOf"]> {
    const { client, server } = this.#randoms;
    const randoms = new Set([client, server].filter((random) => random !== undefined));
    return [...randoms].flatMap((random) => this.#secrets?.entriesOf(random) ?? []);
  }

  /** True if what goes to the receiver of this end is encrypted by the adversary. */
  areInstalled(from: Role): boolean {
    return this.#ways[from].seals.installed;
  }

  /** True if an encrypted record of that end could not be read yet, for lack of its secret. */
  isBlind(from: Role): boolean {
    const { epoch, pending } = this.#ways[from];
    const wanted = pending ?? (epoch === "plaintext" ? "handshake" : undefined);
    if (wanted === undefined || this.#secrets === undefined) return false;
    const isEarly =
      wanted === "handshake" &&
      earlyEpochs.some((early) => this.#find(from, early, from) !== undefined);
    return !isEarly && this.#find(from, wanted, from) === undefined;
  }

  /** The handshake traffic secret of `sender`, as `end` believes. */
  handshakeSecret(end: Role, sender: Role): Uint8Array | undefined {
    return this.#find(end, "handshake", sender);
  }

  /** What is in a record; `undefined` for what cannot be read. */
  open(from: Role, record: Uint8Array): Opened | undefined {
    const way = this.#ways[from];
    const type = record[0]!;
    if (type !== ContentType.application_data) {
      const isEarly = way.epoch === "early" || way.pending === "handshake";
      if (type === ContentType.handshake && isEarly) this.#leaveEarly(way);
      return { type, content: record.slice(recordHeaderLength) };
    }
    if (this.#secrets === undefined) return undefined;
    if (way.pending !== undefined) this.#enter(way, way.pending, record);
    if (way.epoch === "plaintext" && !this.#enterEarly(way, record)) {
      this.#enter(way, "handshake", record);
    }
    let inner = way.opens.open(record);
    if (inner === undefined && way.epoch === "early") {
      // The server refused the early data, so that no EndOfEarlyData came
      this.#enter(way, "handshake");
      inner = way.opens.open(record);
    }
    if (inner === undefined) return undefined;
    return withoutPadding(inner);
  }

  canFind(from: Role): boolean {
    return this.#finder?.canFind(from) ?? false;
  }

  find(from: Role, record: Uint8Array): Opened | undefined {
    const way = this.#ways[from];
    const found = this.#finder?.find(record, {
      from,
      epoch: way.epoch === "plaintext" ? undefined : way.epoch,
      keys: way.opens,
      randoms: this.#randoms,
      suite: this.suite,
    });
    if (found === undefined) return undefined;
    const { suite, secret, keys, epoch, random } = found;
    this.#suite = suite.code;
    if (random !== undefined) this.#randoms = { client: random };
    way.epoch = epoch;
    way.pending = undefined;
    way.opens.goOn(suite, secret, keys);
    const inner = way.opens.open(record);
    return inner && withoutPadding(inner);
  }

  /** A record for the receiver of what this end sends; `undefined` before there are keys. */
  seal(from: Role, content: Uint8Array, trailer: Uint8Array): Uint8Array | undefined {
    return this.#ways[from].seals.seal(content, trailer);
  }

  epochOf(from: Role): EpochName {
    return epochNameOf(this.#ways[from].epoch);
  }

  reads(_from: Role, type: MessageType | undefined, raw: Uint8Array): void {
    if (type === "client_hello") {
      this.#randoms = { ...this.#randoms, client: this.#randoms.client ?? randomOf(raw) };
    } else if (type === "server_hello" || type === "hello_retry_request") {
      this.#suite = suiteIn(type, raw) ?? this.#suite;
    }
  }

  read(from: Role, type: MessageType | undefined): void {
    if (this.#secrets === undefined) return;
    const way = this.#ways[from];
    if (type === "server_hello") this.#enter(way, "handshake");
    else if (type === "certificate" && way.epoch === "early certificate")
      this.#enter(way, "handshake");
    else if (type === "end_of_early_data") this.#enter(way, "handshake");
    else if (type === "kem_encapsulation" && from === "client") {
      // The server has sent all that it could before it
      for (const each of Object.values(this.#ways)) this.#enter(each, "authenticated");
    } else if (type === "finished") this.#finish(way);
    else if (type === "key_update") way.opens.update();
  }

  /** A message was given to the receiver of what this end sends, whoever made it. */
  given(from: Role, raw: Uint8Array): void {
    const { seals } = this.#ways[from];
    if (raw[0] === HandshakeType.client_hello) {
      this.#randoms = { ...this.#randoms, server: this.#randoms.server ?? randomOf(raw) };
    }
    // The receiver changes keys behind it
    if (raw[0] === HandshakeType.key_update) seals.update();
  }

  #find(end: Role, epoch: SecretEpoch, sender: Role): Uint8Array | undefined {
    return this.#secrets?.find({ end, epoch, sender }, this.#randoms);
  }

  /** Authentication after the handshake has a Finished too (RFC 9846 §4.7.2), behind which nothing changes. */
  #finish(way: Way): void {
    if (way.epoch !== "application" && way.pending !== "application")
      this.#enter(way, "application");
  }

  /**
   * To the next keys: of the end that sends, and as the end that receives has them.
   * @param first under these keys: it shows the suite to who has not seen the ServerHello
   */
  #enter(way: Way, epoch: SecretEpoch, first?: Uint8Array): void {
    const ours = this.#find(way.from, epoch, way.from);
    const theirs = this.#find(otherRole(way.from), epoch, way.from);
    const suite = this.#suite === 0 ? this.#suiteOf(first, ours) : this.suite;
    if (ours === undefined || theirs === undefined || suite === undefined) {
      way.pending = epoch;
      return;
    }
    way.epoch = epoch;
    way.pending = undefined;
    way.opens.install(suite, ours);
    way.seals.install(suite, theirs);
  }

  /** The suite of early data is that of the ticket, that of an early certificate the client's first: nobody says. */
  #enterEarly(way: Way, record: Uint8Array): boolean {
    for (const epoch of earlyEpochs) {
      const secret = this.#find(way.from, epoch, way.from);
      const suite = this.#suiteOf(record, secret);
      if (suite === undefined || secret === undefined) continue;
      way.epoch = epoch;
      way.opens.install(suite, secret);
      way.seals.install(suite, secret);
      return true;
    }
    return false;
  }

  /** The one that opens the first record under a secret. */
  #suiteOf(record?: Uint8Array, secret?: Uint8Array): Suite | undefined {
    if (record === undefined || secret === undefined) return undefined;
    return this.#suites.find((suite) => {
      if (hashOf(suite, this.#provider).length !== secret.length) return false;
      const trial = new WayKeys(this.#provider);
      trial.install(suite, secret);
      return trial.open(record) !== undefined;
    });
  }

  #leaveEarly(way: Way): void {
    way.epoch = "plaintext";
    way.pending = undefined;
    way.opens.remove();
    way.seals.remove();
  }
}

/** Of a ClientHello: behind the header and legacy_version (RFC 9846 §4.2.2). */
export const randomOf = (hello: Uint8Array): string => toHex(hello.subarray(6, 38));

function suiteIn(
  type: Extract<MessageType, "server_hello" | "hello_retry_request">,
  raw: Uint8Array,
): number | undefined {
  try {
    return decodeMessage(type, raw).body.cipherSuite;
  } catch {
    // A hello that cannot be read says no suite; what follows stays closed
    return undefined;
  }
}
