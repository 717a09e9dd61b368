/** DER as NSS would write it: lengths left open, and OCTET STRINGs in pieces. */
import { readDer } from "../../../src/identity/der/der-reader.ts";
import { der } from "../../../src/identity/der/der-writer.ts";
import { concat } from "../../../src/wire/index.ts";

const open = (tag: number, content: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(tag, 0x80), content, Uint8Array.of(0, 0));

/** @param encoded any number of elements */
export function berOf(encoded: Uint8Array): Uint8Array {
  const elements = readDer(encoded, (reader) => reader.each(0, (each, at) => each.element(at)));
  return concat(
    ...elements.map((element) => {
      const tag = element[0]!;
      const content = readDer(element, (reader) => reader.read(tag, "", (inner) => inner.rest()));
      if ((tag & 0x20) !== 0) return open(tag, berOf(content));
      if (tag !== 0x04 || content.length < 2) return element;
      const middle = content.length >> 1;
      const pieces = [content.subarray(0, middle), content.subarray(middle)];
      return open(0x24, concat(...pieces.map((piece) => der(0x04, piece))));
    }),
  );
}
