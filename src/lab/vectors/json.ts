import { fromHex } from "../../wire/index.ts";

/** A corpus that is not in the form that it claims: no case of it ran. */
export class UnreadableCorpus extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "UnreadableCorpus";
}

/** A file that is none of the formats that are known here. It may still be fine. */
export class UnknownFormat extends UnreadableCorpus {}

/** A JSON object whose members are taken by name and kind. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The file's object; what an ACVP server sends is a list of its protocol's version and that object.
 * @throws UnreadableCorpus, UnknownFormat
 */
export function parseJson(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnreadableCorpus(`not JSON: ${reason}`, { cause: error });
  }
  const isWrapped = Array.isArray(value) && Object.hasOwn(Object(value[0]), "acvVersion");
  const content: unknown = isWrapped ? (value as unknown[])[1] : value;
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UnknownFormat("the file is not an object");
  }
  return content as JsonObject;
}

/** @throws UnreadableCorpus */
export function toObject(value: unknown, what: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new UnreadableCorpus(`${what} is not an object`);
}

/** @throws UnreadableCorpus if the member is missing or not a list of objects */
export function objects(parent: JsonObject, name: string): JsonObject[] {
  const value = parent[name];
  if (!Array.isArray(value)) throw new UnreadableCorpus(`${name} is not a list`);
  return value.map((element, index) => toObject(element, `${name}[${index}]`));
}

/** @throws UnreadableCorpus if the member is missing or not a string */
export function string(parent: JsonObject, name: string): string {
  const value = parent[name];
  if (typeof value !== "string") throw new UnreadableCorpus(`${name} is not a string`);
  return value;
}

/** @throws UnreadableCorpus if the member is missing or not a number */
export function number(parent: JsonObject, name: string): number {
  const value = parent[name];
  if (typeof value !== "number") throw new UnreadableCorpus(`${name} is not a number`);
  return value;
}

/** Bytes in hexadecimal of either case. @throws UnreadableCorpus */
export function hex(parent: JsonObject, name: string): Uint8Array {
  return parseHex(string(parent, name), name);
}

/** @throws UnreadableCorpus */
export function parseHex(text: string, name: string): Uint8Array {
  try {
    return fromHex(text);
  } catch (error) {
    throw new UnreadableCorpus(`${name} is not hexadecimal`, { cause: error });
  }
}
