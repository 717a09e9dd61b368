/** What a journal can say: a line of JSON for each event, with what stands around it. */
import type { KeyType } from "../crypto/index.ts";
import { type CrlReason, crlReasons, keyTypeNames, type SubjectNames } from "../identity/index.ts";
import { AuthorityError } from "./errors.ts";

/** What is known of a certificate before it is signed. */
export interface Issuing {
  /** Tells it from other events. */
  readonly type: "issuing";
  /** Hexadecimal. */
  readonly serial: string;
  /** How the directory calls the subject; the last certificate of a name is the current one. */
  readonly name: string;
  /** The name of the issuer: its own for a root. */
  readonly issuer: string;
  /** `root`, `cross-certificate`, or the profile. */
  readonly profile: string;
  /** As in RFC 4514. */
  readonly subject: string;
  /** Kinds of which there is none are absent. */
  readonly names: SubjectNames;
  /** SHA-256 of the SubjectPublicKeyInfo, in hexadecimal. */
  readonly key: string;
  /** ISO 8601, as are all times here. */
  readonly notBefore: string;
  /** The last moment of its validity. */
  readonly notAfter: string;
}

/** What a journal can say. */
export type Line =
  | Issuing
  /** The certificate is in the directory. */
  | {
      readonly type: "issued";
      readonly serial: string;
      /** A check has found it: it is older than what else there is of its name. */
      readonly adopted?: true;
    }
  /** Nobody got a certificate with that number. */
  | { readonly type: "void"; readonly serial: string }
  /** Together: after a crash all of them are revoked, or none. */
  | {
      readonly type: "revoked";
      readonly serials: readonly string[];
      readonly at: string;
      readonly reason: CrlReason;
    }
  /** The number of a list, which no other list of the issuer has. */
  | {
      readonly type: "list";
      readonly issuer: string;
      readonly number: number;
      /** The number of the complete list that a delta adds to; absent for complete ones. */
      readonly base?: number;
      readonly at: string;
    }
  /** They have ended long ago, and their folders are gone. Their numbers stay given. */
  | { readonly type: "pruned"; readonly serials: readonly string[] }
  /** Of so many lines that were before only those are kept that are needed, whose SHA-256, with `cut`, is that. */
  | { readonly type: "cutting"; readonly lines: number; readonly digest: string }
  /** Stands where so many lines were, behind those that are kept of them. Its hash is that of the last of them. */
  | { readonly type: "cut"; readonly lines: number }
  /** Another authority takes an authority's place. */
  | Succession
  /** What a name may have; it replaces what was registered under that name. */
  | Registered
  /** A name has nothing coming any more. What it has stays valid until it ends or is revoked. */
  | { readonly type: "unregistered"; readonly name: string }
  /** Lets a registered name get a certificate, once. */
  | Admission
  /** What came of an admission; where the number is void, nothing. */
  | { readonly type: "admitted"; readonly admission: string; readonly serial: string };

/** What an authority would certify its successor does, from a time on. */
export interface Succession {
  /** Tells it from other events. */
  readonly type: "succeeded";
  /** Who is succeeded. */
  readonly name: string;
  /** Name of the successor. */
  readonly by: string;
  /** When it begins. */
  readonly from: string;
  /** When nothing that counts is below it any more: a root leaves the bundle then. */
  readonly until: string;
}

/** Who a name stands for, and what it may have certified. */
export interface Registered {
  /** Tells it from other events. */
  readonly type: "registered";
  /** How the directory calls the subject. */
  readonly name: string;
  /** Who certifies it. */
  readonly issuer: string;
  /** What is certified. */
  readonly profile: string;
  /** All of them stand in each of its certificates, and no other. */
  readonly names: SubjectNames;
  /** Milliseconds; absent: the profile's. */
  readonly lifetime?: number;
  /** Absent: the profile's. */
  readonly keyTypes?: readonly KeyType[];
  /** Milliseconds after the end of a certificate in which it can still be renewed. */
  readonly grace: number;
}

/** Who shows the token, or has the key, gets what the name may have. */
export interface Admission {
  /** Tells it from other events. */
  readonly type: "admission";
  /** SHA-256 of the token, or of the key's SubjectPublicKeyInfo, in hexadecimal. */
  readonly id: string;
  /** What has to be shown. */
  readonly by: "token" | "key";
  /** The registered name that it admits to. */
  readonly name: string;
  /** When it ends. */
  readonly until: string;
}

