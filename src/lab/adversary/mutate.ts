/** Mutations of messages, made up from the codecs' own declarations. */
import { knownSchemes, namedSchemes } from "../../crypto/index.ts";
import {
  decodeMessage,
  extensionBody,
  type ExtensionContext,
  messages,
  type MessageType,
} from "../../messages/index.ts";
import { encode, type Shape, toHex } from "../../wire/index.ts";
import {
  type ExtensionName,
  ExtensionType,
  type SignatureSchemeName,
} from "../../registry/index.ts";
import type { Edit, Injection, Signing, Step, Unit, Value } from "./step.ts";

/** Numbers from 0 to `limit` - 1. */
export type Draws = (limit: number) => number;

/** Mulberry32: fast, and the same in every run. */
export function seededDraws(seed: string): Draws {
  let state = 0x9e3779b9;
  for (const character of seed) {
    state = Math.imul(state ^ character.charCodeAt(0), 0x01000193) | 0;
  }
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return (((value ^ (value >>> 14)) >>> 0) % limit) >>> 0;
  };
}

interface Field {
  readonly path: string;
  readonly shape: Shape;
  readonly value: unknown;
}

/**
 * How often each field was changed, and how: what was changed least comes next. Chance alone comes to a list that only
 * some handshakes have, in one of forty fields and one of four ways, once in thousands of handshakes.
 */
export class Tried {
  readonly #counts = new Map<string, number>();

