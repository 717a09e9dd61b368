/** A handshake message, byte by byte, with the names that its declaration gives them. */
import { type KemParameters, kemParameters } from "../../crypto/index.ts";
import { type Group, groups as registeredGroups } from "../../groups/index.ts";
import {
  annotateMessage,
  extensionBody,
  type ExtensionContext,
  messageName,
  messages,
  type MessageType,
  messageType,
} from "../../messages/index.ts";
import { HandshakeType, nameOf } from "../../registry/index.ts";
import type { Codec, FieldRange, Shape } from "../../wire/index.ts";
import { isMalformed } from "./malformed.ts";
import { extensionLabel, labelOf } from "./names.ts";

/** A run of bytes that belong together. The lines of a dump cover every byte of the message once, in order. */
export interface DumpLine {
  /** Of the first byte, from the beginning of the message. */
  readonly offset: number;
  /** The bytes of this line alone. */
  readonly bytes: Uint8Array;
  /** 0 for the message's own fields. */
  readonly depth: number;
  /** Empty bytes and a name: a heading for the deeper lines that follow. */
  readonly name: string;
  /**
   * Where it stands: `client_hello.extensions.key_share[0].group`. Lengths are `length` of what they count, components of
   * a share have the names of their KEMs, and the head of an extension is its `extension_type` and `extension_length`.
   */
  readonly path: string;
  /** For people: a name for a number, a text, a size. */
  readonly note: string;
}

/**
 * Shares of hybrid groups are cut into their components; `groups` says which groups there are.
 * @throws DecodeError if the message is malformed, TlsError for an extension where it may not stand
 */
export function dumpMessage(
  raw: Uint8Array,
  groups: readonly Group[] = registeredGroups,
): DumpLine[] {
  const type = messageType(raw);
  if (type === undefined) {
    const note = `${labelOf(HandshakeType, raw[0] ?? 0, 2)}, ${bytesOf(raw.length)}`;
    return [{ offset: 0, bytes: raw, depth: 0, name: "message", path: "message", note }];
  }
  const [root] = treeOf(annotateMessage(type, raw));
  return root === undefined ? [] : new Dump(raw, type, groups).lines(root);
}

/** The same of whatever stands there: of what is malformed one line, with the reason. */
export function dumpAnyMessage(
  raw: Uint8Array,
  groups: readonly Group[] = registeredGroups,
): DumpLine[] {
  try {
    return dumpMessage(raw, groups);
  } catch (error) {
    if (!isMalformed(error)) throw error;
    const note = `malformed: ${error.message}`;
    const name = messageName(raw);
    return [{ offset: 0, bytes: raw, depth: 0, path: name, name, note }];
  }
}

interface Node {
  readonly name: string;
  readonly field: FieldRange;
  readonly children: Node[];
}

/** A run of bytes under its path. */
type Span = Pick<FieldRange, "path" | "start" | "end">;

/** Fields come outer before inner: a field's children are those whose path begins with its own. */
function treeOf(fields: readonly FieldRange[]): Node[] {
  const roots: Node[] = [];
  const open: Node[] = [];
  for (const field of fields) {
    while (open.length > 0 && !isWithin(field.path, open.at(-1)!.field.path)) open.pop();
    const parent = open.at(-1);
    const name = field.path.slice(parent?.field.path.length ?? 0).replace(/^\./, "");
    const node = { name, field, children: [] };
    (parent?.children ?? roots).push(node);
    open.push(node);
  }
  return roots;
}

const isWithin = (path: string, outer: string): boolean =>
  path.startsWith(outer) && (path[outer.length] === "." || path[outer.length] === "[");

class Dump {
  readonly #raw: Uint8Array;
  readonly #type: MessageType;
  readonly #groups: readonly Group[];
  readonly #lines: DumpLine[] = [];

  constructor(raw: Uint8Array, type: MessageType, groups: readonly Group[]) {
    this.#raw = raw;
    this.#type = type;
    this.#groups = groups;
  }

  lines(root: Node): DumpLine[] {
    const { shape } = messages[this.#type];
    for (const { name, field, children } of root.children) {
      if (name === "msg_type") this.#line({ ...field, depth: 0, name, note: this.#messageName() });
      else if (name === "length") this.#length(field, 0);
      else this.#node({ name, field, children }, childShape(shape, name), 0);
    }
    return this.#lines;
  }

  #messageName(): string {
    const name = nameOf(HandshakeType, this.#raw[0] ?? 0, 2);
    return name === this.#type ? name : `${name} (${this.#type})`;
  }

  #node(node: Node, shape: Shape | undefined, depth: number): void {
    if (node.children.length === 0) {
      this.#leaf(node, shape, depth);
    } else {
      this.#heading(node, depth);
      this.#children(node, shape, depth + 1);
    }
  }

