/** Certificate and CertificateVerify, as we present them (RFC 9846 §4.5). */
import { type AuthenticationScheme, checkSignature } from "../../crypto/index.ts";
import type { Certificate, Credential, Delegation } from "../../identity/index.ts";
import {
  continuityKey,
  isContinuityOffered,
  promiseOf,
  sayings,
  signed_certificate_timestamp,
  status_request,
  typeOf,
} from "../../extensions/index.ts";
import {
  type CertificateEntry,
  type CertificateRequest,
  type Extensions,
} from "../../messages/index.ts";
import { certificateVerifyContent, type Role, type Transcript } from "../../schedule/index.ts";
import { encodeCertificate } from "./certificate-compression.ts";
import { isPostQuantumChain, type ServerContinuity } from "../continuity.ts";
import type { ClientConfig, CommonConfig, ServerConfig } from "../config.ts";
import {
  findDecapsulating,
  findSigning,
  type KemChoice,
  type SigningChoice,
} from "./credential-choice.ts";
import { type Carrier, encode } from "../carrier.ts";
import { type Handshake, settleOrCancel } from "../coroutine.ts";

/** Of a hello or a request what a certificate flight needs: all else can be let go while we sign. */
export interface Asked {
  readonly compression: readonly number[];
  readonly wantsStatus: boolean;
  readonly wantsTimestamps: boolean;
  /** What a server promises beside its leaf (draft-sheffer-tls-pqc-continuity-02), if the client takes promises. */
  readonly continuity?: ServerContinuity | undefined;
}

export const askedIn = (
  extensions: Extensions<"client_hello"> | Extensions<"certificate_request">,
): Asked => ({
  compression: extensions.compress_certificate ?? [],
  wantsStatus: extensions.status_request !== undefined,
  wantsTimestamps: extensions.signed_certificate_timestamp !== undefined,
});

/** What a Certificate of ours says, and to whom. */
interface Presentation {
  readonly config: CommonConfig;
  readonly link: Carrier;
  readonly transcript: Transcript;
  readonly asked: Asked;
  readonly credential: Credential;
  readonly delegation?: Delegation;
  /** certificate_request_context; absent: empty. */
  readonly context?: Uint8Array;
}

/** As {@link askedIn}, of a client: it may take promises. */
export function askedOfServer(
  extensions: Extensions<"client_hello">,
  { continuity }: ServerConfig,
): Asked {
  const asked = askedIn(extensions);
  if (continuity === undefined || !isContinuityOffered(extensions, continuity.type)) return asked;
  return { ...asked, continuity };
}

/** How we present ourselves. */
export interface OwnFlight extends SigningChoice, Omit<Presentation, "credential" | "delegation"> {
  readonly role: Role;
}

export interface OwnProof {
  /** Certificate and CertificateVerify, or an empty Certificate alone, to be sent. */
  readonly messages: readonly Uint8Array[];
  /** The scheme that signed, if we had anything to sign with; a delegated key has one of its own. */
  readonly scheme?: AuthenticationScheme;
  readonly backend?: string;
  /** What was shown, leaf first; absent where there was nothing to show, or a raw public key. */
  readonly chain?: readonly Certificate[];
}

/**
 * Certificate and CertificateVerify: who we are, and the proof that we have its key. They are in the
 * transcript, and the caller sends them.
 */
export function* authenticateOurselves(flight: OwnFlight): Handshake<OwnProof> {
  const { link, transcript, role, signer, scheme } = flight;
  const certificate = presentOurselves(flight);
  const content = certificateVerifyContent(role, transcript.current());
  const signed = yield* settleOrCancel((options) => signer.sign(scheme, content, options));
  const signature = checkSignature(scheme.name, signed);
  const verify = encode(link, "certificate_verify", { algorithm: scheme.code, signature });
  transcript.add(verify);
  return {
    messages: [certificate, verify],
    scheme,
    backend: signer.backend,
    chain: flight.credential.chain,
  };
}

/** Certificate: who we are. It is in the transcript, and the caller sends it. */
export function presentOurselves(presentation: Presentation): Uint8Array {
  const certificate = encodeOurselves(presentation);
  presentation.transcript.add(certificate);
  return certificate;
}

/** As {@link presentOurselves}, and in no transcript yet. */
export function encodeOurselves(presentation: Omit<Presentation, "transcript">): Uint8Array {
  const { config, link, credential, delegation, asked, context } = presentation;
  const leafExtensions = stapled(credential, asked);
  if (delegation !== undefined) leafExtensions.delegated_credential = delegation;
  const { continuity } = asked;
  if (continuity !== undefined) {
    const canKeep = isPostQuantumChain(credential.chain, config.knownSchemes);
    leafExtensions[continuityKey(continuity.type)] = promiseOf(continuity.period, canKeep);
  }
  const certificateRequestContext = context ?? new Uint8Array(0);
  const body = { certificateRequestContext, certificateList: entries(credential, leafExtensions) };
  return encodeCertificate(config, link, body, asked.compression);
}

/** A request for a client's certificate, and what it has to show. */
export interface ClientAnswer {
  readonly asked: Asked;
  /** certificate_request_context. */
  readonly context: Uint8Array;
  /** `undefined`: no certificate that the server would take. */
  readonly choice: SigningChoice | undefined;
  /** As `choice`, for a server that authenticates by KEM: it takes no signature. */
  readonly kemChoice: KemChoice | undefined;
}

/** A client's choice for a CertificateRequest, of which nothing else need be kept. */
export function chooseAnswer(
  config: ClientConfig,
  { certificateRequestContext: context, extensions }: CertificateRequest,
  certificateType: number,
): ClientAnswer {
  const usable = config.credentials.filter((entry) => typeOf(entry) === certificateType);
  const wishes = [usable, extensions, config.now(), config.knownSchemes] as const;
  return {
    asked: askedIn(extensions),
    context,
    choice: findSigning(...wishes),
    kemChoice: findDecapsulating(...wishes),
  };
}

/**
 * A client's answer to a CertificateRequest, in the transcript and for the caller to send. An empty list
 * says that there is no certificate that the server would take (§4.5.1).
 */
export function* answerRequest(
  config: ClientConfig,
  link: Carrier,
  transcript: Transcript,
  { asked, context, choice }: ClientAnswer,
): Handshake<OwnProof> {
  if (choice === undefined) return { messages: [presentNobody(link, transcript, context)] };
  const flight = { config, link, transcript, role: "client" as const, ...choice, asked, context };
  return yield* authenticateOurselves(flight);
}

/** An empty Certificate (§4.5.1). */
export function presentNobody(
  link: Carrier,
  transcript: Transcript,
  context: Uint8Array,
): Uint8Array {
  const empty = { certificateRequestContext: context, certificateList: [] };
  const message = encode(link, "certificate", empty);
  transcript.add(message);
  return message;
}

/** The chain, or the raw key alone (RFC 7250 §3). */
function entries(credential: Credential, leaf: Extensions<"certificate">): CertificateEntry[] {
  if (credential.rawPublicKey !== undefined) {
    return [{ certData: credential.rawPublicKey.spki, extensions: {} }];
  }
  return credential.chain.map(({ der }, index) => ({
    certData: der,
    extensions: index === 0 ? leaf : {},
  }));
}

/** §4.5.1.1: what vouches for the leaf, if the peer asked for it. */
function stapled(credential: Credential, asked: Asked): Extensions<"certificate"> {
  const wanted = [
    ...(asked.wantsStatus ? [status_request] : []),
    ...(asked.wantsTimestamps ? [signed_certificate_timestamp] : []),
  ];
  return sayings(wanted, (each) => each.present(credential));
}
