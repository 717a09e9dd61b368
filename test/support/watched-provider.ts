/** A provider that remembers what it handed out, so that a test can look for what was not wiped. */
import type { AeadKey, Hash, Kem, Provider } from "../../src/crypto/index.ts";
import { toHex } from "../../src/wire/index.ts";

export interface Watched {
  readonly provider: Provider;
  /** What is left of all that was handed out, but for bytes that are public: described, for people. */
  live(isPublic: (bytes: Uint8Array) => boolean): string[];
  forget(): void;
}

const isWiped = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

/** What an HMAC was made over, if it was a label of the key schedule. */
const labelIn = (data: Uint8Array): string =>
  /tls13 ([a-z ]+)/.exec(String.fromCharCode(...data))?.[1]?.trim() ??
  "an extracted secret or a MAC";

const mapValues = <T, R extends Readonly<Record<string, T>>>(
  record: R & Readonly<Record<string, T>>,
  change: (value: T) => T,
): R =>
  Object.fromEntries(
    Object.entries<T>(record).map(([key, value]) => [key, change(value)]),
  ) as unknown as R;

export function watch(inner: Provider): Watched {
  const bytes: { readonly what: string; readonly value: Uint8Array }[] = [];
  const keys = new Map<string, { isLive: boolean }>();
  let count = 0;
  const record = (what: string, value: Uint8Array): Uint8Array => {
    bytes.push({ what, value });
    return value;
  };
  const held = <T extends { wipe(): void }>(what: string, key: T): T => {
    const state = { isLive: true };
    keys.set(`${what} ${++count}`, state);
    return new Proxy(key, {
      get(target, name) {
        if (name === "wipe") {
          return () => {
            state.isLive = false;
            target.wipe();
          };
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  const hash = (own: Hash): Hash => ({
    ...own,
    digest: (data) => own.digest(data),
    start: () => own.start(),
    hmac: (key, data) => record(labelIn(data), own.hmac(key, data)),
  });
  const kem = (own: Kem): Kem => ({
    ...own,
    generate() {
      const pair = own.generate();
      return held(`a key pair of ${own.name}`, {
        ...pair,
        decapsulate: (ciphertext: Uint8Array) =>
          record(`a secret of ${own.name}`, pair.decapsulate(ciphertext)),
        wipe: () => pair.wipe(),
      });
    },
    encapsulate(publicKey) {
      const result = own.encapsulate(publicKey);
      record(`a secret of ${own.name}`, result.sharedSecret);
      return result;
    },
  });
  return {
    provider: {
      ...inner,
      hashes: mapValues(inner.hashes, hash),
      kems: mapValues(inner.kems, kem),
      aeads: mapValues(inner.aeads, (aead) => ({
        ...aead,
        importKey: (key: Uint8Array): AeadKey => held("a traffic key", aead.importKey(key)),
      })),
    },
    live: (isPublic) => [
      ...bytes
        .filter(({ value }) => !isWiped(value) && !isPublic(value))
        .map(({ what, value }) => `${what} ${toHex(value).slice(0, 8)}`),
      ...[...keys].filter(([, { isLive }]) => isLive).map(([what]) => what),
    ],
    forget() {
      bytes.length = 0;
      keys.clear();
    },
  };
}
