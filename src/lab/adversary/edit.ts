/** Fields of messages by path: the declarations say what a value there looks like. */
import { kemParameters } from "../../crypto/index.ts";
import type { Group } from "../../groups/index.ts";
import {
  decodeMessage,
  encodeMessage,
  extensionBody,
  type ExtensionContext,
  messages,
  type MessageType,
} from "../../messages/index.ts";
import { concat, fromHex, type Shape } from "../../wire/index.ts";
import type { Edit, Place, Value } from "./step.ts";

/** A scenario says something that cannot be done: a path that does not exist, a value that does not fit. */
export class ScenarioError extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "ScenarioError";
}

/** What edits refer to beside their message. */
export interface EditContext {
  /** Where a copy comes from. */
  readonly earlier: (place: Place) => Uint8Array;
  /** Whose shares have parts with names. */
  readonly groups: readonly Group[];
}

/** What an earlier step has broken has no fields any more. */
function readable(type: MessageType, raw: Uint8Array): Record<string, unknown> {
  try {
    return decodeMessage(type, raw).body;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScenarioError(`${type} cannot be read, so that it has no fields to edit: ${reason}`);
  }
}

type Container = Record<string | number, unknown>;

/**
 * Decodes, edits in order, and encodes again.
 * @throws ScenarioError if an edit cannot apply
 */
