import type { Aead, AeadKey } from "../crypto/provider.ts";
import { ContentType } from "../registry/index.ts";
import type { TrafficSecret } from "../schedule/index.ts";
import { wipe } from "../wire/index.ts";
import { recordHeaderLength } from "./limits.ts";

const tagLength = 16;

interface Keys {
  readonly key: AeadKey;
  readonly iv: Uint8Array;
}

/** That of the record at hand: there is never more than one. */
const nonce = new Uint8Array(12);

/**
 * The keys of one direction in one epoch, and how many records they protected (RFC 9846 §5.2, §5.3). They
 * are made with the first record: many a connection has a direction in which nothing is ever sent.
 */
export class RecordProtection {
  readonly #aead: Aead;
  readonly #secret: TrafficSecret;
  #keys: Keys | undefined;
  #sequence = 0;

  /** @param secret not to be wiped before this is */
  constructor(aead: Aead, secret: TrafficSecret) {
    this.#aead = aead;
    this.#secret = secret;
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
    const keys = this.#ready();
    const chunks = keys.key.seal(this.#nextNonce(keys), header, content, trailer);
    chunks.unshift(header);
    return chunks;
  }

  /** TLSInnerPlaintext of a whole record; `undefined` if it is not authentic. */
  open(record: Uint8Array): Uint8Array | undefined {
    if (record.length < recordHeaderLength + tagLength) return undefined;
    const header = record.subarray(0, recordHeaderLength);
    const keys = this.#ready();
    const plaintext = keys.key.open(
      this.#nextNonce(keys),
      header,
      record.subarray(recordHeaderLength),
    );
    // A record that is not authentic does not count: a server skips early data that way (§4.3.10)
    if (plaintext === undefined) this.#sequence--;
    return plaintext;
  }

  wipe(): void {
    this.#keys?.key.wipe();
    wipe(this.#keys?.iv);
  }

  #ready(): Keys {
    if (this.#keys !== undefined) return this.#keys;
    const { key, iv } = this.#secret.keys(this.#aead.keyLength);
    this.#keys = { key: this.#aead.importKey(key), iv };
    wipe(key);
    return this.#keys;
  }

  /** The IV xor the sequence number, in a buffer that the next call overwrites. */
  #nextNonce({ iv }: Keys): Uint8Array {
    nonce.set(iv);
    for (let rest = this.#sequence++, at = 11; rest > 0; at--) {
      nonce[at]! ^= rest & 0xff;
      rest = Math.floor(rest / 256);
    }
    return nonce;
  }
}

export function recordHeader(type: number, length: number, version = 0x0303): Uint8Array {
  const header = new Uint8Array(recordHeaderLength);
  header[0] = type;
  header[1] = version >> 8;
  header[2] = version & 0xff;
  header[3] = length >> 8;
  header[4] = length & 0xff;
  return header;
}
