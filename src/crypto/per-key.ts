/**
 * Makes one value for each key object, however often it is asked for, and forgets it with the key.
 * What does not change, a public key and what was imported of it, need not be made again in every
 * handshake.
 */
export function perKey<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}
