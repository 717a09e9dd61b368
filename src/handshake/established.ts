import { aeadOf, hashOf, type Provider, type SchemeTable, type Suite } from "../crypto/index.ts";
import { type Group, isHybrid, isPostQuantum } from "../groups/index.ts";
import type { Certificate } from "../identity/index.ts";
import type {
  ExporterSecret,
  PeerIdentity,
  PskKind,
  ResumptionSecret,
  Role,
  Transcript,
} from "../schedule/index.ts";
import type { ServerIdentity } from "./config.ts";
import type { OwnProof } from "./authentication/own-flight.ts";
import type { ProvenPeer } from "./authentication/peer-flight.ts";
import type { Psk, SessionOrigin } from "./psk.ts";

/** What became of early data, and if nothing came of it, why. */
export type EarlyDataOutcome =
  | "none"
  | "accepted"
  | "disabled"
  | "not_resumed"
  | "not_first_psk"
  | "not_allowed_by_ticket"
  | "other_suite"
  | "other_protocol"
  | "ticket_age"
  | "replay"
  | "retried"
  | "refused_by_server";

/** All that was negotiated, for people, logs and policies. */
export interface Negotiated {
  /** The version of the protocol; there is no other here. */
  readonly version: "TLS 1.3";
  /** IANA's name of the cipher suite, or that of a suite of the caller's own. */
  readonly cipherSuite: string;
  /** Name of the group, or `undefined` for a PSK without key exchange. */
  readonly group: string | undefined;
  /** The key exchange is believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
  /** The key exchange combines several components. */
  readonly hybrid: boolean;
  /** A HelloRetryRequest came between. */
  readonly retried: boolean;
  /** An earlier connection goes on: its session's PSK was used. */
  readonly resumed: boolean;
  /** What kind of PSK was used, if one was. */
  readonly psk: PskKind | undefined;
  /** Identity of the external key that was used, as the client sent it: one imported has its own (RFC 9258 §5.1). */
  readonly pskIdentity?: Uint8Array | undefined;
  /** What became of 0-RTT data. */
  readonly earlyData: EarlyDataOutcome;
  /** The application protocol (RFC 7301); `undefined` if none was agreed on. */
  readonly alpn: string | undefined;
  /** The host name that the client asked for. */
  readonly serverName: string | undefined;
  /** Whom the peer proved to be; after resumption, what the first handshake proved. */
  readonly peer: PeerIdentity | undefined;
  /** The role that `authorize` gave to the peer, if it gave one. */
  readonly peerRole?: string | undefined;
  /** `kem`: the server authenticated by KEM (AuthKEM, experimental). Absent: by signature, or by a PSK. */
  readonly authentication?: "kem";
  /** The client knew the server's key before, which was not shown (AuthKEM). Absent: it was, or a PSK stood for it. */
  readonly storedKey?: true;
  /** The scheme of the peer's CertificateVerify, or of its KEM. */
  readonly peerSignatureScheme: string | undefined;
  /**
   * The peer proved itself by a scheme that is believed to withstand a quantum computer; after resumption, in the first
   * handshake. A PSK alone proves nothing of the kind.
   */
  readonly postQuantumAuthentication: boolean;
  /** The scheme of our own. */
  readonly signatureScheme: string | undefined;
  /** Our own certificates, leaf first, as this handshake showed them; `undefined` where it showed none. */
  readonly ownChain?: readonly Certificate[] | undefined;
  /** Groups that the peer said it supports, in its order. */
  readonly peerGroups: readonly number[];
  /** Signature schemes that the client said it verifies, in its order; empty on a client. */
  readonly peerSchemes: readonly number[];
  /** What the peer said in extensions of the caller's own, by their names. */
  readonly extensions: Readonly<Record<string, Uint8Array>>;
  /** The connection that the PSK came from. */
  readonly origin: SessionOrigin | undefined;
  /** Which back end did what. */
  readonly backends: Backends;
}

/** Which library did each part of the cryptography: what the slots of the provider call themselves. */
export interface Backends {
  /** For each component of the group, in its order; empty for a PSK alone. */
  readonly keyExchange: readonly string[];
  /** What protects records. */
  readonly aead: string;
  /** What computes the transcript and the key schedule. */
  readonly hash: string;
  /**
   * What signed for us, or decapsulated (AuthKEM); `undefined` where we did not authenticate, or the signer does not
   * say.
   */
  readonly signature: string | undefined;
  /**
   * What verified the peer's signature, or encapsulated to its key (AuthKEM); `undefined` where it did not
   * authenticate.
   */
  readonly verification: string | undefined;
}

