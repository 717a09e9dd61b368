/**
 * A handshake is a coroutine that reads like the figure in RFC 9846 §2.
 *
 * Theory of operation. A role is a generator. It runs until it needs something from outside, and yields what
 * it waits for: the types of message that it would take, or a promise. Whoever drives it, the connection,
 * resumes it with the bytes of one message, or with nothing once the promise has settled. Where the
 * generator stands is the state of the handshake, and there is no other. What was negotiated are its local
 * constants; a message that is not awaited is refused in one place, {@link expect}, before it is decoded.
 *
 * - A suspended generator keeps all its local values, used or not. What is read from a peer and needed no
 *   more is read in a generator of its own, which returns what is still needed.
 * - With parts that answer at once nothing is suspended but for messages: {@link settle} yields for promises only.
 * - Whoever drives it may end it at any wait by `return()`. Its `finally` then wipes its secrets
 *   (`with-secrets.ts`). There must be no `yield` in a `finally`.
 * - A forgotten `yield*` compiles: `test/architecture/generators.test.ts` finds it.
 */
import type { IncomingMessage, Limits } from "../record/index.ts";
import {
  decodeMessage,
  type Message,
  messageName,
  type MessageType,
  messageType,
} from "../messages/index.ts";
import { TlsError } from "../registry/index.ts";
import { isThenable } from "../schedule/index.ts";

/** What a suspended handshake waits for; its position's name. */
export type Wait = readonly MessageType[] | Promise<unknown>;

/** Resumed with a handshake message, or with nothing once a promise has settled. */
export type Handshake<T> = Generator<Wait, T, IncomingMessage | undefined>;

/** Awaits one of these messages. The type is checked before anything is decoded. */
export function* expect<const T extends MessageType>(
  ...types: readonly T[]
): Handshake<Message<T>> {
  const incoming = yield types;
  if (incoming === undefined) throw new TlsError("misuse", "resumed without a message");
  const { raw, limits } = incoming;
  const type = messageType(raw);
  if (!types.includes(type as T)) {
    throw new TlsError("unexpected_message", "a handshake message out of order", {
      expected: types.join(" or "),
      received: messageName(raw),
      where: messageName(raw),
      section: "RFC 9846 §4",
    });
  }
  return decodeMessage(type as T, raw, elementsOf(type as T, limits));
}

/** What an end says that it would take may be long; what it then does is not. */
const elementsOf = (type: MessageType, limits: Limits): number =>
  type === "client_hello" || type === "certificate_request"
    ? limits.offerElements
    : limits.messageElements;

/**
 * Awaits a value that may be a promise; without one nothing is suspended. Another library's promise is
 * one too: to take it for the value would be to take a verifier's question for its answer.
 */
export function* settle<T>(value: T | PromiseLike<T>): Handshake<T> {
  if (!isThenable(value)) return value;
  const outcome: { settled?: { value: T } | { error: unknown } } = {};
  yield Promise.resolve(value).then(
    (result) => (outcome.settled = { value: result }),
    (error: unknown) => (outcome.settled = { error }),
  );
  const { settled } = outcome;
  if (settled === undefined) throw new TlsError("misuse", "resumed before the operation ended");
  if ("error" in settled) throw settled.error;
  return settled.value;
}

/** As {@link settle}, for what can be canceled: the signal is aborted if the handshake ends before the operation. */
export function* settleOrCancel<T>(
  begin: (controller: AbortController) => T | PromiseLike<T>,
): Handshake<T> {
  // A signal is made when somebody looks at it: what answers at once pays nothing
  const controller = new AbortController();
  let isPending = true;
  try {
    const result = yield* settle(begin(controller));
    isPending = false;
    return result;
  } finally {
    if (isPending) controller.abort(new TlsError("canceled", "the handshake has ended"));
  }
}
