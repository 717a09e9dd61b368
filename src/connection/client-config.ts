/** What the options of a client come to. */
import type { Provider } from "../crypto/index.ts";
import type { Group } from "../groups/index.ts";
import type { ClientConfig, ClientContinuity, CommonConfig } from "../handshake/index.ts";
import type { Credential } from "../identity/index.ts";
import { mayResume, withChainRule } from "../policy/index.ts";
import { checkOptions } from "../registry/check.ts";
import {
  commonConfig,
  continuityType,
  groupRegistry,
  type Onlookers,
  ownVerification,
  verificationOf,
} from "./config.ts";
import { likelyShares } from "./likely-shares.ts";
import { resolve } from "./names.ts";
import { clientTable } from "./option-table.ts";
import type { ClientOptions } from "./options.ts";
import { toServerName } from "./server-name.ts";

/** @throws RangeError for names that do not exist, TypeError where nothing says whom to trust */
export function clientConfig(options: ClientOptions, standard: Provider): ClientConfig & Onlookers {
  checkOptions("createClient", options, clientTable);
  const common = commonConfig(options, standard);
  const { policy } = common;
  const verifyServer =
    ownVerification(options.verifyServer, options) ?? verificationOf(options, common);
  if (verifyServer === undefined) {
    throw new TypeError("a client needs `trust`, the certificates to trust, or `verifyServer`");
  }
  if (common.schemes.every(({ clientOnly }) => clientOnly === true)) {
    throw new RangeError("`schemes` has none that a server may sign with (RFC 9963 §2)");
  }
  return {
    ...common,
    ...ownClientConfig(options, common),
    reuseComponents: options.reuseComponents ?? false,
    writeBeforeFinished: writesBeforeFinished(options),
    ...storedKeyOf(options, common),
    verifyServer: policy === undefined ? verifyServer : withChainRule(policy, verifyServer),
    allowPskOnly: options.allowPskOnly ?? false,
    postHandshakeAuthentication: options.postHandshakeAuthentication ?? false,
  };
}

/** @throws TypeError where somebody has yet to decide about the server */
function writesBeforeFinished({ authKem, policy, authorize, earlyData }: ClientOptions): boolean {
  if (authKem?.writeBeforeFinished !== true) return false;
  for (const [name, value] of Object.entries({ policy, authorize, earlyData })) {
    if (value === undefined) continue;
    throw new TypeError(
      name === "earlyData"
        ? "`writeBeforeFinished` and `earlyData` cannot be told apart: give one of them"
        : `\`writeBeforeFinished\` would send data before \`${name}\` has decided`,
    );
  }
  return true;
}

/** @throws TypeError for a key to which nothing is encapsulated, and where there is no certificate to show */
function storedKeyOf(
  { authKem }: ClientOptions,
  { kemSchemes: taken, credentials }: CommonConfig,
): Pick<ClientConfig, "storedKey" | "presentEarly"> {
  const { storedKey, presentEarly = false } = authKem ?? {};
  if (storedKey === undefined) {
    if (!presentEarly) return { presentEarly };
    throw new TypeError("`presentEarly` needs `storedKey`: the server's key that is known before");
  }
  const type = (storedKey.chain[0]?.publicKey ?? storedKey.rawPublicKey)?.type;
  if (!taken.some(({ keyType }) => keyType === type)) {
    const types = taken.map(({ keyType }) => keyType).join(", ");
    throw new TypeError(`\`storedKey\` must hold a key of type ${types}, not ${type ?? "none"}`);
  }
  const isKem = ({ chain, decapsulator }: Credential) => chain.length > 0 && decapsulator;
  if (presentEarly && !credentials.some(isKem)) {
    throw new TypeError("`presentEarly` needs a credential of createKemCredential(…)");
  }
  return { storedKey, presentEarly };
}

/** What may be another for each connection. @throws TypeError for early data that nobody could answer for */
export function ownClientConfig(
  options: ClientOptions,
  { policy, groups: offered }: Pick<ClientConfig & Onlookers, "groups" | "policy">,
): Pick<ClientConfig, "serverName" | "psks" | "shares" | "earlyData" | "keyLog" | "continuity"> {
  if (options.authorize !== undefined && options.earlyData !== undefined) {
    throw new TypeError("`earlyData` would go out before `authorize` has decided");
  }
  const serverName =
    options.serverName === undefined ? undefined : toServerName(options.serverName);
  const psks = (options.psks ?? []).filter((psk) => policy === undefined || mayResume(policy, psk));
  const { history, historyKey: key = serverName } = options;
  return {
    serverName,
    continuity: clientContinuity(options, serverName),
    psks,
    shares: askedShares(options, offered) ?? likelyShares(offered, { psks, history, key }),
    earlyData: options.earlyData === "safe-to-replay",
    keyLog: options.keyLog,
  };
}

const year = 365 * 24 * 60 * 60;

/** @throws TypeError where nothing says under which name a promise is to be kept */
function clientContinuity(
  { pqcContinuity: given, extensions }: ClientOptions,
  serverName: string | undefined,
): ClientContinuity | undefined {
  if (given === undefined) return undefined;
  const { cache, key = serverName, longest = year } = given;
  if (key === undefined) {
    throw new TypeError("`pqcContinuity` needs `serverName`, or `key`: whose promise is it?");
  }
  return { cache, key, longest: longest * 1000, type: continuityType(given, extensions) };
}

/** Those that the options name; none at all asks for a HelloRetryRequest (RFC 9846 §4.3.8). @throws RangeError */
const askedShares = ({ shares }: ClientOptions, offered: readonly Group[]) =>
  shares?.length === 0 ? [] : shares && resolve({ ...groupRegistry, entries: offered }, shares, []);

/** @throws TypeError where a chain would be verified, and no name: any server of these authorities would do */
export function requireName({ serverName, trust, verifyServer }: ClientOptions): void {
  if (serverName !== undefined || verifyServer !== undefined) return;
  // Where nobody is trusted, nobody can stand in for anybody
  if (trust === undefined || trust.anchors.length === 0) return;
  throw new TypeError(
    "a client that verifies by `trust` needs `serverName`, the name that the server must prove; where any " +
      "name will do, say so: verifyServer: verifyAgainst(trust, { anyName: true })",
  );
}
