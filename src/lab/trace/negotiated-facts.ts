import type { Backends, Negotiated, PeerIdentity } from "../../handshake/index.ts";
import type { Certificate } from "../../identity/index.ts";
import { NamedGroup } from "../../registry/index.ts";
import { labelOf } from "./names.ts";

/** {@link Negotiated} as plain data: it survives JSON, and holds no keys and no certificates. */
export interface NegotiatedFacts {
  /** `TLS 1.3`. */
  readonly version: string;
  /** As {@link Negotiated.cipherSuite}. */
  readonly cipherSuite: string;
  /** As {@link Negotiated.group}; `null` for a PSK alone. */
  readonly group: string | null;
  /** As {@link Negotiated.postQuantum}. */
  readonly postQuantum: boolean;
  /** As {@link Negotiated.hybrid}. */
  readonly hybrid: boolean;
  /** As {@link Negotiated.retried}. */
  readonly retried: boolean;
  /** As {@link Negotiated.resumed}. */
  readonly resumed: boolean;
  /** As {@link Negotiated.earlyData}. */
  readonly earlyData: string;
  /** As {@link Negotiated.alpn}; `null` for none. */
  readonly alpn: string | null;
  /** As {@link Negotiated.serverName}; `null` for none. */
  readonly serverName: string | null;
  /** `kem`: the server authenticated by KEM (AuthKEM). Absent: by signature, or by a PSK. */
  readonly authentication?: "kem";
  /** The client knew the server's key before, which was not shown (AuthKEM). */
  readonly storedKey?: true;
  /** Of the peer's CertificateVerify, or its KEM. */
  readonly peerSignatureScheme: string | null;
  /** Of our own. */
  readonly signatureScheme: string | null;
  /** The peer proved itself by an algorithm that is believed to withstand a quantum computer. */
  readonly postQuantumAuthentication: boolean;
  /** Groups that the peer said it supports, by name, in its order. */
  readonly peerGroups: readonly string[];
  /** Whom the peer proved to be; `null` if it did not authenticate. */
  readonly peer: PeerFacts | null;
  /** As {@link Negotiated.backends}. */
  readonly backends: Backends;
}

/** Whom the peer's certificate names, as plain data. */
export interface PeerFacts {
  /** The subject of its certificate, as in RFC 4514. */
  readonly subject: string;
  /** The issuer of its certificate, as in RFC 4514. */
  readonly issuer: string;
  /** The names that the certificate is valid for; empty if it was not verified. */
  readonly names: readonly string[];
  /** A path to a trusted certificate was found. */
  readonly verified: boolean;
  /** ISO 8601. */
  readonly notAfter: string;
  /** DER bytes of each certificate, as the peer sent them. */
  readonly chain: readonly { readonly subject: string; readonly bytes: number }[];
}

/** Makes plain data of what was negotiated. */
export function negotiatedFacts(negotiated: Negotiated): NegotiatedFacts {
  const { group, alpn, serverName, peer, peerSignatureScheme, signatureScheme } = negotiated;
  return {
    version: negotiated.version,
    cipherSuite: negotiated.cipherSuite,
    group: group ?? null,
    postQuantum: negotiated.postQuantum,
    hybrid: negotiated.hybrid,
    retried: negotiated.retried,
    resumed: negotiated.resumed,
    earlyData: negotiated.earlyData,
    alpn: alpn ?? null,
    serverName: serverName ?? null,
    ...(negotiated.authentication && { authentication: negotiated.authentication }),
    ...(negotiated.storedKey && { storedKey: true as const }),
    peerSignatureScheme: peerSignatureScheme ?? null,
    signatureScheme: signatureScheme ?? null,
    postQuantumAuthentication: negotiated.postQuantumAuthentication,
    peerGroups: negotiated.peerGroups.map((code) => labelOf(NamedGroup, code)),
    peer: peer === undefined ? null : peerFacts(peer),
    backends: negotiated.backends,
  };
}

function peerFacts({ chain, verified }: PeerIdentity): PeerFacts | null {
  const leaf: Certificate | undefined = chain[0];
  if (leaf === undefined) return null;
  return {
    subject: leaf.subject.text,
    issuer: leaf.issuer.text,
    names: verified?.names ?? [],
    verified: verified !== undefined,
    notAfter: new Date(leaf.notAfter).toISOString(),
    chain: chain.map(({ subject, der }) => ({ subject: subject.text, bytes: der.length })),
  };
}
