/** What holds for the name and the code point of any algorithm of the caller's own. */

/** Fails with a message that says which thing it is, and which rule it breaks. */
export type Fail = (rule: string) => never;

export const failing =
  (kind: string, name: string): Fail =>
  (rule) => {
    throw new RangeError(`${kind} ${JSON.stringify(name)}: ${rule}`);
  };

/** @throws RangeError for a name that is empty, and for a code point that is none, or is GREASE's */
export function checkCodePoint(fail: Fail, name: unknown, code: number): void {
  if (typeof name !== "string" || name === "") fail("the name is empty");
  if (!Number.isInteger(code) || code < 1 || code > 0xffff) {
    fail(`the code point must be an integer from 1 to 0xffff, not ${code}`);
  }
  // RFC 8701 §2: these values are never negotiated.
  if ((code & 0x0f0f) === 0x0a0a && code >> 8 === (code & 0xff)) {
    fail(`the code point 0x${code.toString(16)} is reserved for GREASE`);
  }
}
