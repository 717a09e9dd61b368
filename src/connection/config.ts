/** What options come to: names resolved, defaults filled in, and everything checked. */
import {
  checkKemScheme,
  checkScheme,
  checkSuite,
  extendProvider,
  hasAlgorithm,
  hasParts,
  type KemScheme,
  kemSchemes,
  knownSchemes,
  namedSchemes,
  type Provider,
  type Scheme,
  schemes,
  SchemeTable,
  type Suite,
  suites,
} from "../crypto/index.ts";
import { type Detector, findingKinds } from "../detection/index.ts";
import { checkGroup, type Group, groups, hasKems } from "../groups/index.ts";
import { defaultContinuityType, extensionOfType } from "../extensions/index.ts";
import {
  type ClientConfig,
  type ClientContinuity,
  type CommonConfig,
  isThenable,
  type ServerConfig,
  type ServerIdentity,
  type VerifyPeer,
} from "../handshake/index.ts";
import { type Credential, parseCertificate } from "../identity/index.ts";
import {
  acceptsOrigin,
  allowedChainSchemes,
  allowedCredentials,
  allowedGroups,
  allowedKemSchemes,
  allowedSchemes,
  allowedSuites,
  mayResume,
  policyOf,
  type ResolvedPolicy,
  resolvePolicy,
  withChainRule,
} from "../policy/index.ts";
import { defaultLimits, type Limits } from "../record/index.ts";
import { checkOptions } from "../registry/check.ts";
import { CertificateType, TlsError } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";
import { likelyShares } from "./likely-shares.ts";
import { checkOwn, find, type Named, type Registry, resolve } from "./names.ts";
import {
  checkIdentity,
  clientTable,
  ownClientTable,
  ownServerTable,
  serverTable,
} from "./option-table.ts";
import type { ClientOptions, CommonOptions, ServerOptions } from "./options.ts";
import { toServerName } from "./server-name.ts";
import { keepingPaths, standardVerification, type VerificationOptions } from "./verification.ts";

const suiteRegistry: Registry<Suite> = {
  kind: "suites",
  entries: suites,
  privateUse: "0xff00 to 0xffff",
  check: checkSuite,
};
const groupRegistry: Registry<Group> = {
  kind: "groups",
  entries: groups,
  privateUse: "0xfe00 to 0xfeff",
  check: checkGroup,
};
const schemeRegistry: Registry<Scheme> = {
  kind: "signature schemes",
  entries: knownSchemes,
  privateUse: "0xfe00 to 0xffff",
  check: checkScheme,
};

const kemRegistry: Registry<KemScheme> = {
  kind: "KEM schemes",
  entries: kemSchemes,
  privateUse: "0xfe05 to 0xffff",
  check: checkKemScheme,
};

const byName = (...names: string[]): readonly Group[] =>
  names.map((name) => find("groups", groups, name));

/** Hybrids first; the drafts and pure ML-KEM only on request. */
export const defaultGroups: readonly Group[] = byName(
  "X25519MLKEM768",
  "SecP256r1MLKEM768",
  "SecP384r1MLKEM1024",
  "x25519",
  "secp256r1",
  "secp384r1",
  "x448",
  "secp521r1",
);

export const limitsOf = (options: CommonOptions): Limits => ({
  ...defaultLimits,
  ...options.limits,
});

/** What looks on from outside the handshake, whose configuration this goes with. */
export interface Onlookers {
  readonly policy: ResolvedPolicy | undefined;
  /** The caller's own. */
  readonly detectors: readonly Detector[];
}

