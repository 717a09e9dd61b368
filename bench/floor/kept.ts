/** The value of the map, made once. */
export function kept<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

const texts = new Map<number, Uint8Array>();

/** So many bytes, always the same. */
export const plaintext = (length: number): Uint8Array =>
  kept(texts, length, () => new Uint8Array(length).fill(7));
