/** What the options of both ends come to: names resolved, defaults filled in, and everything checked. */
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
import type { CommonConfig, VerifyPeer } from "../handshake/index.ts";
import { type Credential, parseCertificate } from "../identity/index.ts";
import {
  allowedChainSchemes,
  allowedCredentials,
  allowedGroups,
  allowedKemSchemes,
  allowedSchemes,
  allowedSuites,
  policyOf,
  type ResolvedPolicy,
  resolvePolicy,
} from "../policy/index.ts";
import { defaultLimits, type Limits } from "../record/index.ts";
import { checkOptions } from "../registry/check.ts";
import { CertificateType, TlsError } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";
import { checkOwn, find, type Named, type Registry, resolve } from "./names.ts";
import { ownClientTable, ownServerTable } from "./option-table.ts";
import type { CommonOptions } from "./options.ts";
import { keepingPaths, standardVerification, type VerificationOptions } from "./verification.ts";

const suiteRegistry: Registry<Suite> = {
  kind: "suites",
  entries: suites,
  privateUse: "0xff00 to 0xffff",
  check: checkSuite,
};
/** Where the options of both ends find a group by its name. */
export const groupRegistry: Registry<Group> = {
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

/** @throws RangeError for names that do not exist */
export function commonConfig(options: CommonOptions, standard: Provider): CommonConfig & Onlookers {
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

/** @throws RangeError for a number that is another extension's */
export function continuityType(
  { type = defaultContinuityType }: { readonly type?: number },
  own: CommonOptions["extensions"] = [],
): number {
  const name = extensionOfType(type)?.name ?? own.find((each) => each.type === type)?.name;
  if (name === undefined) return type;
  throw new RangeError(`the \`type\` of pqc continuity is that of ${name}`);
}
/** Of what may be another for each connection. @throws RangeError or TypeError */
export function checkOwnOptions(role: Role, own: unknown): void {
  const table = role === "client" ? ownClientTable : ownServerTable;
  checkOptions(`a prepared ${role}`, own, table);
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

/** The caller's verifier, whose paths the cache keeps, if there is one. */
export const ownVerification = (
  verify: VerifyPeer | undefined,
  { cache }: CommonOptions,
): VerifyPeer | undefined =>
  verify === undefined || cache === undefined ? verify : keepingPaths(verify, cache);

/** What is accepted in certificates is what the peer was told (RFC 9846 §4.3.3). */
export const verificationOf = (
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