function commonConfig(options: CommonOptions, standard: Provider): CommonConfig & Onlookers {
  const detectors = checkedDetectors(options);
  const config = {
    ...namedConfig(options, options.provider ?? standard),
    policy: undefined,
    detectors,
  };
  if (options.policy === undefined) return config;
  const policy = resolvePolicy(options.policy, {
    suites: [...suites, ...config.suites],
    groups: [...groups, ...config.groups],
    schemes: config.knownSchemes,
    kinds: [...findingKinds, ...detectors.map(({ kind }) => kind)],
  });
  return {
    ...config,
    policy,
    suites: allowedSuites(policy, config.suites),
    groups: allowedGroups(policy, config.groups),
    schemes: allowedSchemes(policy, config.schemes),
    kemSchemes: allowedKemSchemes(policy, config.kemSchemes),
    credentials: allowedCredentials(policy, config.credentials),
    certificateSchemes:
      allowedChainSchemes(policy, config.certificateSchemes ?? config.schemes) ??
      config.certificateSchemes,
  };
}

/** @throws RangeError for what finds the same as another: nobody could tell them apart */
function checkedDetectors({ detectors = [] }: CommonOptions): readonly Detector[] {
  const kinds: string[] = [...findingKinds];
  for (const { kind } of detectors) {
    if (kinds.includes(kind)) {
      throw new RangeError(
        `there is another detector of ${JSON.stringify(kind)}; take another kind`,
      );
    }
    kinds.push(kind);
  }
  return detectors;
}

/** The groups that a policy names are those to begin with where the caller names none. */
function groupsToBeginWith({ policy }: CommonOptions): readonly Group[] {
  const named = policy === undefined ? "any" : policyOf(policy).groups;
  return typeof named === "string" ? defaultGroups : byName(...named);
}

function namedConfig(options: CommonOptions, provider: Provider): CommonConfig {
  /** Of those to begin with what the provider has the parts of; of what the caller names it must have all. */
  function able<T extends Named>(
    registry: Registry<T>,
    given: readonly (string | T)[] | undefined,
    { standard, has }: { readonly standard: readonly T[]; readonly has: (entry: T) => boolean },
  ): readonly T[] {
    const entries = resolve(registry, given, standard);
    const lacking = entries.find((entry) => !has(entry));
    if (lacking === undefined) return entries;
    const rest = given === undefined ? entries.filter(has) : [];
    if (rest.length > 0) return rest;
    throw new RangeError(`the provider "${provider.name}" cannot do ${lacking.name}`);
  }
  const schemesIn = (given: CommonOptions["schemes"]): readonly Scheme[] =>
    able(schemeRegistry, given, {
      standard: schemes,
      has: (scheme) => hasAlgorithm(scheme, provider),
    });
  const lists = {
    suites: able(suiteRegistry, options.suites, {
      standard: suites,
      has: (suite) => hasParts(suite, provider),
    }),
    groups: able(groupRegistry, options.groups, {
      standard: options.groups === undefined ? groupsToBeginWith(options) : [],
      has: (group) => hasKems(group, provider),
    }),
    schemes: schemesIn(options.schemes),
    certificateSchemes: options.certificateSchemes && schemesIn(options.certificateSchemes),
    delegatedSchemes:
      options.delegatedSchemes === undefined ? [] : schemesIn(options.delegatedSchemes),
    kemSchemes:
      options.authKem === undefined
        ? []
        : resolve(kemRegistry, options.authKem.schemes, kemSchemes),
  };
  const own = checkOwn(schemeRegistry, [
    ...lists.schemes,
    ...(lists.certificateSchemes ?? []),
    ...lists.delegatedSchemes,
  ]);
  // What we sign with has a meaning here too, whatever we accept
  const ours = (options.credentials ?? []).flatMap(schemesOf).filter(isOwn);
  const ownKems = lists.kemSchemes.filter((scheme) => !kemSchemes.includes(scheme));
  const additions = { schemes: [...ours, ...own], suites: lists.suites, kemSchemes: ownKems };
  return {
    ...lists,
    provider: extendProvider(provider, additions),
    knownSchemes:
      additions.schemes.length === 0 && ownKems.length === 0
        ? namedSchemes
        : new SchemeTable([...additions.schemes, ...knownSchemes], [...ownKems, ...kemSchemes]),
    alpn: options.alpn ?? [],
    credentials: options.credentials ?? [],
    certificateTypes: certificateTypes(options).map((name) => CertificateType[name]),
    certificateAuthorities: options.certificateAuthorities ?? [],
    certificateCompression: options.certificateCompression ?? [],
    stapling: options.stapling ?? false,
    extensions: options.extensions ?? [],
    recordSizeLimit: options.recordSizeLimit,
    limits: limitsOf(options),
    readCertificate: readerOf(options),
    now: options.now === undefined ? Date.now : clockOf(options.now),
    middleboxCompatibility: options.middleboxCompatibility ?? true,
    tolerateLegacyVersion: options.tolerateLegacyVersion ?? false,
    grease: options.grease ?? false,
    keyLog: options.keyLog,
  };
}

