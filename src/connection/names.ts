/** Turns names into table entries, so that options may say `"X25519MLKEM768"` or give a custom value. */

/** Something that has a code point: a suite, a group, a signature scheme. */
export interface Named {
  readonly name: string;
  readonly code: number;
}

/** Those of a kind that are registered, and what one of the caller's own must keep to. */
export interface Registry<T extends Named> {
  readonly kind: string;
  readonly entries: readonly T[];
  /** Code points that are nobody's: for an error. */
  readonly privateUse: string;
  /** @throws RangeError that says which rule it breaks */
  readonly check: (own: T) => void;
}

/** @throws RangeError for names that do not exist, and for values that cannot be or have what is another's */
export function resolve<T extends Named>(
  registry: Registry<T>,
  given: readonly (string | T)[] | undefined,
  standard: readonly T[],
): readonly T[] {
  if (given === undefined) return standard;
  if (given.length === 0) throw new RangeError(`the list of ${registry.kind} is empty`);
  const entries = given.map((entry) =>
    typeof entry === "string" ? find(registry.kind, registry.entries, entry) : entry,
  );
  checkOwn(registry, entries);
  return entries;
}

/** @throws RangeError that lists what there is */
export function find<T extends { readonly name: string }>(
  kind: string,
  table: readonly T[],
  name: string,
): T {
  const found = table.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    const known = table.map((entry) => entry.name).join(", ");
    throw new RangeError(`there is no ${name} among the ${kind}: ${known}`);
  }
  return found;
}

/**
 * Name and code point belong together. A variant of what is registered may have both of it; whatever has one of
 * the two of another would be taken for it.
 * @returns those of the caller's own
 */
export function checkOwn<T extends Named>(registry: Registry<T>, entries: readonly T[]): T[] {
  const own = entries.filter((entry) => !registry.entries.includes(entry));
  for (const [index, entry] of own.entries()) {
    registry.check(entry);
    const other = [...registry.entries, ...own.slice(0, index)].find(
      ({ name, code }) => (name === entry.name) !== (code === entry.code),
    );
    if (other === undefined) continue;
    const what = other.name === entry.name ? "name" : `code point 0x${entry.code.toString(16)}`;
    throw new RangeError(
      `${entry.name} has the ${what} of ${other.name} among the ${registry.kind}; ` +
        `take another name, and a code point of private use: ${registry.privateUse}`,
    );
  }
  return own;
}
