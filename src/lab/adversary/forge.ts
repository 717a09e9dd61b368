/** Messages of an adversary that has the keys. */
import { noble, suiteByCode } from "../../crypto/index.ts";
import { decodeMessage, encodeMessage, messageType } from "../../messages/index.ts";
import { HandshakeType } from "../../registry/index.ts";
import type { Signer } from "../../identity/index.ts";
import { certificateVerifyContent, SecretOwner, TrafficSecret } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import { ScenarioError } from "./edit.ts";
import type { Unit } from "./step.ts";

/** What the receiver believes, and whose key the adversary has. */
export interface Forgery {
  /** CipherSuite. */
  readonly suite: number;
  /** The sender's handshake traffic secret, as the receiver has it. */
  readonly secret: Uint8Array | undefined;
  /** The messages that the receiver has sent and been given. */
  readonly transcript: readonly Uint8Array[];
  readonly signer: Signer | undefined;
}

/**
 * The message as its receiver would expect it.
 * @throws ScenarioError without the keys that it takes
 */
export function forge(
  { from, raw }: Unit,
  what: "finished" | "certificate_verify",
  { suite: code, secret, transcript, signer }: Forgery,
): Uint8Array {
  const suite = suiteByCode(code);
  if (suite === undefined || secret === undefined) {
    throw new ScenarioError(`to forge ${what} takes the secrets of the connection`);
  }
  const hash = noble.hashes[suite.hash];
  const transcriptHash = hash.digest(transcriptBytes(transcript, hash));
  if (what === "finished") {
    const verifyData = new TrafficSecret(hash, secret, new SecretOwner()).verifyData(
      transcriptHash,
    );
    return encodeMessage("finished", { verifyData });
  }
  const { algorithm } = decodeMessage("certificate_verify", raw).body;
  const scheme = signer?.schemes.find((entry) => entry.code === algorithm);
  const signature = scheme && signer?.sign(scheme, certificateVerifyContent(from, transcriptHash));
  if (!(signature instanceof Uint8Array)) {
    throw new ScenarioError("to forge certificate_verify takes the server's key");
  }
  return encodeMessage("certificate_verify", { algorithm, signature });
}

/** RFC 9846 §4.1: a first ClientHello that was retried is represented by its hash. */
function transcriptBytes(
  transcript: readonly Uint8Array[],
  hash: { readonly length: number; digest(data: Uint8Array): Uint8Array },
): Uint8Array {
  const [first, second] = transcript;
  if (
    first === undefined ||
    second === undefined ||
    messageType(second) !== "hello_retry_request"
  ) {
    return concat(...transcript);
  }
  const header = Uint8Array.of(HandshakeType.message_hash, 0, 0, hash.length);
  return concat(header, hash.digest(first), ...transcript.slice(1));
}