/** The verify_data of both ends' Finished (RFC 9846 §4.5.3), as long as the hash of the suite. */
export type VerifyData = Readonly<Record<Role, Uint8Array>>;

/** What outlives a handshake. */
export interface Established {
  readonly negotiated: Negotiated;
  readonly suite: Suite;
  readonly verifyData: VerifyData;
  readonly exporter: ExporterSecret;
  readonly resumption: ResumptionSecret;
  /**
   * Ends with the client's Finished: the context of authentication after the handshake (§4.7.2). Absent
   * where the client did not offer it.
   */
  readonly transcript: Transcript | undefined;
  /** Signature schemes and the like that the peer announced, for what comes later. */
  readonly postHandshake: PostHandshakeTerms;
  /** Who the server is for the name that was asked for, where that is another than for the rest. */
  readonly identity?: ServerIdentity | undefined;
}

export interface PostHandshakeTerms {
  /** The client takes tickets that we can issue (psk_key_exchange_modes). */
  readonly wantsTickets: boolean;
  /** CertificateType of the client's certificate. */
  readonly clientCertificateType: number;
}

/** What the second half of a handshake gives, to an end whose peer is an `R`: who the ends are, and the last secrets. */
export interface Authenticated<R extends Role> {
  readonly peer: ProvenPeer<R>;
  /** Our own proof, if we gave one. */
  readonly ours: OwnProof | undefined;
  /** The server authenticated by KEM. */
  readonly byKem?: true;
  /** By a key that the client knew before. */
  readonly storedKey?: true;
  readonly verifyData: VerifyData;
  readonly exporter: ExporterSecret;
  readonly resumption: ResumptionSecret;
}

/** What a role knows at its end, whichever role it is. */
interface Outcome extends Pick<Authenticated<Role>, "peer" | "ours" | "byKem" | "storedKey"> {
  readonly suite: Suite;
  readonly group: Group | undefined;
  readonly retried: boolean;
  readonly psk: Psk | undefined;
  readonly pskIdentity: Uint8Array | undefined;
  readonly earlyData: EarlyDataOutcome;
  readonly alpn: string | undefined;
  readonly serverName: string | undefined;
  readonly groups: readonly number[];
  /** What a client verifies. */
  readonly schemes?: readonly number[];
  readonly own: Readonly<Record<string, Uint8Array>>;
}

/** What the end's configuration says of names. */
interface Known {
  readonly provider: Provider;
  readonly knownSchemes: SchemeTable;
}

export function negotiatedFacts({ provider, knownSchemes }: Known, outcome: Outcome): Negotiated {
  const { suite, group, retried, psk, earlyData, alpn, serverName, peer, ours } = outcome;
  const kems = group?.kems ?? [];
  const resumed = psk?.kind === "resumption";
  const peerSignatureScheme = peer.scheme?.name ?? psk?.origin?.peerSignatureScheme;
  const peerScheme =
    peer.scheme ??
    (peerSignatureScheme === undefined ? undefined : knownSchemes.anyByName(peerSignatureScheme));
  return {
    version: "TLS 1.3",
    cipherSuite: suite.name,
    group: group?.name,
    postQuantum: group !== undefined && isPostQuantum(group),
    hybrid: group !== undefined && isHybrid(group),
    retried,
    resumed,
    psk: psk?.kind,
    pskIdentity: resumed ? undefined : outcome.pskIdentity,
    earlyData,
    alpn,
    serverName,
    peer: peer.authentication.identity,
    ...(outcome.byKem && { authentication: "kem" as const }),
    ...(outcome.storedKey && { storedKey: true as const }),
    peerSignatureScheme,
    postQuantumAuthentication: peerScheme?.postQuantum ?? false,
    signatureScheme: ours?.scheme?.name,
    ownChain: ours?.chain,
    peerGroups: outcome.groups,
    peerSchemes: outcome.schemes ?? [],
    extensions: outcome.own,
    origin: psk?.origin,
    backends: {
      keyExchange: kems.map((kem) => (typeof kem === "string" ? provider.kems[kem] : kem).backend),
      aead: aeadOf(suite, provider).backend,
      hash: hashOf(suite, provider).backend,
      signature: ours?.backend,
      verification: peer.backend,
    },
  };
}
