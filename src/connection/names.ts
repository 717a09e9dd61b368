/** Turns names into table entries, so that options may say `"X25519MLKEM768"` or give a value of one's own. */
export function resolve<T extends { readonly name: string }>(
  kind: string,
  table: readonly T[],
  given: readonly (string | T)[] | undefined,
  standard: readonly T[],
): readonly T[] {
  if (given === undefined) return standard;
  if (given.length === 0) throw new RangeError(`the list of ${kind} is empty`);
  return given.map((entry) => (typeof entry === "string" ? find(kind, table, entry) : entry));
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
