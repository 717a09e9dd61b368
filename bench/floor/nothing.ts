import type {
  Aead,
  AeadKey,
  Hash,
  Kem,
  Provider,
  RunningHash,
  SignatureAlgorithm,
} from "../../src/crypto/provider.ts";
import { native } from "../../src/node.ts";

/**
 * A provider whose cryptography is none: sizes are right, and every secret is the same, so that a handshake
 * succeeds. What a handshake still costs is the engine's own code.
 */
export const nothing: Provider = {
  ...native,
  name: "nothing",
  random: numbered(),
  hashes: each(native.hashes, hash),
  aeads: each(native.aeads, aead),
  kems: each(native.kems, kem),
  signatures: each(native.signatures, signature),
};

function each<Slot, Slots extends Readonly<Record<string, Slot>>>(
  slots: Slots & Readonly<Record<string, Slot>>,
  replace: (slot: Slot) => Slot,
): Slots {
  const replaced = Object.entries<Slot>(slots).map(([name, slot]) => [name, replace(slot)]);
  return Object.fromEntries(replaced);
}

function filled(length: number): Uint8Array {
  return new Uint8Array(length).fill(7);
}

/** No two alike, as a tickets' key and a hello must be. */
function numbered(): Provider["random"] {
  let count = 0;
  return (length) => {
    const bytes = filled(length);
    for (let at = 0, rest = ++count; at < length && rest > 0; at++, rest >>>= 8) bytes[at] = rest;
    return bytes;
  };
}

function hash(slot: Hash): Hash {
  const digest = filled(slot.length);
  const running: RunningHash = {
    update: () => {},
    digest: () => digest.slice(),
    copy: () => running,
  };
  return { ...slot, digest: running.digest, start: () => running, hmac: running.digest };
}

function aead(slot: Aead): Aead {
  const tag = filled(16);
  const key: AeadKey = {
    seal: (_nonce, _additionalData, plaintext, trailer) => [
      plaintext.slice(),
      trailer.slice(),
      tag.slice(),
    ],
    open: (_nonce, _additionalData, ciphertext) => ciphertext.slice(0, -tag.length),
    wipe: () => {},
  };
  return { ...slot, importKey: () => key };
}

function kem(slot: Kem): Kem {
  const secret = filled(slot.sharedSecretLength);
  const ciphertext = filled(slot.ciphertextLength);
  const pair = {
    publicKey: filled(slot.publicKeyLength),
    decapsulate: () => secret.slice(),
    wipe: () => {},
  };
  return {
    ...slot,
    generate: () => pair,
    encapsulate: () => ({ ciphertext, sharedSecret: secret.slice() }),
  };
}

function signature(slot: SignatureAlgorithm): SignatureAlgorithm {
  const signed = filled(71);
  return { ...slot, verifier: () => () => true, signer: () => () => signed };
}
