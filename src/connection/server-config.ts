/** What the options of a server come to. */
import type { Provider } from "../crypto/index.ts";
import { isThenable, type ServerConfig, type ServerIdentity } from "../handshake/index.ts";
import {
  acceptsOrigin,
  allowedCredentials,
  type ResolvedPolicy,
  withChainRule,
} from "../policy/index.ts";
import type { Limits } from "../record/index.ts";
import { checkOptions } from "../registry/check.ts";
import {
  commonConfig,
  continuityType,
  type Onlookers,
  ownVerification,
  verificationOf,
} from "./config.ts";
import { checkIdentity, serverTable } from "./option-table.ts";
import type { ServerOptions } from "./options.ts";

/** @throws RangeError for names that do not exist, TypeError where something is missing */
export function serverConfig(options: ServerOptions, standard: Provider): ServerConfig & Onlookers {
  checkOptions("createServer", options, serverTable);
  const common = commonConfig(options, standard);
  const { policy } = common;
  const acceptOrigin = options.acceptOrigin ?? (() => true);
  const clientAuthentication = options.clientAuthentication ?? "none";
  const verifyClient =
    ownVerification(options.verifyClient, options) ?? verificationOf(options, common);
  if (clientAuthentication !== "none" && verifyClient === undefined) {
    throw new TypeError("to authenticate clients a server needs `trust` or `verifyClient`");
  }
  if (options.selectProtocol !== undefined && options.alpn !== undefined) {
    throw new TypeError("`alpn` and `selectProtocol` both choose the protocol: give one of them");
  }
  const isSomebody = common.credentials.length > 0 || options.identityFor !== undefined;
  if (!isSomebody && options.lookUpPsk === undefined) {
    throw new TypeError("a server needs `credentials`: a certificate with its key");
  }
  return {
    ...common,
    limits: withSkippedEarlyData(common.limits, options.earlyData?.maxSize ?? 0),
    clientAuthentication,
    continuity: options.pqcCommitment && {
      period: options.pqcCommitment.period,
      type: continuityType(options.pqcCommitment, options.extensions),
    },
    verifyClient:
      policy === undefined || verifyClient === undefined
        ? verifyClient
        : withChainRule(policy, verifyClient),
    identityFor: options.identityFor && checkedIdentities(options.identityFor, policy),
    selectProtocol: options.selectProtocol,
    suitePreference: options.suitePreference ?? "server",
    groupPreference: options.groupPreference ?? "server",
    retry: options.retry ?? "for-post-quantum",
    retryCookie: options.retryCookie ?? false,
    lookUpPsk: options.lookUpPsk,
    allowPskOnly: options.allowPskOnly ?? false,
    tickets: options.tickets,
    acceptOrigin:
      policy === undefined
        ? acceptOrigin
        : (origin) => acceptsOrigin(policy, origin) && acceptOrigin(origin),
    earlyData: options.earlyData && { window: 10_000, ...options.earlyData },
  };
}

/** RFC 9846 §4.3.10: as much as our tickets may have allowed, and what its records add. */
const withSkippedEarlyData = (limits: Limits, maxSize: number): Limits => ({
  ...limits,
  skippedEarlyData: Math.max(2 * maxSize, limits.skippedEarlyData),
});

/** Each is held to what holds for the server's own: a shape that is right, and the policy. */
function checkedIdentities(
  identityFor: NonNullable<ServerOptions["identityFor"]>,
  policy: ResolvedPolicy | undefined,
): ServerConfig["identityFor"] {
  const checked = (identity: ServerIdentity | undefined): ServerIdentity | undefined => {
    if (identity === undefined) return undefined;
    checkIdentity(identity, "createServer: identityFor()");
    if (policy === undefined) return identity;
    const { credentials, verifyClient } = identity;
    return {
      credentials: allowedCredentials(policy, credentials),
      ...(verifyClient && { verifyClient: withChainRule(policy, verifyClient) }),
    };
  };
  return (serverName) => {
    const answer = identityFor(serverName);
    return isThenable(answer) ? Promise.resolve(answer).then(checked) : checked(answer);
  };
}
