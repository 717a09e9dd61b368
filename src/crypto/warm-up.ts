import type { KemName, Provider } from "./provider.ts";

/** What a first handshake is likely to need. */
const likely: readonly KemName[] = ["x25519", "secp256r1", "ML-KEM-768"];

/**
 * Makes the first call of the operations that build tables. With noble they take about 140 ms
 * together (the curves' tables serve their signatures too), which a server may prefer to spend
 * before its first connection; with a native back end, next to nothing.
 */
export function warmUp(provider: Provider): void {
  for (const name of likely) {
    const kem = provider.kems[name];
    const pair = kem.generate();
    pair.decapsulate(kem.encapsulate(pair.publicKey).ciphertext);
    pair.wipe();
  }
}
