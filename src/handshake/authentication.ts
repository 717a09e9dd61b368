/** Certificate and CertificateVerify, for whichever end presents them (RFC 9846 §4.5). */
import { schemeByCode, type Scheme } from "../crypto/index.ts";
import type { Certificate, Credential } from "../identity/index.ts";
import {
  type CertificateEntry,
  encodeMessage,
  type Extensions,
  type Message,
} from "../messages/index.ts";
import { nameOf, SignatureScheme, TlsError } from "../registry/index.ts";
import {
  certificateVerifyContent,
  PeerAuthentication,
  type Role,
  type Transcript,
} from "../schedule/index.ts";
import { equal } from "../wire/index.ts";
import { decompressCertificate, encodeCertificate } from "./certificate-compression.ts";
import type { CommonConfig } from "./config.ts";
import { expect, type Handshake, settle } from "./coroutine.ts";
import type { PeerIdentity, VerifyPeer } from "./peer.ts";
import { isSolicited, unsolicited } from "./server-hello-checks.ts";

/** How a certificate flight of the peer is to be read. */
export interface PeerFlight {
  readonly config: CommonConfig;
  readonly transcript: Transcript;
  /** Who presents the certificate. */
  readonly signer: Role;
  readonly verify: VerifyPeer;
  /** The name that a client connected to. */
  readonly name: string | undefined;
  /** certificate_request_context: empty within a handshake. */
  readonly context: Uint8Array;
  /** Extensions that were asked for, and may stand in an entry. */
  readonly asked: Readonly<Record<string, unknown>>;
}

export interface AuthenticatedPeer {
  readonly authentication: PeerAuthentication<PeerIdentity>;
  readonly scheme: Scheme;
  readonly backend: string;
}

/** Verifies a non-empty Certificate that was received, and the CertificateVerify that must follow. */
export function* authenticatePeer(
  flight: PeerFlight,
  message: Message<"certificate">,
): Handshake<AuthenticatedPeer> {
  const { config, transcript, signer } = flight;
  const chain = readChain(flight, message);
  checkKeyUsage(chain[0]!);
  const leafExtensions = message.body.certificateList[0]?.extensions ?? {};
  transcript.add(message.raw);
  const identity = yield* settle(
    flight.verify({
      chain,
      usage: signer,
      name: flight.name,
      now: config.now(),
      provider: config.provider,
      resumed: false,
      ocspResponse: leafExtensions.status_request?.response,
      signedCertificateTimestamps: leafExtensions.signed_certificate_timestamp ?? [],
    }),
  );

  const verify = yield* expect("certificate_verify");
  const leaf = chain[0]!;
  const scheme = checkScheme(config, verify.body.algorithm, leaf);
  const algorithm = config.provider.signatures[scheme.algorithm];
  const authentication = PeerAuthentication.byCertificate({
    identity,
    signer,
    transcriptHash: transcript.current(),
    signature: verify.body.signature,
    verify: algorithm.verifier(leaf.publicKey),
  });
  transcript.add(verify.raw);
  return { authentication, scheme, backend: algorithm.backend };
}

/** How we present ourselves. */
export interface OwnFlight {
  readonly config: CommonConfig;
  readonly transcript: Transcript;
  readonly role: Role;
  readonly credential: Credential;
  readonly scheme: Scheme;
  /** What the peer's ClientHello or CertificateRequest asked for. */
  readonly asked: Extensions<"client_hello"> | Extensions<"certificate_request">;
  /** certificate_request_context; absent: empty. */
  readonly context?: Uint8Array;
}

/**
 * Certificate and CertificateVerify: who we are, and the proof that we have its key. They are in the
 * transcript, and the caller sends them.
 */
