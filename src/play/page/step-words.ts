/** A step of the adversary in words, for who does not read its language. */
import type { AddressedStep } from "../address.ts";

/** `client's client_hello: extensions.server_name removed`. What has no words is shown as JSON. */
export function wordsOf({ from, on, nth, ...action }: AddressedStep): string {
  const which =
    nth === undefined ? "" : `, ${nth === "every" ? "every one" : `number ${text(nth)}`}`;
  return `${text(from)}'s ${text(on)}${which}: ${done(action)}`;
}

function done(action: AddressedStep): string {
  const { flip, edit } = action;
  if (isObject(flip)) {
    const { byte, mask = 0xff } = flip;
    const bits = [...Array(8).keys()].filter((bit) => (Number(mask) >> bit) & 1);
    return `bit ${bits.join(", ")} of byte ${text(byte)} flipped`;
  }
  if (Array.isArray(edit)) return edit.map(changed).join("; ");
  if (action["drop"] === true) return "dropped";
  if (action["duplicate"] === 1) return "sent twice";
  return asJson(action);
}

function changed(edit: unknown): string {
  if (isObject(edit)) {
    if (typeof edit["set"] === "string") return `${edit["set"]} set to ${text(edit["to"])}`;
    if (typeof edit["remove"] === "string") return `${edit["remove"]} removed`;
    if (typeof edit["swapParts"] === "string") return `the parts of ${edit["swapParts"]} swapped`;
  }
  return asJson(edit);
}

const isObject = (value: unknown): value is AddressedStep =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === "string" ? value : asJson(value));
/** `undefined` has no JSON. */
const asJson = (value: unknown): string => JSON.stringify(value) ?? "nothing";
