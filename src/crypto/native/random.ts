import * as crypto from "node:crypto";
import type { RandomSource } from "../provider.ts";

/** Drawn at once: a call costs as much as the 4096 bytes that it brings. */
const pool = new Uint8Array(4096);
let used = pool.length;
/** What is longer is drawn by itself. */
const mostPooled = 64;

/** OpenSSL's generator. Every byte is given once, and nothing of it stays here. */
export const systemRandom: RandomSource = (length) => {
  if (length > mostPooled) return crypto.randomFillSync(new Uint8Array(length));
  if (used + length > pool.length) {
    crypto.randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
};
