/**
 * A handshake is a coroutine that reads like the figure in RFC 9846 §2. It yields to await a message,
 * naming the types that it would accept, or an operation that is not synchronous.
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
