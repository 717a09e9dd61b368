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
  { credential, decapsulator, scheme }: KemChoice,
  transcript: Transcript,
  schedule: Schedule,
): Handshake<KemSecret> {
  const { body, raw } = yield* expect("kem_encapsulation");
  // §4.2: the context of the Certificate that it was encapsulated to
  if (!equal(body.certificateRequestContext, noContext)) {
    throw illegal("the context is not the certificate's", "certificateRequestContext");
  }
  transcript.add(raw);
  const { encapsulation: ciphertext } = body;
  const sharedSecret = yield* settleOrCancel((options) =>
    blamed(() => decapsulator.decapsulate(scheme, ciphertext, options)),
  );
  const publicKey = (credential.chain[0]?.publicKey ?? credential.rawPublicKey)?.key;
  if (publicKey === undefined) throw new TlsError("misuse", "a credential without a key");
  return decapsulated(role, scheme, { publicKey, ciphertext, sharedSecret }, schedule);
}

/** A ciphertext that cannot be one is the peer's fault: another length, or a point that RFC 7748 §6.1 refuses. */
function blamed<T>(decapsulate: () => T): T {
  try {
    return decapsulate();
  } catch (cause) {
    if (!(cause instanceof InvalidKemInput)) throw cause;
    throw illegal(`the encapsulation is none: ${cause.message}`, "encapsulation", cause);
  }
}

const illegal = (message: string, field: string, cause?: unknown): TlsError =>
  new TlsError("illegal_parameter", message, {
    where: `kem_encapsulation.${field}`,
    section: "draft-celi-wiggers-tls-authkem-07 §4.2",
    cause,
  });
