/** Mutations of messages, made up from the codecs' own declarations. */
import {
  decodeMessage,
  extensionBody,
  type ExtensionContext,
  messages,
  type MessageType,
} from "../../messages/index.ts";
import { type Shape, toHex } from "../../wire/index.ts";
import type { Edit, Step, Unit, Value } from "./step.ts";

/** Numbers from 0 to `limit` - 1. */
export type Dice = (limit: number) => number;

/** Mulberry32: fast, and the same in every run. */
export function dice(seed: string): Dice {
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

/** One thing to do to a unit. */
export function mutateUnit(unit: Unit, nth: number, roll: Dice): Step {
  const place = { from: unit.from, on: unit.name, ...(nth === 1 ? {} : { nth }) };
  const isMessage = unit.name in messages;
  if (isMessage && roll(10) < 8) {
    const edit = mutateFields(unit.name as MessageType, unit.raw, roll);
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

function mutateFields(type: MessageType, raw: Uint8Array, roll: Dice): Edit | undefined {
  let body: unknown;
  try {
    ({ body } = decodeMessage(type, raw));
  } catch {
    return undefined;
  }
  const fields: Field[] = [];
  collect(messages[type].shape, body, "", fields);
  const field = fields[roll(Math.max(1, fields.length))];
  return field && mutateField(field, roll);
}

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

function mutateField({ path, shape, value }: Field, roll: Dice): Edit | undefined {
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
      return {
        set: `${path}.0x${(0x0a00 + roll(0xf000)).toString(16).padStart(4, "0")}`,
        to: "00".repeat(roll(20)),
      };
    case "struct":
    case "empty":
      break;
  }
  return undefined;
}

function otherNumber(
  shape: Extract<Shape, { kind: "uint" | "code" }>,
  value: number,
  roll: Dice,
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

function flip(path: string, bytes: Uint8Array, roll: Dice): Edit {
  return { flip: path, byte: roll(Math.max(1, bytes.length)), mask: 1 << roll(8) };
}

function mutateBytes(path: string, bytes: Uint8Array, roll: Dice): Edit {
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

function mutateList(path: string, list: readonly unknown[], roll: Dice): Edit {
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
