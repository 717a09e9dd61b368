import type { Backends, Negotiated, PeerIdentity } from "../../handshake/index.ts";
import type { Certificate } from "../../identity/index.ts";
import { NamedGroup } from "../../registry/index.ts";
import { labelOf } from "./names.ts";

/** {@link Negotiated} as plain data: it survives JSON, and holds no keys and no certificates. */
export interface NegotiatedFacts {
  readonly version: string;
  readonly cipherSuite: string;
  readonly group: string | null;
  readonly postQuantum: boolean;
  readonly hybrid: boolean;
  readonly retried: boolean;
  readonly resumed: boolean;
  readonly earlyData: string;
  readonly alpn: string | null;
  readonly serverName: string | null;
  /** `kem`: the server authenticated by KEM (AuthKEM). Absent: by signature, or by a PSK. */
  readonly authentication?: "kem";
  /** Of the peer's CertificateVerify, or its KEM. */
  readonly peerSignatureScheme: string | null;
  /** Of our own. */
  readonly signatureScheme: string | null;
  /** The peer proved itself by an algorithm that is believed to withstand a quantum computer. */
  readonly postQuantumAuthentication: boolean;
  readonly peerGroups: readonly string[];
  readonly peer: PeerFacts | null;
  readonly backends: Backends;
}

/** Whom the peer's certificate names, as plain data. */
export interface PeerFacts {
  readonly subject: string;
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
