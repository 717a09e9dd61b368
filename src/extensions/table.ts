/** The extensions that are declared here, by name and by number. */
import type { Codec, ValueOf } from "../wire/index.ts";
import * as declared from "./declared.ts";
import type { Extension, ExtensionContext } from "./extension.ts";

type Declared = Extract<(typeof declared)[keyof typeof declared], Extension>;
type BodyIn<E, C extends ExtensionContext> = E extends { bodies: infer B }
  ? C extends keyof B
    ? ValueOf<B[C]>
    : never
  : never;

/**
 * The extensions of one message, by name, in their order on the wire. Those that are not known here
 * stand under their number, `0x1a2b`, as bytes.
 */
export type Extensions<C extends ExtensionContext> = {
  [E in Declared as C extends keyof E["bodies"] ? E["name"] : never]?: BodyIn<E, C>;
} & { [unknown: `0x${string}`]: Uint8Array };

const table: readonly Extension[] = Object.values(declared).filter(
  (value): value is Declared => "bodies" in value,
);
const byType = new Map(table.map((entry) => [entry.type, entry]));
const byName = new Map<string, Extension>(table.map((entry) => [entry.name, entry]));

export const extensionOfType = (type: number): Extension | undefined => byType.get(type);
export const extensionNamed = (name: string): Extension | undefined => byName.get(name);

export const numericKey = (type: number): `0x${string}` =>
  `0x${type.toString(16).padStart(4, "0")}`;

/** The name under which an extension stands in {@link Extensions}. */
export const extensionKey = (type: number): string => byType.get(type)?.name ?? numericKey(type);

/** How an extension's data reads in that message; `undefined` if it is unknown or does not belong there. */
export const extensionBody = (
  context: ExtensionContext,
  name: string,
): Codec<unknown> | undefined => byName.get(name)?.bodies[context];

/** A block: what each extension says, under its name and in the order of the list. */
export function sayings<C extends ExtensionContext, E extends { readonly name: string }>(
  list: readonly E[],
  say: (extension: E) => unknown,
): Extensions<C> {
  const block: Record<string, unknown> = {};
  for (const each of list) {
    const data = say(each);
    if (data !== undefined) block[each.name] = data;
  }
  return block as Extensions<C>;
}
