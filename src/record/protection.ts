import type { Aead, AeadKey } from "../crypto/provider.ts";
import { ContentType } from "../registry/index.ts";
import type { TrafficSecret } from "../schedule/index.ts";
import { wipe } from "../wire/index.ts";
import { recordHeaderLength } from "./limits.ts";

const tagLength = 16;

/** The keys of one direction in one epoch, and how many records they protected (RFC 9846 §5.2, §5.3). */
export class RecordProtection {
  readonly #key: AeadKey;
  readonly #iv: Uint8Array;
  readonly #nonce = new Uint8Array(12);
  #sequence = 0;

  constructor(aead: Aead, secret: TrafficSecret) {
    const { key, iv } = secret.keys(aead.keyLength);
    this.#key = aead.importKey(key);
    this.#iv = iv;
    wipe(key);
  }

  /** Records protected so far. */
  get records(): number {
    return this.#sequence;
  }

  /**
   * TLSCiphertext as chunks, the 5-byte header first.
   *
   * @param trailer the content type and the padding zeros behind it
   */
  seal(content: Uint8Array, trailer: Uint8Array): Uint8Array[] {
    const header = recordHeader(
      ContentType.application_data,
      content.length + trailer.length + tagLength,
    );
    const chunks = this.#key.seal(this.#nextNonce(), header, content, trailer);
    chunks.unshift(header);
    return chunks;
  }

  /** TLSInnerPlaintext of a whole record; `undefined` if it is not authentic. */
  open(record: Uint8Array): Uint8Array | undefined {
    if (record.length < recordHeaderLength + tagLength) return undefined;
    const header = record.subarray(0, recordHeaderLength);
    const plaintext = this.#key.open(
      this.#nextNonce(),
      header,
      record.subarray(recordHeaderLength),
    );
    // A record that is not authentic does not count: a server skips early data that way (§4.3.10)
    if (plaintext === undefined) this.#sequence--;
    return plaintext;
  }

  wipe(): void {
    this.#key.wipe();
    wipe(this.#iv, this.#nonce);
  }

  /** The IV xor the sequence number, in a buffer that the next call overwrites. */
  #nextNonce(): Uint8Array {
    const nonce = this.#nonce;
    nonce.set(this.#iv);
    for (let rest = this.#sequence++, at = 11; rest > 0; at--) {
      nonce[at]! ^= rest & 0xff;
      rest = Math.floor(rest / 256);
    }
    return nonce;
  }
}

export function recordHeader(type: number, length: number, version = 0x0303): Uint8Array {
  return Uint8Array.of(type, version >> 8, version & 0xff, length >> 8, length & 0xff);
}
