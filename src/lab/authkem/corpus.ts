/** Holds an implementation to vectors of authentication by KEM: the file against itself, then each end. */
import { type Provider, suites } from "../../crypto/index.ts";
import { isKemKeyType } from "../../crypto/provider.ts";
import { parsePrivateKey } from "../../identity/index.ts";
import { ContentType } from "../../registry/index.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import { concat, fromHex, toHex } from "../../wire/index.ts";
import { findByName } from "../hybrid/end.ts";
import { cutRecords } from "../hybrid/records.ts";
import { withoutPadding } from "../trace/reading-keys.ts";
import {
  type Case,
  type Corpus,
  failed,
  type Outcome,
  passed,
  skipped,
  type Subject,
} from "../vectors/corpus.ts";
import { derivedFrom, scheduleOf } from "./described.ts";
import { createEnd, type End } from "./end.ts";
import { type AuthKemVector, parseAuthKem, type Refusal } from "./format.ts";
import { authKemFinished } from "./schedule.ts";

/**
 * A file of such vectors as a corpus: every check is a case.
 * @throws UnreadableCorpus
 */
export function authKemCorpus(text: string): Corpus {
  const { handshakes } = parseAuthKem(text);
  return { algorithm: "authentication by KEM", cases: handshakes.flatMap(casesOf) };
}

const roles: readonly Role[] = ["client", "server"];

function casesOf(vector: AuthKemVector): Case[] {
  const of = (id: string, run: Case["run"]): Case => ({ id: `${vector.name}: ${id}`, run });
  return [
    of("schedule", () => firstDifference(derivedFrom(vector), vector)),
    of("finished", () => checkFinished(vector)),
    ...roles
      .filter((role) => vector.encapsulated[role] !== undefined)
      .map((role) => of(`decapsulation of the ${role}`, (own) => checkKem(vector, role, own))),
    of("records", ({ provider }) => checkRecords(vector, provider)),
    ...roles.map((role) => of(role, (subject) => replay(vector, role, subject))),
    ...vector.refusals.map((refusal) =>
      of(`refusal, ${refusal.name}`, (subject) => refuse(vector, refusal, subject)),
    ),
  ];
}

/** The first secret or key that does not follow. */
function firstDifference(
  made: ReturnType<typeof derivedFrom>,
  said: ReturnType<typeof derivedFrom>,
): Outcome {
  for (const part of ["secrets", "trafficKeys"] as const) {
    const names = new Set([...Object.keys(made[part]), ...Object.keys(said[part])]);
    for (const name of names) {
      if (JSON.stringify(made[part][name]) === JSON.stringify(said[part][name])) continue;
      return failed(`${part}.${name} is not what follows`);
    }
  }
  return passed;
}

/** Both ends' Finished say what follows from the main secret. */
function checkFinished(vector: AuthKemVector): Outcome {
  const schedule = scheduleOf(vector);
  for (const role of roles) {
    const message = vector.messages.find(({ from, type }) => from === role && type === "finished");
    const expected = authKemFinished(schedule, fromHex(vector.secrets["main"] ?? ""), role);
    if (message?.bytes.slice(8) !== toHex(expected)) {
      return failed(`the ${role}'s verify_data is not what follows`);
    }
  }
  return passed;
}

/** That end's private key gives what the vector says was encapsulated to it. */
function checkKem(vector: AuthKemVector, role: Role, { provider }: Subject): Outcome {
  const { ciphertext, sharedSecret } = vector.encapsulated[role]!;
  const { type, key, seed } = parsePrivateKey(fromHex(vector[role]!.privateKey));
  if (!isKemKeyType(type)) return failed(`a key of type ${type}`);
  const pair = provider.kems[type].importKeyPair?.(seed ?? key);
  if (pair === undefined) return skipped("the back end takes no keys from outside");
  return toHex(pair.decapsulate(fromHex(ciphertext))) === sharedSecret
    ? passed
    : failed(`encapsulated.${role}.sharedSecret is not what is decapsulated`);
}

