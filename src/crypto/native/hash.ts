import * as crypto from "node:crypto";
import { hashLengths } from "../parameters.ts";
import type { Hash, HashName, RunningHash } from "../provider.ts";
import { backend, plain } from "./node-crypto.ts";

/** Input of HMAC that fits the scratch buffer: labels, transcript hashes and shared secrets do. */
const shortData = 512;

function runningHash(running: crypto.Hash): RunningHash {
  return {
    update(data) {
      running.update(data);
    },
    digest: () => plain(running.copy().digest()),
    copy: () => runningHash(running.copy()),
  };
}

function nativeHash(name: HashName, blockLength: number): Hash {
  const length = hashLengths[name];
  const inner = new Uint8Array(blockLength + shortData);
  const outer = new Uint8Array(blockLength + length);

  /**
   * FIPS 198-1, as two one-shot hashes over scratch buffers: 1.3 µs, where createHmac takes 1.9 and,
   * with a raw key on Node 24, 11. The inner digest comes as a string, which is three times as fast
   * as a Buffer, and tells nothing without the key.
   */
  function shortHmac(key: Uint8Array, data: Uint8Array): Uint8Array {
    for (let i = 0; i < key.length; i++) {
      inner[i] = key[i]! ^ 0x36;
      outer[i] = key[i]! ^ 0x5c;
    }
    inner.fill(0x36, key.length, blockLength);
    outer.fill(0x5c, key.length, blockLength);
    inner.set(data, blockLength);
    const innerEnd = blockLength + data.length;
    const innerDigest = crypto.hash(name, inner.subarray(0, innerEnd), "binary");
    for (let i = 0; i < length; i++) outer[blockLength + i] = innerDigest.charCodeAt(i);
    const digest = plain(crypto.hash(name, outer, "buffer"));
    inner.fill(0, 0, innerEnd);
    outer.fill(0);
    return digest;
  }

  return {
    backend,
    name,
    length,
    digest: (data) => plain(crypto.hash(name, data, "buffer")),
    start: () => runningHash(crypto.createHash(name)),
    hmac: (key, data) =>
      key.length <= blockLength && data.length <= shortData
        ? shortHmac(key, data)
        : plain(crypto.createHmac(name, key).update(data).digest()),
  };
}

export const nativeHashes: Readonly<Record<HashName, Hash>> = {
  sha256: nativeHash("sha256", 64),
  sha384: nativeHash("sha384", 128),
  sha512: nativeHash("sha512", 128),
};
