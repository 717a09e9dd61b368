import { readBytes } from "../options.ts";
import { UsageError } from "../errors.ts";

/** Reads a file that may be PEM or DER. @throws UsageError that names the file */
export const readPemOrDer = <T>(
  path: string,
  what: string,
  parse: (input: string | Uint8Array) => T,
): T => readBinary(path, what, (bytes) => parse(textOrDer(bytes)));

/** Reads a file that is DER. @throws UsageError that names the file */
export function readBinary<T>(path: string, what: string, parse: (bytes: Uint8Array) => T): T {
  const bytes = readBytes(path);
  try {
    return parse(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${path} is not usable as ${what}: ${reason}`);
  }
}

/** PEM begins with a line of its own, somewhere; DER never does. */
export function textOrDer(bytes: Uint8Array): string | Uint8Array {
  const text = new TextDecoder().decode(bytes);
  return text.includes("-----BEGIN ") ? text : bytes;
}
