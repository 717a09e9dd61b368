/** KEMEncapsulation, sent and received (draft-celi-wiggers-tls-authkem-07 §4.2). */
import { InvalidKemInput } from "../../crypto/index.ts";
import { TlsError } from "../../registry/index.ts";
import {
  decapsulated,
  type Encapsulated,
  type KemSecret,
  type Role,
  type Schedule,
  type Transcript,
} from "../../schedule/index.ts";
import { equal } from "../../wire/index.ts";
import type { KemChoice } from "../authentication/credential-choice.ts";
import { type Carrier, send } from "../carrier.ts";
import { expect, type Handshake, settleOrCancel } from "../coroutine.ts";
import { noContext } from "./terms.ts";

/** Sends what we encapsulated to the peer's key. */
export function sendEncapsulation(
  link: Carrier,
  transcript: Transcript,
  { ciphertext: encapsulation }: Encapsulated<Role>,
): void {
  const certificateRequestContext = noContext;
  transcript.add(send(link, "kem_encapsulation", { certificateRequestContext, encapsulation }));
}

/** Awaits what the peer encapsulated to our key, and decapsulates it. It says nothing about the peer. */
export function* expectEncapsulation(
  role: Role,
  choice: KemChoice,
  transcript: Transcript,
  schedule: Schedule,
): Handshake<KemSecret> {
  const { body, raw } = yield* expect("kem_encapsulation");
  // §4.2: the context of the Certificate that it was encapsulated to
  if (!equal(body.certificateRequestContext, noContext)) {
    const message = "the context is not the certificate's";
    throw illegal(message, "kem_encapsulation.certificateRequestContext", section);
  }
  transcript.add(raw);
  const where = "kem_encapsulation.encapsulation";
  return yield* openEncapsulation(
    role,
    choice,
    { ciphertext: body.encapsulation, where, section },
    schedule,
  );
}

/** What the peer encapsulated to our key, and where it said so. */
interface ReceivedCiphertext {
  readonly ciphertext: Uint8Array;
  readonly where: string;
  readonly section: string;
}

/** A ciphertext that cannot be one is the peer's fault: another length, or a point that RFC 7748 §6.1 refuses. */
export function* openEncapsulation(
  role: Role,
  { credential, decapsulator, scheme }: KemChoice,
  { ciphertext, where, section: rule }: ReceivedCiphertext,
  schedule: Schedule,
): Handshake<KemSecret> {
  const sharedSecret = yield* settleOrCancel((options) => {
    try {
      return decapsulator.decapsulate(scheme, ciphertext, options);
    } catch (cause) {
      if (!(cause instanceof InvalidKemInput)) throw cause;
      throw illegal(`the encapsulation is none: ${cause.message}`, where, rule, cause);
    }
  });
  const publicKey = (credential.chain[0]?.publicKey ?? credential.rawPublicKey)?.key;
  if (publicKey === undefined) throw new TlsError("misuse", "a credential without a key");
  return decapsulated(role, scheme, { publicKey, ciphertext, sharedSecret }, schedule);
}

const section = "draft-celi-wiggers-tls-authkem-07 §4.2";

const illegal = (message: string, where: string, rule: string, cause?: unknown): TlsError =>
  new TlsError("illegal_parameter", message, { where, section: rule, cause });
