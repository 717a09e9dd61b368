/** Records of any number, made here from RFC 9846 §5.2 and §5.3, since the engine writes no record but the next. */
import { aeadOf, hashOf, type Provider, type Suite } from "../../../src/crypto/index.ts";
import { recordHeader } from "../../../src/record/protection.ts";
import { SecretOwner, TrafficSecret } from "../../../src/schedule/index.ts";
import { concat } from "../../../src/wire/index.ts";

export interface Sealing {
  readonly suite: Suite;
  readonly secret: Uint8Array;
  readonly provider: Provider;
}

export const trafficSecret = ({ suite, secret, provider }: Sealing): TrafficSecret =>
  new TrafficSecret(hashOf(suite, provider), secret.slice(), new SecretOwner());

/** A record of application data. */
export function recordOf(sealing: Sealing, number: bigint, content: Uint8Array): Uint8Array {
  const aead = aeadOf(sealing.suite, sealing.provider);
  const { key, iv } = trafficSecret(sealing).keys(aead.keyLength);
  const nonce = new DataView(iv.slice().buffer);
  nonce.setBigUint64(4, nonce.getBigUint64(4) ^ number);
  const header = recordHeader(23, content.length + 1 + 16);
  const sealed = aead
    .importKey(key)
    .seal(new Uint8Array(nonce.buffer), header, content, Uint8Array.of(23));
  return concat(header, ...sealed);
}
