/** Certificate and CertificateVerify, as the peer presents them (RFC 9846 §4.5). */
import {
  algorithmOf,
  type AuthenticationScheme,
  isFitFor,
  isKemKeyType,
  isOid,
  type KemScheme,
  type PublicKeyInfo,
  type Scheme,
} from "../../crypto/index.ts";
import {
  type Certificate,
  checkMayAuthenticate,
  decodePublicKey,
  verifyDelegation,
} from "../../identity/index.ts";
import type { CertificateEntry, Message } from "../../messages/index.ts";
import {
  checkPlaceOfOwn,
  continuityKey,
  isSolicited,
  readPromise,
  signed_certificate_timestamp as signedCertificateTimestamp,
  unsolicited,
} from "../../extensions/index.ts";
import {
  ExtensionType,
  CertificateType,
  nameOf,
  SignatureScheme,
  TlsError,
} from "../../registry/index.ts";
import {
  AcceptedPeer,
  PeerAuthentication,
  type Role,
  type Transcript,
  type VerifyPeer,
} from "../../schedule/index.ts";
import { decode, encode, equal } from "../../wire/index.ts";
import { decompressCertificate } from "./certificate-compression.ts";
import type { CommonConfig } from "../config.ts";
import { isPostQuantumChain, promiseBroken } from "../continuity.ts";
import { expect, type Handshake, settle } from "../coroutine.ts";

/** How a certificate flight of the peer is to be read. */
export interface PeerFlight<R extends Role = Role> {
  readonly config: CommonConfig;
  readonly transcript: Transcript;
  /** Who presents the certificate. */
  readonly signer: R;
  readonly verify: VerifyPeer;
  /** The name that a client connected to. */
  readonly name: string | undefined;
  /** CertificateType (RFC 7250). */
  readonly certificateType: number;
  /** certificate_request_context: empty within a handshake. */
  readonly context: Uint8Array;
  /** Extensions that were asked for, and may stand in an entry. */
  readonly asked: Readonly<Record<string, unknown>>;
  /** A server's promise of post-quantum certificates is asked for, and may hold already. */
  readonly continuity?: { readonly type: number; readonly isHeld: boolean } | undefined;
}

/** Who the peer is: by certificate with the scheme that proved it, by PSK, or nobody by name. */
export interface ProvenPeer<R extends Role> {
  readonly authentication: PeerAuthentication<R>;
  readonly scheme?: AuthenticationScheme;
  /** What verified the proof. */
  readonly backend?: string;
}

/** Awaits a Certificate, compressed or not as we offered. */
export function* expectCertificate(config: CommonConfig): Handshake<Message<"certificate">> {
  if (config.certificateCompression.length === 0) return yield* expect("certificate");
  const message = yield* expect("certificate", "compressed_certificate");
  return message.type === "certificate" ? message : decompressCertificate(config, message);
}

/** What is kept of a Certificate that was received: what its bytes and entries held besides can be let go. */
export interface PresentedPeer {
  readonly chain: readonly Certificate[];
  readonly rawPublicKey: PublicKeyInfo | undefined;
  readonly ocspResponse: Uint8Array | undefined;
  /** Reads them again each time: many short ones take far more memory than their bytes. */
  readonly timestamps: () => readonly Uint8Array[];
  readonly delegation: Delegation | undefined;
  /** Seconds for which the server promises post-quantum certificates. */
  readonly promise: number | undefined;
}
type Delegation = NonNullable<CertificateEntry["extensions"]["delegated_credential"]>;

/** Takes a Certificate into the transcript, and reads it. `undefined`: the peer has none to present. */
export function readPeer(
  flight: PeerFlight,
  { body, raw }: Message<"certificate">,
): PresentedPeer | undefined {
  // §4.5.1: the context is the request's
  if (!equal(body.certificateRequestContext, flight.context)) {
    throw new TlsError("illegal_parameter", "the context is not the request's", {
      where: "certificate.certificateRequestContext",
      section: "RFC 9846 §4.5.1",
    });
  }
  flight.transcript.add(raw);
  const { certificateList } = body;
  const [first] = certificateList;
  if (first === undefined) return undefined;
  const { status_request, signed_certificate_timestamp, delegated_credential } = first.extensions;
  const presented = readEntries(flight, certificateList);
  return {
    ...presented,
    promise: readContinuity(flight, certificateList, presented),
    ocspResponse: status_request?.response,
    timestamps: keptAsBytes(signed_certificate_timestamp),
    delegation: delegated_credential,
  };
}

