/** What a peer may do, once it is certain who it is: one question, one verdict. */
import { type Negotiated, type PeerIdentity, vouchedChain, voucherOf } from "../handshake/index.ts";
import {
  type Certificate,
  type Credential,
  printNames,
  spiffeIdOf,
  type SubjectNames,
} from "../identity/index.ts";
import { TlsError } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";

/** The peer as its proofs show it. Names are only those of a certificate that somebody vouched for. */
export interface AuthorizationQuestion {
  /** Which end we are: a server is asked about its client. */
  readonly role: Role;
  /** Our own SPIFFE ID, if our credentials have one in common. */
  readonly self: string | undefined;
  /** The peer's, if its certificate is an X509-SVID. */
  readonly spiffeId: string | undefined;
  /** The names in the peer's certificate, by kind; empty lists without a certificate that somebody vouched for. */
  readonly names: Required<SubjectNames>;
  /** Leaf first, trust anchor last where it is known; empty without a certificate that somebody vouched for. */
  readonly chain: readonly Certificate[];
  /**
   * Who vouched for the peer: `"a trust anchor"`, `"a trusted key"`, or what the caller's verifier calls itself
   * (`vouchedBy`); `undefined`: nobody.
   */
  readonly vouchedBy: string | undefined;
  /** `undefined` for a client that has not authenticated, or that has an external key only. */
  readonly peer: PeerIdentity | undefined;
  /** Name of the key-exchange group; `undefined` for a PSK alone. */
  readonly group: string | undefined;
  /** The key exchange is believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
  /** The scheme of the peer's CertificateVerify, in this connection or in the one that it resumes. */
  readonly scheme: string | undefined;
  /** A session is resumed: the peer proved its identity when that began. */
  readonly resumed: boolean;
  /** The host name that the client asked for (SNI, RFC 6066 §3); `undefined` if it named none. */
  readonly serverName: string | undefined;
  /** The application protocol that was agreed on (RFC 7301); `undefined` if there is none. */
  readonly alpn: string | undefined;
}

/** Yes, yes as somebody in particular, or no and why. The reason stays here: the peer gets an alert. */
export type Verdict = true | { readonly role: string } | { readonly refused: string };

/**
 * Decides what an authenticated peer may do. An answer that is none of the three is a refusal; an error
 * ends the connection too.
 */
export type Authorize = (question: AuthorizationQuestion) => Verdict | PromiseLike<Verdict>;

/** What may be asked of a connection's peer. */
export function questionAbout(
  role: Role,
  credentials: readonly Credential[],
  negotiated: Negotiated,
): AuthorizationQuestion {
  const { peer, group, postQuantum, peerSignatureScheme, resumed, serverName, alpn } = negotiated;
  const chain = vouchedChain(peer);
  const [leaf] = chain;
  return {
    role,
    self: ownSpiffeId(credentials),
    spiffeId: leaf && spiffeIdOf(leaf)?.text,
    names: printNames(leaf?.subjectAltNames),
    chain,
    vouchedBy: voucherOf(peer),
    peer,
    group,
    postQuantum,
    scheme: peerSignatureScheme,
    resumed,
    serverName,
    alpn,
  };
}

/** Several credentials of one workload have the same ID; those of several have none that is meant. */
function ownSpiffeId(credentials: readonly Credential[]): string | undefined {
  const ids = credentials.flatMap(({ chain: [leaf] }) => (leaf ? [spiffeIdOf(leaf)?.text] : []));
  return new Set(ids).size === 1 ? ids[0] : undefined;
}

/**
 * The role that a verdict binds to the peer, if it names one.
 * @throws TlsError `access_denied`, for anything that is not clearly a yes
 */
export function roleOf(verdict: unknown, question: AuthorizationQuestion): string | undefined {
  if (verdict === true) return undefined;
  const { role, refused } = (verdict ?? {}) as { role?: unknown; refused?: unknown };
  if (typeof role === "string" && refused === undefined) return role;
  const reason = typeof refused === "string" ? refused : "`authorize` did not say that it may";
  throw new TlsError("access_denied", `the peer is not allowed: ${reason}`, {
    received: describePeer(question),
    rule: "authorization",
  });
}

/** A peer in words, for logs. */
export function describePeer({ spiffeId, names, peer, chain }: AuthorizationQuestion): string {
  if (spiffeId !== undefined) return spiffeId;
  const { dns, ip, uri, email } = names;
  const [name = chain[0]?.subject.text] = [...dns, ...uri, ...email, ...ip];
  if (name !== undefined) return name;
  if (peer?.rawPublicKey !== undefined) return `a raw ${peer.rawPublicKey.type} key`;
  return peer === undefined ? "nobody in particular" : "a certificate that nobody vouched for";
}
