import { ExtensionType, nameOf } from "../../registry/index.ts";
import { registeredName } from "./registered.ts";

/**
 * As {@link nameOf}, for people: also the names of what the engine does not speak, and GREASE for the values that RFC 8701 §2
 * sets aside to be ignored.
 */
export function labelOf(
  table: Readonly<Record<string, number>>,
  value: number,
  digits = 4,
): string {
  const isGrease = digits === 4 && (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
  return isGrease ? "GREASE" : (registeredName(table, value) ?? nameOf(table, value, digits));
}

/** An extension by the key under which a message has it: `0x1a2b` for one that the engine does not know. */
export const extensionLabel = (key: string): string =>
  /^0x[0-9a-f]{4}$/.test(key) ? labelOf(ExtensionType, Number(key)) : key;