  /** One of those that were taken least; it counts as taken. */
  least<T>(from: readonly T[], nameOf: (each: T) => string, roll: Draws): T | undefined {
    const counts = from.map((each) => this.#counts.get(nameOf(each)) ?? 0);
    const fewest = Math.min(...counts);
    const candidates = from.filter((_, index) => counts[index] === fewest);
    const taken = candidates[roll(Math.max(1, candidates.length))];
    if (taken !== undefined) this.#counts.set(nameOf(taken), fewest + 1);
    return taken;
  }
}

/** One thing to do to a unit. */
export function mutateUnit(unit: Unit, nth: number, roll: Draws, tried: Tried): Step {
  const place = { from: unit.from, on: unit.name, ...(nth === 1 ? {} : { nth }) };
  const isMessage = unit.name in messages;
  if (isMessage && roll(10) < 8) {
    const edit = mutateFields(unit, roll, tried);
    if (edit !== undefined) return { ...place, edit: [edit] };
  }
  const length = Math.max(1, unit.raw.length);
  switch (roll(isMessage ? 8 : 5)) {
    case 0:
      return { ...place, drop: true };
    case 1:
      return { ...place, duplicate: 1 + roll(2) };
    case 2:
      return { ...place, hold: 1 + roll(2) };
    case 3:
      return {
        ...place,
        truncate: { by: 1 + roll(length), ...(roll(2) === 0 ? {} : { keepLength: true }) },
      };
    case 5:
      return { ...place, split: [1 + roll(length)] };
    case 6:
      return { ...place, append: toHex(Uint8Array.from({ length: 1 + roll(8) }, () => roll(256))) };
    default:
      return { ...place, flip: { byte: roll(length), mask: 1 << roll(8) } };
  }
}

/** Keys of other types and other ends. */
const otherKeys = [
  "own",
  "rsa",
  "ecdsa",
  "post-quantum",
  "unknown-ca",
  "delegating",
  "client",
] as const;

/** One thing that a malicious end does to a message before it is hashed. */
export function mutateSent(unit: Unit, nth: number, roll: Draws, tried: Tried): Step {
  const type = unit.name as MessageType;
  // A second ClientHello repeats what the first said, or does not
  const isEvery = type === "client_hello" && nth === 1 && roll(2) === 0;
  const place = {
    from: unit.from,
    on: type,
    ...(isEvery ? { nth: "every" as const } : nth === 1 ? {} : { nth }),
  };
  if (type === "certificate_verify" && roll(4) > 0) {
    return { ...place, sign: otherSigning(unit.raw, roll) };
  }
  if (type === "certificate" && nth > 1 && roll(3) === 0) {
    // An answer to the request that was answered before
    const fromEarlier = { from: unit.from, on: type, nth: nth - 1 };
    return { ...place, edit: [{ copy: "certificateRequestContext", fromEarlier }] };
  }
  if (roll(10) < 8) {
    const edit = mutateFields(unit, roll, tried);
    if (edit !== undefined) return { ...place, edit: [edit] };
  }
  const length = Math.max(1, unit.raw.length);
  switch (roll(6)) {
    case 0:
      return { ...place, drop: true };
    case 1:
      return { ...place, duplicate: 1 + roll(2) };
    case 2:
      return { ...place, truncate: { by: 1 + roll(length) } };
    case 3:
      return { ...place, append: toHex(Uint8Array.from({ length: 1 + roll(8) }, () => roll(256))) };
    case 4:
      return { ...place, after: [roll(2) === 0 ? strayTicket : strayUpdate] };
    default:
      return { ...place, flip: { byte: roll(length), mask: 1 << roll(8) } };
  }
}

/** Messages that stand nowhere in a handshake. */
const strayTicket: Injection = {
  message: "new_session_ticket",
  body: { ticketLifetime: 60, ticketAgeAdd: 0, ticketNonce: "00", ticket: "00", extensions: {} },
};
const strayUpdate: Injection = { message: "key_update", body: { requestUpdate: 0 } };

/** With another key, context or scheme, and nothing else: most schemes are such as the same key can sign with. */
function otherSigning(raw: Uint8Array, roll: Draws): Signing {
  const { algorithm } = decodeMessage("certificate_verify", raw).body;
  const own = namedSchemes.byCode(algorithm);
  const alike = knownSchemes.filter(
    ({ code, keyType, inHandshake }) =>
      code !== algorithm && keyType === own?.keyType && inHandshake,
  );
  const schemes = alike.length > 0 && roll(4) > 0 ? alike : knownSchemes;
  switch (roll(4)) {
    case 0:
      return { key: otherKeys[roll(otherKeys.length)]! };
    case 1:
      return { context: roll(2) === 0 ? "client" : "server" };
    default:
      return { scheme: schemes[roll(schemes.length)]!.name as SignatureSchemeName };
  }
}

/** Ways that are rolled, of which the one is taken that this field was changed in least. */
const ways = 4;

function mutateFields({ from, name, raw }: Unit, roll: Draws, tried: Tried): Edit | undefined {
  const type = name as MessageType;
  let body: unknown;
  try {
    ({ body } = decodeMessage(type, raw));
  } catch {
    return undefined;
  }
  const fields: Field[] = [];
  collect(messages[type].shape, body, "", fields);
  const placeOf = ({ path }: Field) => `${from} ${type} ${path.replaceAll(/\[\d+\]/g, "[]")}`;
  const field = tried.least(fields, placeOf, roll);
  if (field === undefined) return undefined;
  const edits = Array.from({ length: ways }, () => mutateField(field, roll)).filter(
    (edit) => edit !== undefined,
  );
  return tried.least(edits, (edit) => `${placeOf(field)} ${wayOf(edit)}`, roll);
}

/** Emptied, or by the name of the edit. */
const wayOf = (edit: Edit): string =>
  "to" in edit && (edit.to === "" || (Array.isArray(edit.to) && edit.to.length === 0))
    ? "empty"
    : Object.keys(edit)[0]!;

/** All fields below, the containers themselves included. */
function collect(shape: Shape, value: unknown, path: string, into: Field[]): void {
  if (path !== "") into.push({ path, shape, value });
  if (shape.kind === "list" && Array.isArray(value)) {
    value.forEach((entry, index) => collect(shape.element.shape, entry, `${path}[${index}]`, into));
  } else if (shape.kind === "struct" || shape.kind === "extensions") {
    for (const [name, entry] of Object.entries(value as Readonly<Record<string, unknown>>)) {
      const inner = innerShape(shape, name);
      if (inner !== undefined) collect(inner, entry, path === "" ? name : `${path}.${name}`, into);
    }
  }
}

function innerShape(shape: Shape, name: string): Shape | undefined {
  if (shape.kind === "struct") return shape.fields[name]?.shape;
  if (shape.kind !== "extensions") return undefined;
  return extensionBody(shape.context as ExtensionContext, name)?.shape ?? { kind: "rest" };
}

function mutateField({ path, shape, value }: Field, roll: Draws): Edit | undefined {
  const isExtension = /^(.*\.)?extensions\.[^.[\]]+$/.test(path);
  if (isExtension && roll(4) === 0) return { remove: path };
  switch (shape.kind) {
    case "uint":
    case "code":
      return { set: path, to: otherNumber(shape, Number(value), roll) };
    case "fixed":
      return roll(3) === 0
        ? { fill: path, with: roll(256) }
        : flip(path, value as Uint8Array, roll);
    case "opaque":
    case "rest":
      return mutateBytes(path, value as Uint8Array, roll);
    case "text":
      return { set: path, to: ["", "x", "a.b", "x".repeat(255), "\u0000"][roll(5)]! };
    case "list":
      return mutateList(path, value as unknown[], roll);
    case "extensions":
      return mutateBlock(path, shape.context as ExtensionContext, value as object, roll);
    case "struct":
    case "empty":
      break;
  }
  return undefined;
}

/** Puts an extension in: an unknown one, a known one, or one that is there, once more. */
function mutateBlock(path: string, context: ExtensionContext, block: object, roll: Draws): Edit {
  const names = Object.keys(ExtensionType) as ExtensionName[];
  const present = Object.keys(block).filter((name) => name in ExtensionType);
  const numeric = (code: number) => `${path}.0x${code.toString(16).padStart(4, "0")}`;
  const some = "00".repeat(roll(20));
  const kind = roll(3);
  const name = kind === 0 ? present[roll(Math.max(1, present.length))] : names[roll(names.length)];
  if (kind === 2 || name === undefined) return { set: numeric(0x0a00 + roll(0xf000)), to: some };
  const body = kind === 0 ? undefined : extensionBody(context, name);
  if (body !== undefined && !(name in block)) {
    return { set: `${path}.${name}`, to: sample(body.shape, roll) };
  }
  const there = (block as Readonly<Record<string, unknown>>)[name];
  const again = there !== undefined && kind === 0 ? extensionBody(context, name) : undefined;
  const to = again === undefined ? some : toHex(encode(again, there));
  return { set: numeric(ExtensionType[name as ExtensionName]), to };
}

/** A value that fits a declaration, as a scenario writes it. */
function sample(shape: Shape, roll: Draws): Value {
  switch (shape.kind) {
    case "uint":
      return roll(2 ** Math.min(31, 8 * shape.size));
    case "code": {
      const members = Object.values(shape.members);
      return members[roll(members.length)] ?? 0;
    }
    case "fixed":
      return "00".repeat(shape.length);
    case "opaque":
      return "00".repeat(Math.max(shape.min, 1));
    case "rest":
      return "00".repeat(roll(6));
    case "text":
      return "h2";
    case "list":
      return [sample(shape.element.shape, roll)];
    case "struct":
      return Object.fromEntries(
        Object.entries(shape.fields).map(([name, field]) => [name, sample(field.shape, roll)]),
      );
    case "extensions":
      return {};
    case "empty":
      return true;
  }
}

function otherNumber(
  shape: Extract<Shape, { kind: "uint" | "code" }>,
  value: number,
  roll: Draws,
): number {
  const max = 2 ** (8 * shape.size) - 1;
  const members = shape.kind === "code" ? Object.values(shape.members) : [];
  const candidates = [
    0,
    max,
    Math.min(max, value + 1),
    Math.max(0, value - 1),
    roll(2 ** 31) % (max + 1),
  ];
  const all = [...candidates, ...members, ...members];
  return all[roll(all.length)] ?? 0;
}

function flip(path: string, bytes: Uint8Array, roll: Draws): Edit {
  return { flip: path, byte: roll(Math.max(1, bytes.length)), mask: 1 << roll(8) };
}

function mutateBytes(path: string, bytes: Uint8Array, roll: Draws): Edit {
  switch (bytes.length === 0 ? 1 : roll(6)) {
    case 0:
      return { truncate: path, by: 1 + roll(bytes.length) };
    case 1:
      return { extend: path, by: 1 + roll(40) };
    case 2:
      return { fill: path, with: [0, 0xff, roll(256)][roll(3)]! };
    case 3:
      return { set: path, to: "" };
    default:
      return flip(path, bytes, roll);
  }
}

function mutateList(path: string, list: readonly unknown[], roll: Draws): Edit {
  const index = roll(Math.max(1, list.length));
  switch (list.length === 0 ? 3 : roll(4)) {
    case 0:
      return { remove: `${path}[${index}]` };
    case 1:
      return { insert: path, value: plain(list[index]), at: roll(list.length + 1) };
    case 2:
      return { reverse: path };
    default:
      return { set: path, to: [] };
  }
}

/** A decoded value as a scenario writes it. */
function plain(value: unknown): Value {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, plain(entry)]));
  }
  return value as Value;
}