  #children({ field, children }: Node, shape: Shape | undefined, depth: number): void {
    const path = `${field.path}.length`;
    let at = field.start;
    for (const child of children) {
      const inner = childShape(shape, child.name);
      if (shape?.kind === "extensions") {
        const head = child.field.start - 4;
        this.#length({ path, start: at, end: head }, depth);
        this.#extension(child, inner, depth);
      } else {
        this.#length({ path, start: at, end: child.field.start }, depth);
        if (child.name === "keyExchange") this.#share(children, child, depth);
        else this.#node(child, inner, depth);
      }
      at = child.field.end;
    }
  }

  /** Its head, which is not a field of its own, stands under its name. */
  #extension(node: Node, shape: Shape | undefined, depth: number): void {
    const { path, start: body, end } = node.field;
    const head = body - 4;
    const type = { path: `${path}.extension_type`, start: head, end: head + 2 };
    this.#heading({ name: extensionLabel(node.name), field: { path, start: head } }, depth);
    this.#line({ ...type, depth: depth + 1, name: "extension_type", note: this.#uint(type) });
    this.#length({ path: `${path}.extension_length`, start: head + 2, end: body }, depth + 1);
    if (node.children.length > 0) this.#children(node, shape, depth + 1);
    else if (end > body) this.#leaf(node, shape, depth + 1);
  }

  #heading(
    { name, field }: { readonly name: string; readonly field: Pick<FieldRange, "path" | "start"> },
    depth: number,
    note = "",
  ): void {
    const { path, start } = field;
    this.#line({ path, start, end: start, depth, name, note });
  }

  #length(span: Span, depth: number): void {
    if (span.end > span.start) {
      this.#line({ ...span, depth, name: "length", note: this.#uint(span) });
    }
  }

  #leaf({ name, field }: Node, shape: Shape | undefined, depth: number): void {
    const { path, start, end, value } = field;
    const isText = value instanceof Uint8Array || typeof value === "string";
    const size = isText ? value.length : end - start;
    if (size === 0) {
      this.#line({ path, start, end, depth, name, note: "empty" });
      return;
    }
    this.#length({ path: `${path}.length`, start, end: end - size }, depth);
    this.#line({ path, start: end - size, end, depth, name, note: noteOf(value, shape) });
  }

  /** A KeyShareEntry's key_exchange: the components' parts, in the group's order (RFC 9954 §3.2). */
  #share(entry: readonly Node[], { field, name }: Node, depth: number): void {
    const code = entry.find((child) => child.name === "group")?.field.value;
    const group = this.#groups.find((candidate) => candidate.code === code);
    const fromClient = this.#type === "client_hello";
    const parts = (group?.kems ?? []).map((kem) => {
      const parameters: KemParameters = typeof kem === "string" ? kemParameters[kem] : kem;
      return {
        name: typeof kem === "string" ? kem : kem.name,
        length: fromClient ? parameters.publicKeyLength : parameters.ciphertextLength,
        what: fromClient || !parameters.postQuantum ? "public key" : "ciphertext",
      };
    });
    const { path, start, end } = field;
    let at = start + 2;
    const size = end - at;
    this.#length({ path: `${path}.length`, start, end: at }, depth);
    if (parts.reduce((sum, part) => sum + part.length, 0) !== size) {
      this.#line({ path, start: at, end, depth, name, note: bytesOf(size) });
      return;
    }
    if (parts.length > 1) this.#heading({ name, field: { path, start: at } }, depth, bytesOf(size));
    for (const part of parts) {
      const span = { start: at, end: at + part.length };
      const note = `${part.what}, ${part.length} bytes`;
      this.#line(
        parts.length > 1
          ? { ...span, path: `${path}.${part.name}`, depth: depth + 1, name: part.name, note }
          : { ...span, path, depth, name, note: `${part.name} ${note}` },
      );
      at = span.end;
    }
  }

  #line({ start, end, path, depth, name, note }: Span & Omit<DumpLine, "offset" | "bytes">): void {
    const bytes = this.#raw.subarray(start, end);
    this.#lines.push({ offset: start, bytes, depth, name, path, note });
  }

  #uint({ start, end }: Span): string {
    return String(this.#raw.subarray(start, end).reduce((value, byte) => value * 256 + byte, 0));
  }
}

/** What a declaration says of one of its parts. */
function childShape(shape: Shape | undefined, name: string): Shape | undefined {
  let codec: Codec<unknown> | undefined;
  if (shape?.kind === "struct") codec = shape.fields[name];
  else if (shape?.kind === "list") codec = shape.element;
  else if (shape?.kind === "extensions") {
    codec = extensionBody(shape.context as ExtensionContext, name);
  }
  return codec?.shape;
}

function noteOf(value: unknown, shape: Shape | undefined): string {
  if (shape?.kind === "code") return labelOf(shape.members, Number(value), shape.size * 2);
  if (value instanceof Uint8Array) return bytesOf(value.length);
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" ? String(value) : "empty";
}

const bytesOf = (count: number): string => (count === 1 ? "1 byte" : `${count} bytes`);
