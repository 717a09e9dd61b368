/** Messages of an adversary that has the keys. */
import { type Hash, hashOf, type Provider, type Suite } from "../../crypto/index.ts";
import { decodeMessage, encodeMessage, messageType } from "../../messages/index.ts";
import { HandshakeType, SignatureScheme } from "../../registry/index.ts";
import type { Signer } from "../../identity/index.ts";
import { certificateVerifyContent, SecretOwner, TrafficSecret } from "../../schedule/index.ts";
import { concat } from "../../wire/index.ts";
import { ScenarioError } from "./edit.ts";
import type { Signing, Unit } from "./step.ts";

/** What the receiver believes, and whose keys the adversary has. */
export interface Forgery {
  /** That of the ServerHello; `undefined` before, and where nobody knows it. */
  readonly suite: Suite | undefined;
  /** Computes hashes. */
  readonly provider: Provider;
  /** The sender's handshake traffic secret, as the receiver has it. */
  readonly secret: Uint8Array | undefined;
  /** The messages that the receiver has sent and been given. */
  readonly transcript: readonly Uint8Array[];
}

/** The Finished that its receiver would expect. @throws ScenarioError without the secrets */
export function forgeFinished(forgery: Forgery): Uint8Array {
  const hash = transcriptHash(forgery);
  if (forgery.secret === undefined) throw withoutSecrets();
  const verifyData = new TrafficSecret(hash, forgery.secret, new SecretOwner()).verifyData(
    hash.digest(transcriptBytes(forgery.transcript, hash)),
  );
  return encodeMessage("finished", { verifyData });
}

/** A CertificateVerify over the transcript of its receiver. @throws ScenarioError without the key */
export function forgeSignature(
  { from, raw }: Unit,
  { scheme: name, context = from }: Signing,
  signer: Signer | undefined,
  forgery: Forgery,
): Uint8Array {
  const hash = transcriptHash(forgery);
  const algorithm =
    name === undefined
      ? decodeMessage("certificate_verify", raw).body.algorithm
      : SignatureScheme[name];
  const content = certificateVerifyContent(
    context,
    hash.digest(transcriptBytes(forgery.transcript, hash)),
  );
  const scheme = signer?.schemes.find((entry) => entry.code === algorithm) ?? signer?.schemes[0];
  const signature = scheme && signer?.sign(scheme, content);
  if (!(signature instanceof Uint8Array)) {
    throw new ScenarioError("to sign certificate_verify takes a key that the adversary has not");
  }
  return encodeMessage("certificate_verify", { algorithm, signature });
}

function transcriptHash({ suite, provider }: Forgery): Hash {
  if (suite === undefined) throw withoutSecrets();
  return hashOf(suite, provider);
}

const withoutSecrets = (): ScenarioError =>
  new ScenarioError("to forge a message takes the secrets of the connection");

/** RFC 9846 §4.1: a first ClientHello that was retried is represented by its hash. */
function transcriptBytes(transcript: readonly Uint8Array[], hash: Hash): Uint8Array {
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