/** A line with what stands around it. */
export interface Audited {
  /** What happened. */
  readonly event: Line;
  /** ISO 8601. */
  readonly when: string;
  /** Who did it: a person, a program, an agent. */
  readonly who: string;
}

/** A line as it was read, with the hash over itself and what was before. */
export interface Parsed extends Audited {
  readonly hash: string;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => Number.isSafeInteger(value);
const isHash = (value: unknown): boolean =>
  typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isTime = (value: unknown): boolean => isNumber(value) && (value as number) >= 0;
const orAbsent =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    value === undefined || check(value);
const listOf =
  (check: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(check);

type Members = ReadonlyMap<string, (value: unknown) => boolean>;

const membersOf = (members: Readonly<Record<string, (value: unknown) => boolean>>): Members =>
  new Map(Object.entries(members));

/** The members of each kind of line, and what they must be. */
const shapes: ReadonlyMap<string, Members> = new Map([
  [
    "issuing",
    membersOf({
      serial: (value) => typeof value === "string" && /^(?:[0-9a-f]{2})+$/.test(value),
      name: isText,
      issuer: isText,
      profile: isText,
      subject: isText,
      names: isNames,
      key: isText,
      notBefore: isDate,
      notAfter: isDate,
    }),
  ],
  ["issued", membersOf({ serial: isText, adopted: orAbsent((value) => value === true) })],
  ["void", membersOf({ serial: isText })],
  [
    "revoked",
    membersOf({
      serials: listOf(isText),
      at: isDate,
      reason: isReason,
    }),
  ],
  [
    "list",
    membersOf({
      issuer: isText,
      number: isNumber,
      base: orAbsent(isNumber),
      at: isDate,
    }),
  ],
  [
    "registered",
    membersOf({
      name: isText,
      issuer: isText,
      profile: isText,
      names: isNames,
      lifetime: orAbsent(isTime),
      keyTypes: orAbsent(listOf((value) => keyTypeNames.includes(value as KeyType))),
      grace: isTime,
    }),
  ],
  ["cutting", membersOf({ lines: isTime, digest: isHash })],
  ["cut", membersOf({ lines: isTime })],
  ["pruned", membersOf({ serials: listOf(isText) })],
  ["succeeded", membersOf({ name: isText, by: isText, from: isDate, until: isDate })],
  ["unregistered", membersOf({ name: isText })],
  [
    "admission",
    membersOf({
      id: isHash,
      by: (value) => value === "token" || value === "key",
      name: isText,
      until: isDate,
    }),
  ],
  ["admitted", membersOf({ admission: isHash, serial: isText })],
]);

/** Of every line. */
const around = membersOf({ when: isDate, who: isText, hash: isHash });

/** What a line says. @param text with its line feed */
export const eventIn = (text: string): Line => parseLine(text.slice(0, -1), "a line").event;

/** @throws AuthorityError `damaged` that says where */
export function parseLine(text: string, where: string): Parsed {
  const fail = (what: string): AuthorityError => new AuthorityError("damaged", `${where}: ${what}`);
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    throw fail("is not JSON");
  }
  const type = value?.["type"];
  const shape = typeof type === "string" ? shapes.get(type) : undefined;
  if (shape === undefined) throw fail("is of no known type");
  for (const [member, isUsable] of [...shape, ...around]) {
    if (!isUsable(value[member])) throw fail(`has no usable ${member}`);
  }
  for (const member in value) {
    if (member !== "type" && !shape.has(member) && !around.has(member)) {
      throw fail(`has an unknown ${member}`);
    }
  }
  const { when, who, hash, ...event } = value as unknown as Omit<Parsed, "event">;
  return { event: event as unknown as Line, when, who, hash };
}

/** As `toISOString` writes it. */
function isDate(value: unknown): boolean {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
}

function isNames(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  for (const kind in value) {
    const names: unknown = value[kind as keyof typeof value];
    if (!kinds.has(kind) || !Array.isArray(names) || !names.every(isText)) return false;
  }
  return true;
}

const kinds: ReadonlySet<string> = new Set(["dns", "ip", "uri", "email"]);

/** Whether that is a reason to revoke (RFC 5280 §5.3.1). */
export function isReason(value: unknown): value is CrlReason {
  return typeof value === "string" && Object.hasOwn(crlReasons, value);
}