export function* authenticateOurselves(flight: OwnFlight): Handshake<Uint8Array[]> {
  const { config, transcript, role, credential, scheme, asked } = flight;
  const certificateList = credential.chain.map(({ der }, index): CertificateEntry => ({
    certData: der,
    extensions: index === 0 ? stapled(credential, asked) : {},
  }));
  const certificateRequestContext = flight.context ?? new Uint8Array(0);
  const body = { certificateRequestContext, certificateList };
  const certificate = encodeCertificate(config, body, asked.compress_certificate);
  transcript.add(certificate);
  const content = certificateVerifyContent(role, transcript.current());
  const signature = yield* settle(credential.signer.sign(scheme, content));
  const verify = encodeMessage("certificate_verify", { algorithm: scheme.code, signature });
  transcript.add(verify);
  return [certificate, verify];
}

/** §4.5.1.1: what vouches for the leaf, if the peer asked for it. */
function stapled(credential: Credential, asked: OwnFlight["asked"]): Extensions<"certificate"> {
  const extensions: Extensions<"certificate"> = {};
  const { ocspResponse, signedCertificateTimestamps } = credential;
  if (ocspResponse !== undefined && asked.status_request !== undefined) {
    extensions.status_request = { statusType: ocsp, response: ocspResponse };
  }
  if (
    signedCertificateTimestamps !== undefined &&
    asked.signed_certificate_timestamp !== undefined
  ) {
    extensions.signed_certificate_timestamp = [...signedCertificateTimestamps];
  }
  return extensions;
}

/** CertificateStatusType (RFC 6066 §8). */
const ocsp = 1;

/** Awaits a Certificate, compressed or not as we offered. */
export function* expectCertificate(config: CommonConfig): Handshake<Message<"certificate">> {
  if (config.certificateCompression.length === 0) return yield* expect("certificate");
  const message = yield* expect("certificate", "compressed_certificate");
  return message.type === "certificate" ? message : decompressCertificate(config, message);
}

/** Reads the chain of a Certificate message. The list is known not to be empty. */
function readChain(flight: PeerFlight, { body }: Message<"certificate">): Certificate[] {
  // §4.5.1: the context is the request's
  if (!equal(body.certificateRequestContext, flight.context)) {
    throw new TlsError("illegal_parameter", "the context is not the request's", {
      where: "certificate.certificate_request_context",
      section: "RFC 9846 §4.5.1",
    });
  }
  return body.certificateList.map((entry, index) => {
    for (const name of Object.keys(entry.extensions)) {
      // §4.5.1: entries carry only what was asked for
      if (!isSolicited(name, flight.asked))
        throw unsolicited(`certificate.certificate_list[${index}]`, name);
    }
    return flight.config.readCertificate(entry.certData, `certificate.certificate_list[${index}]`);
  });
}

/** §4.5.1.2: the key must be allowed to sign, whoever verifies the rest. */
function checkKeyUsage({ keyUsage }: Certificate): void {
  if (keyUsage === undefined || keyUsage.has("digitalSignature")) return;
  throw new TlsError("unsupported_certificate", "the key may not sign a handshake", {
    expected: "the key usage digitalSignature",
    received: [...keyUsage].join(", "),
    where: "certificate.certificate_list[0]",
    section: "RFC 9846 §4.5.1.2",
  });
}

/** §4.5.2: a scheme that was offered, fit for a handshake, and for this key. */
function checkScheme(config: CommonConfig, code: number, leaf: Certificate): Scheme {
  const scheme = schemeByCode(code);
  const isOffered = config.schemes.some((entry) => entry.code === code);
  if (
    scheme === undefined ||
    !isOffered ||
    !scheme.inHandshake ||
    scheme.keyType !== leaf.publicKey.type
  ) {
    const fitting = config.schemes.filter(
      (entry) => entry.inHandshake && entry.keyType === leaf.publicKey.type,
    );
    throw new TlsError("illegal_parameter", "a signature scheme that does not fit", {
      expected:
        fitting.map((entry) => entry.name).join(" or ") ||
        `none for a key of type ${leaf.publicKey.type}`,
      received: nameOf(SignatureScheme, code),
      where: "certificate_verify.algorithm",
      section: "RFC 9846 §4.5.2",
    });
  }
  return scheme;
}
