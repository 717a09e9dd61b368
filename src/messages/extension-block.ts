import {
  type Extension,
  type ExtensionContext,
  extensionKey,
  extensionNamed,
  extensionOfType,
  type Extensions,
  numericKey,
} from "../extensions/index.ts";
import { TlsError } from "../registry/index.ts";
import { type Codec, DecodeError, type Reader, type Writer } from "../wire/index.ts";

/**
 * The block of a hello. Older versions may send none at all, which reads as an empty one, or one of less
 * than 7 bytes (RFC 9846 §4.2.2), so that such a hello is refused for its version and not for its form.
 */
export function helloExtensions<C extends ExtensionContext>(context: C): Codec<Extensions<C>> {
  const block = extensionBlock(context);
  return {
    ...block,
    read: (reader) => (reader.remaining === 0 ? {} : block.read(reader)),
  };
}

/** The block of extensions of one kind of message: `Extension extensions<0..2^16-1>`. */
export function extensionBlock<C extends ExtensionContext>(context: C): Codec<Extensions<C>> {
  const readBlock = (reader: Reader): Extensions<C> => {
    const values: Record<string, unknown> = {};
    let misplaced: Extension | undefined;
    while (reader.position < reader.end) {
      const known = readOne(reader, context, values);
      if (known !== undefined && known.bodies[context] === undefined) misplaced ??= known;
    }
    if (misplaced !== undefined) refuseMisplaced(misplaced, context, values);
    return values as Extensions<C>;
  };
  return {
    shape: { kind: "extensions", context },
    read: (reader) => reader.within(reader.uint(2), readBlock),
    write(writer, values) {
      const at = writer.begin(2);
      for (const name in values) {
        const value = (values as Record<string, unknown>)[name];
        if (value !== undefined) writeOne(writer, context, name, value);
      }
      writer.end(at, 2, 0, 0xffff);
    },
  };
}

/** Returns what it is, if it is known in any message. */
function readOne(
  reader: Reader,
  context: ExtensionContext,
  values: Record<string, unknown>,
): Extension | undefined {
  reader.element();
  const type = reader.uint(2);
  const known = extensionOfType(type);
  const body = known?.bodies[context];
  const name = known === undefined || body === undefined ? numericKey(type) : known.name;
  // RFC 9846 §4.3: one extension of a type in a block
  if (name in values) throw refused(context, extensionKey(type), "stands twice in one block");
  // RFC 9846 §4.3.11: pre_shared_key is the last of a ClientHello
  if (context === "client_hello" && "pre_shared_key" in values) {
    throw refused(context, "pre_shared_key", `is followed by ${name}`);
  }
  try {
    const length = reader.uint(2);
    values[name] =
      reader.fields === undefined
        ? readBody(reader, length, body)
        : reader.field(name, (r) => readBody(r, length, body));
  } catch (error) {
    throw error instanceof DecodeError ? error.within(name) : error;
  }
  return known;
}

const readBody = (reader: Reader, length: number, body: Codec<unknown> | undefined): unknown =>
  body === undefined ? reader.take(length) : reader.within(length, (inner) => body.read(inner));

/**
 * RFC 9846 §4.3: an extension that we know, in a message for which it is not specified. A ServerHello of
 * TLS 1.2 has answers that TLS 1.3 gives elsewhere: it is to be refused for its version, not for them.
 */
function refuseMisplaced(
  { name }: Extension,
  context: ExtensionContext,
  values: Record<string, unknown>,
): void {
  if (context === "server_hello" && !("supported_versions" in values)) return;
  throw refused(context, name, `is not specified for ${context}`);
}

function writeOne(writer: Writer, context: ExtensionContext, name: string, value: unknown): void {
  const known = extensionNamed(name);
  const body = known?.bodies[context];
  if (known !== undefined && body === undefined) {
    throw new RangeError(`${name} is not specified for ${context}`);
  }
  writer.uint(2, known?.type ?? Number(name));
  const at = writer.begin(2);
  if (body === undefined) writer.append(value as Uint8Array);
  else body.write(writer, value);
  writer.end(at, 2, 0, 0xffff);
}

function refused(context: ExtensionContext, name: string, what: string): TlsError {
  return new TlsError("illegal_parameter", `extension ${name} ${what}`, {
    where: `${context}.extensions.${name}`,
    section: "RFC 9846 §4.3",
  });
}