/** draft-sheffer-tls-pqc-continuity-02 §3.2: what is promised, or was before, holds for every certificate. */
function readContinuity(
  { config, continuity }: PeerFlight,
  certificateList: readonly CertificateEntry[],
  { chain, rawPublicKey }: Pick<PresentedPeer, "chain" | "rawPublicKey">,
): number | undefined {
  if (continuity === undefined) return undefined;
  const promise = readPromise(certificateList, continuity.type);
  if (promise === undefined && !continuity.isHeld) return undefined;
  const { knownSchemes } = config;
  if (rawPublicKey !== undefined) {
    const { type } = rawPublicKey;
    if (knownSchemes.provingBy(type).some(({ postQuantum }) => postQuantum)) return promise;
    throw promiseBroken(`a key of type ${type}`);
  }
  // One that could not be read has no key either
  if (chain.length === certificateList.length && isPostQuantumChain(chain, knownSchemes))
    return promise;
  throw promiseBroken(
    chain
      .map(
        ({ publicKey, signatureAlgorithm }) => `${publicKey.type} signed by ${signatureAlgorithm}`,
      )
      .join(", "),
  );
}

const timestampList = signedCertificateTimestamp.bodies.certificate;

function keptAsBytes(list: readonly Uint8Array[] | undefined): () => readonly Uint8Array[] {
  if (list === undefined) return () => [];
  const bytes = encode(timestampList, [...list]);
  return () => decode(timestampList, bytes);
}

/** Asks the verifier about who was presented. */
export function acceptPeer<R extends Role>(
  flight: PeerFlight<R>,
  { chain, rawPublicKey, ocspResponse, timestamps }: PresentedPeer,
): Handshake<AcceptedPeer<R>> {
  const { config, signer } = flight;
  if (ocspResponse === undefined) checkNeedsNone(flight, chain[0]);
  return settle(
    AcceptedPeer.ask(flight.verify, {
      chain,
      rawPublicKey,
      usage: signer,
      name: flight.name,
      now: config.now(),
      provider: config.provider,
      resumed: false,
      ocspResponse,
      get signedCertificateTimestamps() {
        return timestamps();
      },
    }),
  );
}

/** How a key that was presented proves itself, if it is one that encapsulates and such are taken. */
export const kemSchemeOf = (
  { config }: PeerFlight,
  { chain: [leaf], rawPublicKey }: PresentedPeer,
): KemScheme | undefined => {
  const type = leaf?.publicKey.type ?? rawPublicKey?.type;
  return config.kemSchemes.find(({ keyType }) => keyType === type);
};

/** Verifies who was presented, and the CertificateVerify that must follow. */
export function* authenticatePeer<R extends Role>(
  flight: PeerFlight<R>,
  presented: PresentedPeer,
): Handshake<ProvenPeer<R>> {
  const { config, transcript, signer } = flight;
  const { chain, delegation } = presented;
  const peer = yield* acceptPeer(flight, presented);

  // RFC 9345 §4.1.3: another key may sign, if the certificate's own says so
  const [leaf] = chain;
  const delegated =
    leaf === undefined || delegation === undefined
      ? undefined
      : verifyDelegation(delegation, {
          certificate: leaf,
          usage: signer,
          schemes: config.schemes,
          delegatedSchemes: config.delegatedSchemes,
          now: config.now(),
          provider: config.provider,
        });
  const verify = yield* expect("certificate_verify");
  const signingKey = delegated?.key ?? peer.key;
  const offered = delegated === undefined ? config.schemes : [delegated.scheme];
  const scheme = checkScheme({ config, offered }, verify.body.algorithm, signingKey, signer);
  const algorithm = algorithmOf(scheme, config.provider);
  const authentication = PeerAuthentication.byCertificate(peer, {
    transcriptHash: transcript.current(),
    algorithm,
    signature: verify.body.signature,
    delegated,
  });
  transcript.add(verify.raw);
  return { authentication, scheme, backend: algorithm.backend };
}

/** RFC 7633 §4.3.3: who asks for what the certificate promises gets it, or somebody has taken it away. */
function checkNeedsNone({ asked }: PeerFlight, leaf: Certificate | undefined): void {
  if (!isSolicited("status_request", asked)) return;
  if (leaf?.tlsFeatures?.includes(ExtensionType.status_request) !== true) return;
  throw new TlsError("bad_certificate_status", "no OCSP response, which the certificate promises", {
    expected: "a response in status_request",
    where: "certificate.certificateList[0]",
    section: "RFC 7633 §4.3.3",
  });
}

