/** Where `authorize` has its say: at the end of a handshake, after a later authentication, and again on demand. */
import { type Authorize, questionAbout, roleOf } from "../authorization/index.ts";
import { noble } from "../crypto/index.ts";
import {
  type Established,
  type Handshake,
  isThenable,
  type Negotiated,
  type PeerIdentity,
  settle,
  vouchedChain,
} from "../handshake/index.ts";
import * as check from "../registry/check.ts";
import { TlsError } from "../registry/index.ts";
import { AcceptedPeer, type Role } from "../schedule/index.ts";
import type { ConnectionEvent } from "./events.ts";
import { clientConfig } from "./client-config.ts";
import { serverConfig } from "./server-config.ts";
import type { ClientOptions, CommonOptions, ServerOptions } from "./options.ts";

/** A handshake that is over only when the peer is allowed. */
export function authorized(
  role: Role,
  options: CommonOptions,
  handshake: Handshake<Established>,
): Handshake<Established> {
  const { authorize, credentials } = options;
  return authorize === undefined ? handshake : judged(role, authorize, credentials, handshake);
}

function* judged(
  role: Role,
  authorize: Authorize,
  credentials: CommonOptions["credentials"],
  handshake: Handshake<Established>,
): Handshake<Established> {
  const established = yield* handshake;
  const { negotiated, identity } = established;
  const own = identity?.credentials ?? credentials;
  const peerRole = yield* settle(judge(role, authorize, own, negotiated));
  return { ...established, negotiated: { ...negotiated, peerRole } };
}

/** Tells of a client that authenticated after the handshake, if it is allowed as whom it now proved to be. */
export function admitLater(
  options: CommonOptions,
  { negotiated, identity }: Established,
  peer: PeerIdentity | undefined,
  emit: (event: ConnectionEvent) => void,
): void | PromiseLike<void> {
  const tell = (peerRole?: string): void =>
    emit({ type: "peer", peer, ...(peerRole === undefined ? {} : { peerRole }) });
  const { authorize } = options;
  if (authorize === undefined || peer === undefined) return tell();
  // The scheme of this proof is not known here, and that of another would mislead
  const now = {
    ...negotiated,
    peer,
    peerSignatureScheme: undefined,
    postQuantumAuthentication: false,
  };
  const verdict = judge("server", authorize, (identity ?? options).credentials, now);
  return isThenable(verdict) ? verdict.then(tell) : tell(verdict);
}

/** What becomes of a connection that is judged again. */
export interface JudgementOptions {
  /**
   * A certificate of the peer's path has ended since the connection began, and nothing else is wrong. `keep` lets
   * the connection go on: long ones outlive certificates of minutes. Default: `end`.
   */
  readonly whenExpired?: "end" | "keep";
}

export const judgementTable = {
  whenExpired: check.oneOf("end", "keep"),
} satisfies check.OptionTable<JudgementOptions>;

/**
 * Judges the peer of an open connection again, by options that may be newer than the connection: is its
 * chain still trusted and not revoked, and is it still allowed? Possession of the key was proven when the
 * connection began.
 *
 * @returns the role that `authorize` gives now
 * @throws TlsError as a new handshake would: `certificate_revoked`, `access_denied`, …
 */
export async function judgeAgain(
  role: Role,
  options: ClientOptions | ServerOptions,
  negotiated: Negotiated,
  judgement: JudgementOptions = {},
): Promise<string | undefined> {
  check.checkOptions("judgeAgain", judgement, judgementTable);
  const { whenExpired = "end" } = judgement;
  const { verify, config, credentials, name } = await verificationOf(role, options, negotiated);
  const { peer } = negotiated;
  if (peer === undefined && needsPeer(role, options) && negotiated.psk !== "external") {
    throw new TlsError("certificate_required", "the client never authenticated", {
      section: "RFC 9846 §4.5.1.3",
    });
  }
  const now = config.now();
  const current =
    peer &&
    verify &&
    (await AcceptedPeer.ask(verify, {
      chain: peer.chain,
      rawPublicKey: peer.rawPublicKey,
      usage: role === "client" ? "server" : "client",
      name,
      now,
      validAt: whenExpired === "keep" ? Math.min(now, ...endsOf(peer)) : undefined,
      provider: config.provider,
      resumed: true,
      before: peer,
      ocspResponse: undefined,
      signedCertificateTimestamps: [],
    }));
  if (options.authorize === undefined) return undefined;
  return judge(role, options.authorize, credentials, {
    ...negotiated,
    peer: current?.identity ?? peer,
  });
}

/** When the certificates end by which the peer was known. */
const endsOf = (peer: PeerIdentity): readonly number[] =>
  [...vouchedChain(peer), ...peer.chain.slice(0, 1)].map(({ notAfter }) => notAfter);

/** By whom a new handshake for the same name would be verified. */
async function verificationOf(
  role: Role,
  options: ClientOptions | ServerOptions,
  { serverName }: Negotiated,
) {
  if (role === "client") {
    const config = clientConfig(options as ClientOptions, noble);
    const { verifyServer: verify, serverName: name, credentials } = config;
    return { config, verify, credentials, name };
  }
  const config = serverConfig(options as ServerOptions, noble);
  const own = serverName === undefined ? undefined : await config.identityFor?.(serverName);
  const { verifyClient: verify, credentials } = { ...config, ...own };
  return { config, verify, credentials, name: undefined };
}

const needsPeer = (role: Role, options: ClientOptions | ServerOptions): boolean =>
  role === "server" && (options as ServerOptions).clientAuthentication === "require";

/** The role that the peer gets. @throws TlsError `access_denied` */
function judge(
  role: Role,
  authorize: Authorize,
  credentials: CommonOptions["credentials"],
  negotiated: Negotiated,
): string | undefined | Promise<string | undefined> {
  const question = questionAbout(role, credentials ?? [], negotiated);
  const verdict = authorize(question);
  return isThenable(verdict)
    ? Promise.resolve(verdict).then((settled) => roleOf(settled, question))
    : roleOf(verdict, question);
}
