import { nameOf } from "../../registry/index.ts";

/** As {@link nameOf}, but says GREASE for the values that RFC 8701 §2 sets aside to be ignored. */
export function labelOf(
  table: Readonly<Record<string, number>>,
  value: number,
  digits = 4,
): string {
  const isGrease = digits === 4 && (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
  return isGrease ? "GREASE" : nameOf(table, value, digits);
}