/** A list that is not empty. */
function readEntries(
  flight: PeerFlight,
  certificateList: readonly CertificateEntry[],
): Pick<PresentedPeer, "chain" | "rawPublicKey"> {
  const most = flight.config.limits.certificates;
  if (certificateList.length > most) {
    throw new TlsError("bad_certificate", "too many certificates", {
      expected: `at most ${most}`,
      received: `${certificateList.length}`,
      where: "certificate.certificateList",
      section: "RFC 9846 §4.5.1",
    });
  }
  certificateList.forEach((entry, index) => {
    checkPlaceOfOwn(flight.config.extensions, whereOf(index), entry.extensions);
    // §4.5.1: entries carry only what was asked for
    const promise = flight.continuity && continuityKey(flight.continuity.type);
    const stray = Object.keys(entry.extensions).find(
      (name) => name !== promise && !isSolicited(name, flight.asked),
    );
    if (stray === "delegated_credential") throw undelegated(whereOf(index));
    if (stray !== undefined) throw unsolicited(whereOf(index), stray);
  });
  if (flight.certificateType === CertificateType.RawPublicKey)
    return readRawKey(flight, certificateList);
  const { readCertificate } = flight.config;
  const leaf = readCertificate(certificateList[0]!.certData, whereOf(0));
  checkKeyType(flight, leaf.publicKey);
  // §4.5.1.2: whoever verifies the rest
  checkMayAuthenticate(leaf, whereOf(0), flight.config.provider);
  const others = certificateList.slice(1).flatMap(({ certData }, at) => {
    try {
      return [readCertificate(certData, whereOf(at + 1))];
    } catch (error) {
      // §4.5.1: a list may hold what its leaf does not need, and one that cannot be read helps nobody.
      if (error instanceof TlsError && error.code === "bad_certificate") return [];
      throw error;
    }
  });
  const chain = [leaf, ...others];
  return { chain, rawPublicKey: undefined };
}

const whereOf = (index: number): string => `certificate.certificateList[${index}]`;

/** RFC 9345 §4.1.1, §4.1.2: an alert of its own. */
const undelegated = (where: string): TlsError =>
  new TlsError("unexpected_message", "a delegated credential that nobody asked for", {
    where: `${where}.extensions.delegated_credential`,
    section: "RFC 9345 §4.1",
  });

/** RFC 7250 §3: exactly one SubjectPublicKeyInfo. */
function readRawKey(
  flight: PeerFlight,
  certificateList: readonly CertificateEntry[],
): Pick<PresentedPeer, "chain" | "rawPublicKey"> {
  if (certificateList.length !== 1) {
    throw new TlsError("bad_certificate", "several raw public keys", {
      expected: "1 entry",
      received: `${certificateList.length}`,
      where: "certificate.certificateList",
      section: "RFC 7250 §3",
    });
  }
  const key = decodePublicKey(certificateList[0]!.certData, whereOf(0));
  checkKeyType(flight, key);
  return { chain: [], rawPublicKey: key };
}

/** A key of somebody's own type, or one that does not sign, is of use only to who brings a scheme for it. */
function checkKeyType({ config }: PeerFlight, { type }: PublicKeyInfo): void {
  if (
    !(isOid(type) || isKemKeyType(type)) ||
    [...config.schemes, ...config.delegatedSchemes, ...config.kemSchemes].some(
      (scheme) => scheme.keyType === type,
    )
  )
    return;
  throw new TlsError("unsupported_certificate", `keys of type ${type} are not supported`, {
    where: whereOf(0),
    section: "RFC 9846 §4.5.1.2",
  });
}

/** §4.5.2: a scheme that was offered, fit for that end's signature, and for this key. */
function checkScheme(
  { config, offered }: { readonly config: CommonConfig; readonly offered: readonly Scheme[] },
  code: number,
  key: PublicKeyInfo,
  signer: Role,
): Scheme {
  const isFit = ({ name, algorithm, inHandshake, keyType, clientOnly }: Scheme): boolean =>
    inHandshake &&
    keyType === key.type &&
    isFitFor(algorithmOf({ name, algorithm }, config.provider), key) &&
    (signer === "client" || clientOnly !== true);
  const scheme = offered.find((entry) => entry.code === code);
  if (scheme === undefined || !isFit(scheme)) {
    throw new TlsError("illegal_parameter", "a signature scheme that does not fit", {
      expected:
        offered
          .filter(isFit)
          .map(({ name }) => name)
          .join(" or ") || `none for a key of type ${key.type}`,
      received: scheme?.name ?? nameOf(SignatureScheme, code),
      where: "certificate_verify.algorithm",
      section: "RFC 9846 §4.5.2",
    });
  }
  return scheme;
}
