/** A client's answer to a request for a certificate after the handshake (RFC 9846 §4.7.2). */
import { checkPlaceOfOwn, checkRequestedSchemes } from "../../extensions/index.ts";
import type { Message } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import type { Transcript } from "../../schedule/index.ts";
import { answerRequest, chooseAnswer, type ClientAnswer } from "../authentication/own-flight.ts";
import { type OpenCarrier, send } from "../carrier.ts";
import type { ClientConfig } from "../config.ts";
import type { Handshake } from "../coroutine.ts";
import type { Established } from "../established.ts";

/** A request that a client is to answer: of its message nothing else is kept. */
export interface LaterRequest {
  readonly transcript: Transcript;
  readonly answer: ClientAnswer;
}

export function readLaterRequest(
  config: ClientConfig,
  established: Established,
  { body, raw }: Message<"certificate_request">,
): LaterRequest {
  if (established.transcript === undefined) {
    throw new TlsError("unexpected_message", "a request for a certificate after the handshake", {
      where: "certificate_request",
      section: "RFC 9846 §4.7.2",
    });
  }
  checkPlaceOfOwn(config.extensions, "certificate_request", body.extensions);
  checkRequestedSchemes(body.extensions);
  const transcript = established.transcript.fork();
  transcript.add(raw);
  const { clientCertificateType } = established.postHandshake;
  return { transcript, answer: chooseAnswer(config, body, clientCertificateType) };
}

/** A client's answer, in one piece: nothing else of ours may come between (§4.7.2). */
export function* answerLaterRequest(
  config: ClientConfig,
  link: OpenCarrier,
  { transcript, answer }: LaterRequest,
): Handshake<void> {
  const { messages } = yield* answerRequest(config, link, transcript, answer);
  for (const message of messages) link.sendRaw(message);
  const verifyData = link.writingSecret.verifyData(transcript.current());
  send(link, "finished", { verifyData });
}
