/**
 * The number of a record of which nobody knows how many came before it: behind bytes that were not captured, or in a
 * connection that had begun.
 *
 * With AES in GCM it is computed. The tag is GHASH of the header and the ciphertext, which takes no nonce, xor AES of the
 * nonce and a 1 (NIST SP 800-38D §7.1); decrypting their difference gives the nonce, and that xor the IV is the number (RFC
 * 9846 §5.3). Other AEADs have no such door: one number after the other is tried.
 */
import { ghash } from "@noble/ciphers/_polyval.js";
import { ecb } from "@noble/ciphers/aes.js";
import { aeadOf, hashOf, type Provider, type Suite } from "../../crypto/index.ts";
import { recordHeaderLength } from "../../record/index.ts";
import { SecretOwner, TrafficSecret } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";

const tagLength = 16;
const blockLength = 16;

/** The keys of a traffic secret, with which records of any number are opened. */
export class NumberedKeys {
  readonly #open: ReturnType<ReturnType<typeof aeadOf>["importKey"]>["open"];
  readonly #iv: Uint8Array;
  /** With AES in GCM. */
  readonly #aesKey: Uint8Array | undefined;
  #next = 0;

  constructor(suite: Suite, secret: Uint8Array, provider: Provider) {
    const aead = aeadOf(suite, provider);
    const owned = new TrafficSecret(hashOf(suite, provider), secret.slice(), new SecretOwner());
    const { key, iv } = owned.keys(aead.keyLength);
    const imported = aead.importKey(key);
    this.#open = imported.open.bind(imported);
    this.#iv = iv;
    this.#aesKey = isGcm(suite) ? key : undefined;
  }

  /** TLSInnerPlaintext of the record that comes next; `undefined` if it is not authentic. */
  open(record: Uint8Array): Uint8Array | undefined {
    const opened = this.#openAt(record, this.#next);
    if (opened !== undefined) this.#next++;
    return opened;
  }

  /**
   * The numbers that a record can have, the likeliest first: the one that there is with AES in GCM, else one after the
   * other without end.
   * @param from the least number that it can have
   */
  *numbersOf(record: Uint8Array, from: number): Generator<number> {
    if (record.length < recordHeaderLength + tagLength) return;
    if (this.#aesKey === undefined) {
      for (let number = from; ; number++) yield number;
    }
    const number = numberIn(record, this.#aesKey, this.#iv);
    if (number !== undefined) yield number;
  }

  /** Whether a record is of these keys and of that number; then it is the next to be opened. */
  seek(record: Uint8Array, number: number): boolean {
    if (this.#openAt(record, number) === undefined) return false;
    this.#next = number;
    return true;
  }

  /** Records until now, those that were not seen among them. */
  get next(): number {
    return this.#next;
  }

  #openAt(record: Uint8Array, number: number): Uint8Array | undefined {
    if (record.length < recordHeaderLength + tagLength) return undefined;
    const nonce = this.#iv.slice();
    for (let rest = number, at = nonce.length - 1; rest > 0; at--) {
      nonce[at]! ^= rest & 0xff;
      rest = Math.floor(rest / 256);
    }
    return this.#open(
      nonce,
      record.subarray(0, recordHeaderLength),
      record.subarray(recordHeaderLength),
    );
  }
}

const isGcm = ({ aead }: Suite): boolean => aead === "aes-128-gcm" || aead === "aes-256-gcm";

function numberIn(record: Uint8Array, key: Uint8Array, iv: Uint8Array): number | undefined {
  const aes = ecb(key, { disablePadding: true });
  const header = record.subarray(0, recordHeaderLength);
  const ciphertext = record.subarray(recordHeaderLength, -tagLength);
  const lengths = new DataView(new ArrayBuffer(blockLength));
  lengths.setUint32(4, 8 * header.length);
  lengths.setUint32(12, 8 * ciphertext.length);
  const hashed = ghash(
    concat(padded(header), padded(ciphertext), new Uint8Array(lengths.buffer)),
    aes.encrypt(new Uint8Array(blockLength)),
  );
  const masked = record.subarray(-tagLength).map((byte, index) => byte ^ hashed[index]!);
  // The nonce, and the number of the first block
  const first = aes.decrypt(masked);
  if (first.subarray(iv.length).some((byte, index) => byte !== (index === 3 ? 1 : 0))) {
    return undefined;
  }
  let number = 0;
  for (const [index, byte] of iv.entries()) number = number * 256 + (byte ^ first[index]!);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** With zeros up to a whole block. */
const padded = (bytes: Uint8Array): Uint8Array =>
  concat(bytes, new Uint8Array((blockLength - (bytes.length % blockLength)) % blockLength));