export function editMessage(
  type: MessageType,
  raw: Uint8Array,
  edits: readonly Edit[],
  context: EditContext,
): Uint8Array {
  const body = readable(type, raw);
  for (const edit of edits) apply({ ...context, type, body }, edit);
  try {
    return encodeMessage(type, body as never);
  } catch (error) {
    const removed = edits.flatMap((edit) => ("remove" in edit ? [edit.remove] : []));
    if (removed.length > 0) {
      throw new ScenarioError(`${type} cannot be written without ${removed.join(" and ")}`);
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScenarioError(`${type} cannot be written after the edit: ${reason}`);
  }
}

/** A message from its fields. @throws ScenarioError */
export function buildMessage(
  type: MessageType,
  body: { readonly [field: string]: Value },
): Uint8Array {
  const { shape } = messages[type];
  try {
    return encodeMessage(type, convert(shape, body, type) as never);
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    throw new ScenarioError(`${type} cannot be written: ${(error as Error).message}`);
  }
}

interface Edited extends EditContext {
  readonly type: MessageType;
  readonly body: unknown;
}

function apply(message: Edited, edit: Edit): void {
  if ("set" in edit) {
    const spot = locate(message, edit.set, "may be absent");
    spot.write(convert(spot.shape, edit.to, edit.set));
  } else if ("remove" in edit) {
    locate(message, edit.remove).remove();
  } else if ("insert" in edit) {
    const spot = locate(message, edit.insert);
    const list = spot.read();
    if (!Array.isArray(list) || spot.shape?.kind !== "list") {
      throw new ScenarioError(`${edit.insert} is not a list`);
    }
    if ((edit.at ?? 0) > list.length) {
      throw new ScenarioError(`${edit.insert} has no place ${edit.at}: it ends at ${list.length}`);
    }
    list.splice(
      edit.at ?? list.length,
      0,
      convert(spot.shape.element.shape, edit.value, edit.insert),
    );
  } else if ("reverse" in edit) {
    const list = locate(message, edit.reverse).read();
    if (!Array.isArray(list)) throw new ScenarioError(`${edit.reverse} is not a list`);
    list.reverse();
  } else if ("copy" in edit) {
    const { body } = decodeMessage(message.type, message.earlier(edit.fromEarlier));
    locate(message, edit.copy).write(locate({ ...message, body }, edit.copy).read());
  } else {
    const path = pathOf(edit);
    const spot = locate(message, path);
    const value = spot.read();
    if (!(value instanceof Uint8Array)) throw new ScenarioError(`${path} has no bytes`);
    spot.write(editBytes(value, edit, spot, path));
  }
}

type ByteEdit = Exclude<
  Edit,
  { set: string } | { remove: string } | { insert: string } | { reverse: string } | { copy: string }
>;

function pathOf(edit: ByteEdit): string {
  if ("flip" in edit) return edit.flip;
  if ("fill" in edit) return edit.fill;
  if ("truncate" in edit) return edit.truncate;
  return "extend" in edit ? edit.extend : edit.swapParts;
}

function editBytes(bytes: Uint8Array, edit: ByteEdit, spot: Spot, path: string): Uint8Array {
  if ("flip" in edit) return flipped(bytes, edit.byte ?? 0, edit.mask ?? 1, path);
  if ("fill" in edit) return bytes.slice().fill(edit.with);
  if ("truncate" in edit) {
    if (edit.by > bytes.length)
      throw new ScenarioError(`${path} has no ${edit.by} bytes to take off`);
    return bytes.slice(0, bytes.length - edit.by);
  }
  if ("extend" in edit) return concat(bytes, new Uint8Array(edit.by));
  const [first, second] = spot.parts ?? [];
  if (first === undefined || second === undefined) {
    throw new ScenarioError(`${path} has no components to swap`);
  }
  return concat(bytes.subarray(second.start, second.end), bytes.subarray(first.start, first.end));
}

/** @throws ScenarioError if there is no such byte */
export function flipped(bytes: Uint8Array, byte: number, mask: number, what: string): Uint8Array {
  const copy = bytes.slice();
  const at = byte < 0 ? copy.length + byte : byte;
  if (copy[at] === undefined) throw new ScenarioError(`${what} has no byte ${byte}`);
  copy[at] ^= mask;
  return copy;
}

interface Part {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

interface Spot {
  readonly shape: Shape | undefined;
  /** The components of a share. */
  readonly parts?: readonly Part[] | undefined;
  read(): unknown;
  write(value: unknown): void;
  remove(): void;
}

/** Follows a path from a message's body. @throws ScenarioError that names the step that does not exist */
function locate({ type, body, groups }: Edited, path: string, absence?: "may be absent"): Spot {
  const steps = path.match(/[^.[\]]+/g) ?? [];
  let [shape, value]: [Shape | undefined, unknown] = [messages[type].shape, body];
  let spot: Spot | undefined;
  let walked = "";
  for (const [index, name] of steps.entries()) {
    const isLast = index === steps.length - 1;
    if (value instanceof Uint8Array) spot = partSpot(spot, name, value, path);
    else {
      const container = value as Container | undefined;
      const inner = childShape(shape, name);
      const isThere = container !== undefined && Object.hasOwn(container, name);
      if (!isThere && !(isLast && absence !== undefined && inner !== undefined)) {
        throw new ScenarioError(
          `${type} has no ${path}${walked === "" ? "" : `: nothing at ${name} in ${walked}`}`,
        );
      }
      const parts = name === "keyExchange" ? partsOf(container as Container, groups) : undefined;
      spot = fieldSpot(container as Container, name, { shape: inner, parts });
      shape = inner;
    }
    value = spot.read();
    walked = walked === "" ? name : `${walked}.${name}`;
  }
  if (spot === undefined) throw new ScenarioError("an empty path");
  return spot;
}

function fieldSpot(container: Container, name: string, about: Pick<Spot, "shape" | "parts">): Spot {
  return {
    ...about,
    read: () => container[name],
    write(value) {
      container[name] = value;
    },
    remove() {
      if (Array.isArray(container)) container.splice(Number(name), 1);
      else delete container[name];
    },
  };
}

/** A component of a share, as a view of the whole. */
function partSpot(whole: Spot | undefined, name: string, bytes: Uint8Array, path: string): Spot {
  const part = whole?.parts?.find((entry) => entry.name === name);
  if (whole === undefined || part === undefined) {
    const names = whole?.parts?.map((entry) => entry.name).join(", ") || "none";
    throw new ScenarioError(`there is no ${path}: ${name} is not a component (${names})`);
  }
  return {
    shape: { kind: "rest" },
    read: () => bytes.slice(part.start, part.end),
    write: (value) =>
      whole.write(
        concat(bytes.subarray(0, part.start), value as Uint8Array, bytes.subarray(part.end)),
      ),
    remove: () => whole.write(concat(bytes.subarray(0, part.start), bytes.subarray(part.end))),
  };
}

/** A KeyShareEntry's components, by its group; which side it comes from shows in its length. */
function partsOf(
  { group: code, keyExchange }: Container,
  groups: readonly Group[],
): readonly Part[] | undefined {
  const group = groups.find((entry) => entry.code === code);
  if (group === undefined || !(keyExchange instanceof Uint8Array)) return undefined;
  for (const size of ["publicKeyLength", "ciphertextLength"] as const) {
    let end = 0;
    const parts = group.kems.map((kem) => {
      const parameters = typeof kem === "string" ? kemParameters[kem] : kem;
      const start = end;
      end += parameters[size];
      return { name: typeof kem === "string" ? kem : kem.name, start, end };
    });
    if (end === keyExchange.length) return parts;
  }
  return undefined;
}

function childShape(shape: Shape | undefined, name: string): Shape | undefined {
  if (shape?.kind === "struct") return shape.fields[name]?.shape;
  if (shape?.kind === "list") return shape.element.shape;
  if (shape?.kind !== "extensions") return undefined;
  const known = extensionBody(shape.context as ExtensionContext, name);
  return known?.shape ?? (/^0x[\da-f]{4}$/.test(name) ? { kind: "rest" } : undefined);
}

/** What a scenario writes, as the codecs want it. @throws ScenarioError */
function convert(shape: Shape | undefined, value: Value, path: string): unknown {
  const misfit = (expected: string): never => {
    throw new ScenarioError(`${path}: ${expected} is expected, not ${JSON.stringify(value)}`);
  };
  switch (shape?.kind) {
    case "code": {
      if (typeof value === "number") return value;
      const code = typeof value === "string" ? shape.members[value] : undefined;
      return code ?? misfit(`a number or one of ${Object.keys(shape.members).join(", ")}`);
    }
    case "uint":
      return typeof value === "number" ? value : misfit("a number");
    case "text":
      return typeof value === "string" ? value : misfit("a text");
    case "empty":
      return value === true ? true : misfit("true, since it has no bytes,");
    case "fixed":
    case "opaque":
    case "rest":
      return bytesOf(value) ?? misfit("bytes in hexadecimal");
    case "list": {
      const { element } = shape;
      if (!Array.isArray(value)) return misfit("a list");
      return value.map((entry: Value, index) => convert(element.shape, entry, `${path}[${index}]`));
    }
    case "struct":
    case "extensions": {
      if (typeof value !== "object" || value instanceof Uint8Array) return misfit("an object");
      const entries = Object.entries(value as Readonly<Record<string, Value>>).map(
        ([name, entry]) => {
          const inner = childShape(shape, name);
          if (inner === undefined) throw new ScenarioError(`${path} has no ${name}`);
          return [name, convert(inner, entry, `${path}.${name}`)];
        },
      );
      return Object.fromEntries(entries);
    }
    case undefined:
      break;
  }
  return misfit("something that is declared");
}

/** Hexadecimal or bytes; `undefined` for anything else. */
export function bytesOf(value: Value): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value !== "string" || !/^([\da-f]{2})*$/i.test(value)) return undefined;
  return fromHex(value);
}