/** The flights open under the keys, in their order, and hold the messages. */
function checkRecords(vector: AuthKemVector, provider: Provider): Outcome {
  for (const role of roles) {
    const keys = new Keys(vector, role, provider);
    const held: Uint8Array[] = [];
    for (const { from, bytes } of vector.flights) {
      if (from !== role) continue;
      for (const record of cutRecords(fromHex(bytes))) {
        if (record[0] === ContentType.handshake) held.push(record.subarray(5));
        if (record[0] !== ContentType.application_data) continue;
        const inner = keys.open(record);
        if (inner === undefined) return failed(`a record of the ${role} does not open`);
        const { type, content } = withoutPadding(inner);
        if (type === ContentType.handshake) held.push(content);
      }
    }
    const said = vector.messages.filter(({ from }) => from === role);
    if (toHex(concat(...held)) !== said.map(({ bytes }) => bytes).join("")) {
      return failed(`the flights of the ${role} do not hold its messages`);
    }
  }
  return passed;
}

/** Of one direction, in the order in which they come into use. */
class Keys {
  readonly #keys: readonly { readonly key: Uint8Array; readonly iv: Uint8Array }[];
  readonly #aead: Provider["aeads"]["aes-128-gcm"];
  #at = 0;
  #sequence = 0;

  constructor({ suite, trafficKeys }: AuthKemVector, role: Role, { aeads }: Provider) {
    const order = ["EarlyHandshake", "Handshake", "Authenticated", "Application"];
    this.#keys = order.flatMap((epoch) => {
      const keys = trafficKeys[`${role}${epoch}Traffic`];
      return keys === undefined ? [] : [{ key: fromHex(keys.key), iv: fromHex(keys.iv) }];
    });
    this.#aead = aeads[findByName("cipher suite", suites, suite).aead];
  }

  /** Under the keys of now, or the next. */
  open(record: Uint8Array): Uint8Array | undefined {
    for (; this.#at < this.#keys.length; this.#at++, this.#sequence = 0) {
      const { key, iv } = this.#keys[this.#at]!;
      const nonce = iv.slice();
      nonce[11]! ^= this.#sequence;
      const opened = this.#aead
        .importKey(key)
        .open(nonce, record.subarray(0, 5), record.subarray(5));
      if (opened === undefined) continue;
      this.#sequence++;
      return opened;
    }
    return undefined;
  }
}

const unseeded = skipped("the implementation takes no seed");

/** That end says what it says in the vector, byte for byte. */
function replay(vector: AuthKemVector, role: Role, subject: Subject): Outcome {
  const end = createEnd(vector, role, subject);
  if (end === undefined) return unseeded;
  const { connection } = end;
  connection.start();
  for (const [at, { from, bytes }] of vector.flights.entries()) {
    if (from === otherRole(role)) connection.receive(fromHex(bytes));
    else if (said(end) !== bytes) return failed(`flights[${at}] is not what it sends`);
  }
  const { state, negotiated, error } = connection;
  if (state !== "open") return failed(`it is ${state}${error ? `: ${error.message}` : ""}`);
  const isStored = negotiated?.storedKey === true;
  return isStored === vector.kind.startsWith("stored")
    ? passed
    : failed("it takes the server's key for another than it is: known before, or shown");
}

const said = ({ connection }: End): string => toHex(concat(...connection.takeOutput()));

function refuse(
  vector: AuthKemVector,
  { end: role, flights, alert }: Refusal,
  subject: Subject,
): Outcome {
  const end = createEnd(vector, role, subject);
  if (end === undefined) return unseeded;
  const { connection } = end;
  connection.start();
  for (const flight of flights) connection.receive(fromHex(flight));
  const got = connection.error?.alert;
  return got === alert ? passed : failed(`expected ${alert}, got ${got ?? connection.state}`);
}
