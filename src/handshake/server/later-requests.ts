/** A server's requests for a certificate after the handshake (RFC 9846 §4.7.2). */
import type { Message } from "../../messages/index.ts";
import { TlsError } from "../../registry/index.ts";
import { type PeerIdentity, type Transcript, VerifiedFinished } from "../../schedule/index.ts";
import { toHex } from "../../wire/index.ts";
import {
  authenticatePeer,
  type PeerFlight,
  type PresentedPeer,
  readPeer,
} from "../authentication/peer-flight.ts";
import { type OpenCarrier, send } from "../carrier.ts";
import type { ServerConfig } from "../config.ts";
import { expect, type Handshake } from "../coroutine.ts";
import type { Established } from "../established.ts";
import { certificateRequest } from "./parameters.ts";

/** How an answer began. */
export interface LaterCertificate {
  readonly flight: PeerFlight<"client">;
  /** `undefined`: the client declined. */
  readonly presented: PresentedPeer | undefined;
}

/** A server's requests that wait for their answers. */
export class LaterRequests {
  readonly #config: ServerConfig;
  readonly #link: OpenCarrier;
  readonly #pending = new Map<string, Transcript>();

  constructor(config: ServerConfig, link: OpenCarrier) {
    this.#config = config;
    this.#link = link;
  }

  /**
   * Gives what sends a CertificateRequest.
   * @throws TlsError `misuse` if the client did not offer to answer, or too many wait
   */
  prepare({ transcript }: Established): () => void {
    const { limits } = this.#config;
    if (transcript === undefined) {
      throw new TlsError("misuse", "the client did not offer to authenticate after the handshake");
    }
    if (this.#pending.size >= limits.laterRequests) {
      throw new TlsError("misuse", "too many requests for a certificate wait", {
        expected: `at most ${limits.laterRequests}`,
      });
    }
    return () => this.#send(transcript);
  }

  #send(transcript: Transcript): void {
    // §4.4.2: unpredictable, so that an answer cannot be made in advance
    const certificateRequestContext = this.#config.provider.random(16);
    const extensions = certificateRequest(this.#config);
    const fork = transcript.fork();
    fork.add(send(this.#link, "certificate_request", { certificateRequestContext, extensions }));
    this.#pending.set(toHex(certificateRequestContext), fork);
  }

  /** Reads the Certificate that an answer begins with. */
  begin(
    message: Message<"certificate">,
    { postHandshake, identity }: Established,
  ): LaterCertificate {
    const { certificateRequestContext: context } = message.body;
    const transcript = this.#pending.get(toHex(context));
    const config = { ...this.#config, ...identity };
    const { verifyClient } = config;
    if (transcript === undefined || verifyClient === undefined) {
      throw new TlsError("unexpected_message", "a certificate that nobody asked for", {
        where: "certificate.certificateRequestContext",
        section: "RFC 9846 §4.7.2",
      });
    }
    this.#pending.delete(toHex(context));
    const flight = {
      config,
      transcript,
      signer: "client" as const,
      verify: verifyClient,
      name: undefined,
      certificateType: postHandshake.clientCertificateType,
      context,
      asked: certificateRequest(this.#config),
    };
    return { flight, presented: readPeer(flight, message) };
  }

  /** Reads the rest of an answer: CertificateVerify, unless the client declined, and Finished. */
  *finish({ flight, presented }: LaterCertificate): Handshake<PeerIdentity | undefined> {
    const authenticated = presented && (yield* authenticatePeer(flight, presented));
    yield* this.#readFinished(flight.transcript);
    return authenticated?.authentication.identity;
  }

  *#readFinished(transcript: Transcript): Handshake<void> {
    const { body } = yield* expect("finished");
    VerifiedFinished.check(this.#link.readingSecret, transcript.current(), body.verifyData);
  }
}
