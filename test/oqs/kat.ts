/** Known answers of liboqs: what its own KAT programs print, of which it publishes the hashes. */
import crypto, { createCipheriv, createHash } from "node:crypto";
import { shake256 } from "@noble/hashes/sha3.js";
import { vi } from "vitest";
import type { OqsAlgorithm } from "../../src/oqs/catalogue.ts";
import type { OqsModule } from "../../src/oqs/module.ts";
import type { OqsKem, OqsSignature } from "../../src/oqs/catalogue.ts";

/** Randomness that follows from a seed of 48 bytes. */
interface KatRandom {
  seed(bytes: Uint8Array): void;
  draw(room: Uint8Array): void;
}

/** AES-256-CTR DRBG (NIST SP 800-90A), as NIST's KAT programs have it: without derivation function. */
export function nistDrbg(): KatRandom {
  let key = new Uint8Array(32) as Uint8Array;
  let counter = new Uint8Array(16) as Uint8Array;
  const block = (): Uint8Array => {
    for (let at = 15; at >= 0 && ++counter[at]! === 256; at--);
    return createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(counter);
  };
  const update = (provided: Uint8Array = new Uint8Array(48)): void => {
    const next = Buffer.concat([block(), block(), block()]).map((byte, at) => byte ^ provided[at]!);
    key = Uint8Array.from(next.subarray(0, 32));
    counter = Uint8Array.from(next.subarray(32));
  };
  return {
    seed(bytes) {
      [key, counter] = [new Uint8Array(32), new Uint8Array(16)];
      update(bytes);
    },
    draw(room) {
      for (let at = 0; at < room.length; at += 16)
        room.set(block().subarray(0, room.length - at), at);
      // WebAssembly's getentropy gives 256 bytes at most: what is longer goes on
      if (room.length < 256) update();
    },
  };
}

/** What HQC's authors take in its place: SHAKE256 of the seed and a byte that says what for. */
export function hqcRandom(): KatRandom {
  let stream = shake256.create({});
  return {
    seed(bytes) {
      stream = shake256.create({}).update(bytes).update(Uint8Array.of(1));
    },
    draw: (room) => room.set(stream.xof(room.length)),
  };
}

/**
 * SHA-256 of what `kat_kem` and `kat_sig` print for their first seed.
 * @param first byte of the entropy, which counts up from there; that of liboqs begins with 0
 */
export function answerOf(module: OqsModule, first = 0): string {
  const { algorithm } = module;
  const random = /^hqc/i.test(algorithm.identifier) ? hqcRandom() : nistDrbg();
  const spy = vi.spyOn(crypto, "randomFillSync").mockImplementation((room) => {
    random.draw(room as Uint8Array);
    return room;
  });
  try {
    random.seed(Uint8Array.from({ length: 48 }, (_, at) => first + at));
    const seed = new Uint8Array(48);
    random.draw(seed);
    const lines = [
      ["count", "0"],
      ["seed", hex(seed)],
    ];
    if (algorithm.kind === "kem") {
      random.seed(seed);
      lines.push(...kemLines(module as OqsModule<OqsKem>));
    } else {
      const message = new Uint8Array(33);
      random.draw(message);
      random.seed(seed);
      lines.push(["mlen", "33"], ["msg", hex(message)]);
      lines.push(...signatureLines(module as OqsModule<OqsSignature>, message));
    }
    const text = lines.map(([name, value]) => `${name} = ${value}\n`).join("");
    return createHash("sha256").update(text).digest("hex");
  } finally {
    spy.mockRestore();
  }
}

function kemLines(module: OqsModule<OqsKem>): string[][] {
  const { publicKey, secretKey } = module.generateKey();
  const { ciphertext, sharedSecret } = module.encapsulate(publicKey)!;
  return [
    ["pk", hex(publicKey)],
    ["sk", hex(secretKey)],
    ["ct", hex(ciphertext)],
    ["ss", hex(sharedSecret)],
  ];
}

function signatureLines(module: OqsModule<OqsSignature>, message: Uint8Array): string[][] {
  const { publicKey, secretKey } = module.generateKey();
  const signed = joined(module.algorithm, message, module.sign(message, secretKey));
  return [
    ["pk", hex(publicKey)],
    ["sk", hex(secretKey)],
    ["smlen", `${signed.length}`],
    ["sm", hex(signed)],
  ];
}

/** Each family's authors put message and signature together in their own way. */
function joined(
  { identifier }: OqsAlgorithm,
  message: Uint8Array,
  signature: Uint8Array,
): Uint8Array {
  if (/^falcon-\d/i.test(identifier)) {
    const rest = signature.subarray(41);
    const length = Uint8Array.of((signature.length - 40) >> 8, (signature.length - 40) & 0xff);
    const kind = identifier.endsWith("512") ? 0x29 : 0x2a;
    return Buffer.concat([length, signature.subarray(1, 41), message, Uint8Array.of(kind), rest]);
  }
  const isMessageFirst = /^(?:cross|ov)/i.test(identifier);
  return Buffer.concat(isMessageFirst ? [message, signature] : [signature, message]);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase();
