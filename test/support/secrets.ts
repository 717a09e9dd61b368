import { noble, type Suite, suites } from "../../src/crypto/index.ts";
import { HandshakeSecret, type TrafficSecret } from "../../src/schedule/index.ts";
import { utf8 } from "../../src/wire/index.ts";

export const [aes128, aes256, chacha] = suites as readonly [Suite, Suite, Suite];

/** A traffic secret, the same in every call with the same name. Each caller may wipe its own. */
export function trafficSecret(name = "a secret", suite: Suite = aes128): TrafficSecret {
  const hash = noble.hashes[suite.hash];
  return HandshakeSecret.withoutPsk(hash, utf8(name)).traffic(hash.digest(utf8(name))).client;
}