/** It has an algorithm of its own. */
const isOwn = ({ algorithm }: Scheme): boolean => typeof algorithm !== "string";

/** What it can sign with. */
const schemesOf = ({ signer, delegation }: Credential): readonly Scheme[] => [
  ...(signer?.schemes ?? []),
  ...(delegation === undefined ? [] : [delegation.scheme]),
];

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

/** @throws RangeError for a number that is another extension's */
function continuityType(
  { type = defaultContinuityType }: { readonly type?: number },
  own: CommonOptions["extensions"] = [],
): number {
  const name = extensionOfType(type)?.name ?? own.find((each) => each.type === type)?.name;
  if (name === undefined) return type;
  throw new RangeError(`the \`type\` of pqc continuity is that of ${name}`);
}
/** Those that the options name; none at all asks for a HelloRetryRequest (RFC 9846 §4.3.8). @throws RangeError */
const askedShares = ({ shares }: ClientOptions, offered: readonly Group[]) =>
  shares?.length === 0 ? [] : shares && resolve({ ...groupRegistry, entries: offered }, shares, []);

/** Of what may be another for each connection. @throws RangeError or TypeError */
export function checkOwnOptions(role: Role, own: unknown): void {
  const table = role === "client" ? ownClientTable : ownServerTable;
  checkOptions(`a prepared ${role}`, own, table);
}

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

/** Whole milliseconds. What is not a number would pass for a time in one comparison or another. */
const clockOf = (now: () => number) => (): number => {
  const time = now();
  if (Number.isFinite(time)) return Math.floor(time);
  throw new TlsError("misuse", "the clock gives no time", {
    expected: "milliseconds since the epoch from `now`",
    received: String(time),
  });
};

function certificateTypes({
  certificateTypes: given,
  trust,
  trustedKeys,
}: CommonOptions): NonNullable<CommonOptions["certificateTypes"]> {
  if (given !== undefined) return given;
  if (trustedKeys === undefined) return ["X509"];
  return trust === undefined ? ["RawPublicKey"] : ["RawPublicKey", "X509"];
}

function readerOf({ readCertificate, cache }: CommonOptions): CommonConfig["readCertificate"] {
  if (readCertificate !== undefined) return readCertificate;
  return cache === undefined ? parseCertificate : (der, where) => cache.parse(der, where);
}

/**
 * How a peer is verified with these options, if they name no `verifyServer` or `verifyClient`;
 * `undefined` where nobody is trusted.
 */
export const verificationBy = (
  standard: Provider,
  options: CommonOptions,
  more: Pick<VerificationOptions, "anyName"> = {},
): VerifyPeer | undefined => verificationOf(options, commonConfig(options, standard), more);

const ownVerification = (
  verify: VerifyPeer | undefined,
  { cache }: CommonOptions,
): VerifyPeer | undefined =>
  verify === undefined || cache === undefined ? verify : keepingPaths(verify, cache);

/** What is accepted in certificates is what the peer was told (RFC 9846 §4.3.3). */
const verificationOf = (
  { trust, trustedKeys, cache, revocation }: CommonOptions,
  { schemes: inHandshake, certificateSchemes = inHandshake }: CommonConfig,
  more: Pick<VerificationOptions, "anyName"> = {},
): VerifyPeer | undefined =>
  standardVerification(trust, trustedKeys, {
    cache,
    revocation,
    schemes: certificateSchemes,
    ...more,
  });
