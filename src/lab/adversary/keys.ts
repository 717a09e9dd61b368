/** Keys of an adversary that has the secrets of a laboratory's ends (RFC 9850). */
import { type Provider, suiteByCode } from "../../crypto/index.ts";
import { RecordProtection } from "../../record/protection.ts";
import { TlsError } from "../../registry/index.ts";
import { SecretOwner, TrafficSecret } from "../../schedule/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";
import type { Role } from "../watch.ts";

export type SecretEpoch = "early" | "handshake" | "application";

const labels: Readonly<Record<SecretEpoch, Readonly<Partial<Record<Role, string>>>>> = {
  early: { client: "CLIENT_EARLY_TRAFFIC_SECRET" },
  handshake: {
    client: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    server: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
  },
  application: { client: "CLIENT_TRAFFIC_SECRET_0", server: "SERVER_TRAFFIC_SECRET_0" },
};

/** The secrets of one connection, from lines of key logs. Where the ends differ, each end's own are known. */
export class Secrets {
  readonly #logs: Readonly<Record<Role, Map<string, Uint8Array>>> = {
    client: new Map(),
    server: new Map(),
  };

  /** Called before a secret is looked for that an end's log does not have: a log on disk may have grown. */
  refresh: ((end: Role, label: string) => void) | undefined;

  /** Takes a line of an end's key log. */
  add(end: Role, line: string): void {
    const [label = "", , secret = ""] = line.trim().split(" ");
    if (secret !== "") this.#logs[end].set(label, fromHex(secret));
  }

  /** All that is known: whose log says it, and the line without the client's random. */
  *entries(): Generator<{ readonly end: Role; readonly line: string }> {
    for (const end of ["client", "server"] as const) {
      for (const [label, secret] of this.#logs[end]) {
        yield { end, line: `${label} - ${toHex(secret)}` };
      }
    }
  }

  /** The secret under which `sender` writes, as `end` believes; as the other believes, if that end does not say. */
  find(end: Role, epoch: SecretEpoch, sender: Role): Uint8Array | undefined {
    const label = labels[epoch][sender];
    if (label === undefined) return undefined;
    if (!this.#logs[end].has(label)) this.refresh?.(end, label);
    return this.#logs[end].get(label) ?? this.#logs[otherRole(end)].get(label);
  }
}

export const otherRole = (role: Role): Role => (role === "client" ? "server" : "client");

/** Record keys of one direction on one side of the adversary: a sequence number of its own. */
export class WayKeys {
  readonly #provider: Provider;
  #secret: TrafficSecret | undefined;
  #protection: RecordProtection | undefined;
  #suite = 0;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  get installed(): boolean {
    return this.#protection !== undefined;
  }

  install(suite: number, secret: Uint8Array): void {
    const found = suiteByCode(suite);
    if (found === undefined) throw new TlsError("misuse", `no suite ${suite} to decrypt with`);
    this.#suite = suite;
    this.#secret = new TrafficSecret(this.#provider.hashes[found.hash], secret, new SecretOwner());
    this.#protection = new RecordProtection(this.#provider.aeads[found.aead], this.#secret);
  }

  /** Back to plaintext: a client whose early data a HelloRetryRequest ended. */
  remove(): void {
    this.#secret = undefined;
    this.#protection = undefined;
  }

  /** After a KeyUpdate. */
  update(): void {
    if (this.#secret !== undefined) this.install(this.#suite, this.#secret.next().reveal());
  }

  seal(content: Uint8Array, trailer: Uint8Array): Uint8Array | undefined {
    return this.#protection && concat(...this.#protection.seal(content, trailer));
  }

  open(record: Uint8Array): Uint8Array | undefined {
    return this.#protection?.open(record);
  }
}
