import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { hashLengths } from "../parameters.ts";
import type { Hash, HashName, RunningHash } from "../provider.ts";

/** FIPS 180-4, by name. */
export const hashFunctions = { sha256, sha384, sha512 };

type NobleHash = ReturnType<typeof sha256.create> | ReturnType<typeof sha512.create>;

function runningHash(running: NobleHash): RunningHash {
  return {
    update(data) {
      running.update(data);
    },
    digest: () => running.clone().digest(),
    copy: () => runningHash(running.clone()),
  };
}

function nobleHash(name: HashName): Hash {
  const hash = hashFunctions[name];
  return {
    backend: "@noble/hashes",
    name,
    length: hashLengths[name],
    digest: (data) => hash(data),
    start: () => runningHash(hash.create()),
    hmac: (key, data) => hmac(hash, key, data),
  };
}

export const nobleHashes: Readonly<Record<HashName, Hash>> = {
  sha256: nobleHash("sha256"),
  sha384: nobleHash("sha384"),
  sha512: nobleHash("sha512"),
};
