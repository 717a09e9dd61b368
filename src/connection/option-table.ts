/** What may be said to a connection: one check for each option, complete by the compiler's word. */
import type { Provider } from "../crypto/index.ts";
import { ownExtensions } from "../extensions/index.ts";
import type { ServerIdentity } from "../handshake/index.ts";
import { checkPolicy } from "../policy/index.ts";
import { revocationTable } from "../identity/index.ts";
import { defaultLimits, maxFragment, type Observer } from "../record/index.ts";
import * as check from "../registry/check.ts";
import { CertificateType } from "../registry/index.ts";
import type {
  AuthKemOptions,
  ClientAuthKemOptions,
  ClientContinuityOptions,
  ClientOptions,
  CommonOptions,
  OwnClientOptions,
  OwnServerOptions,
  ServerContinuityOptions,
  ServerOptions,
} from "./options.ts";

const named = (what: string, ...members: readonly string[]): check.Check =>
  check.listOf(check.nameOr(check.text, check.like(`a name or ${what}`, "name", ...members)));

const groups = named("a group: defineGroup(…)", "code", "kems");
const schemes = named("a signature scheme", "code", "algorithm");

/** RFC 7301 §3.1: 1 to 255 bytes, of which each is a character here. */
const protocolName: check.Check = (value, where) => {
  check.text(value, where);
  const isName = /^[\0-\xff]{1,255}$/.test(value as string);
  if (!isName) throw new RangeError(`${where} must be 1 to 255 characters of one byte each`);
};

const isDelegated = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "delegation" in value;

const isKem = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "decapsulator" in value;

/** Its own key signs for it, or a delegated one, or it decapsulates. */
const credential = check.either(
  isDelegated,
  check.like("a credential: { chain, delegation }", "chain"),
  check.either(
    isKem,
    check.like("a credential: createKemCredential(…)", "chain", "decapsulator"),
    check.like("a credential: createCredential(…)", "chain", "signer"),
  ),
);

const authKemTable = {
  schemes: named("a KEM scheme: defineKemScheme(…)", "code", "hpke"),
} satisfies check.OptionTable<AuthKemOptions>;

const isFunction = (value: unknown): boolean => typeof value === "function";

const isPlain = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as object);

/** An object of some class has methods that no table knows. */
const observer = check.either(
  isPlain,
  check.options({
    message: check.callable,
    record: check.callable,
  } satisfies check.OptionTable<Observer>),
  check.like("an observer: { message, record }"),
);

export const revocation = check.either(isFunction, check.callable, check.options(revocationTable));

export const trust = check.like("a store: createTrustStore(…)", "anchors", "find", "has");
export const cache = check.like("a cache: new CertificateCache()", "parse", "isVerified");

/** Limits that are added are checked without more ado. */
const limits = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, check.whole()] as const),
);

const credentials = check.listOf(credential);

/** What `identityFor` may answer. */
export const checkIdentity = check.complete(
  { credentials, verifyClient: check.callable } satisfies check.OptionTable<ServerIdentity>,
  "write { credentials }",
  ["credentials"],
);

/** All that a provider has. */
const slots: Readonly<Record<keyof Provider, true>> = {
  name: true,
  random: true,
  hashes: true,
  aeads: true,
  kems: true,
  signatures: true,
  generateKey: true,
};

const common = {
  provider: check.like("a provider, such as noble", ...Object.keys(slots)),
  suites: named("a cipher suite", "code", "aead", "hash"),
  groups,
  schemes,
  alpn: check.listOf(protocolName),
  credentials,
  trust,
  now: check.callable,
  middleboxCompatibility: check.flag,
  tolerateLegacyVersion: check.flag,
  grease: check.flag,
  maxFragment: check.whole(1, maxFragment, " bytes"),
  padding: check.callable,
  limits: check.options(limits),
  keyLog: check.callable,
  observer,
  certificateSchemes: schemes,
  trustedKeys: check.listOf(check.bytes, 1),
  certificateTypes: check.listOf(check.oneOf(...Object.keys(CertificateType)), 1),
  delegatedSchemes: schemes,
  certificateAuthorities: check.listOf(check.bytes),
  certificateCompression: check.listOf(
    check.like("a compressor", "algorithm", "compress", "decompress"),
  ),
  stapling: check.flag,
  extensions: ownExtensions,
  // RFC 8449 §4
  recordSizeLimit: check.whole(64, 2 ** 14 + 1, " bytes"),
  readCertificate: check.callable,
  cache,
  revocation,
  policy: checkPolicy,
  detectors: check.listOf(check.like("a detector: { kind, detect }", "kind", "detect")),
  authorize: check.callable,
  authKem: check.options(authKemTable),
  onProgress: check.callable,
} satisfies check.OptionTable<CommonOptions>;

const extensionType = check.whole(0, 0xffff);
const seconds = (least: number) => check.whole(least, 0xffff_ffff, " seconds");

/** One of `psks`. */
export const session = check.like(
  "a session, or an external key: importPsk(…)",
  "identity",
  "secret",
  "hash",
  "kind",
);

export const clientTable = {
  ...common,
  pqcContinuity: check.complete(
    {
      cache: check.like("a cache: new MemoryContinuityCache()", "recall", "remember", "forget"),
      key: check.text,
      longest: seconds(1),
      type: extensionType,
    } satisfies check.OptionTable<ClientContinuityOptions>,
    "write { cache: new MemoryContinuityCache() }",
    ["cache"],
  ),
  authKem: check.options({
    ...authKemTable,
    writeBeforeFinished: check.flag,
    storedKey: check.like("certificates or a key: negotiated.peer", "chain"),
    presentEarly: check.flag,
  } satisfies check.OptionTable<ClientAuthKemOptions>),
  serverName: check.text,
  shares: groups,
  reuseComponents: check.flag,
  verifyServer: check.callable,
  psks: check.listOf(session),
  allowPskOnly: check.flag,
  earlyData: check.oneOf("safe-to-replay"),
  postHandshakeAuthentication: check.flag,
  history: check.like("a history: new MemoryHistory()", "recall", "remember"),
  historyKey: check.text,
} satisfies check.OptionTable<ClientOptions>;

const preference = check.oneOf("server", "client");

export const earlyDataTable = {
  maxSize: check.whole(0, 2 ** 32 - 1, " bytes"),
  replayGuard: check.like("a guard: new MemoryReplayGuard()", "firstUse"),
  window: check.number(0, Infinity, " milliseconds"),
} satisfies check.OptionTable<NonNullable<ServerOptions["earlyData"]>>;

export const serverTable = {
  ...common,
  pqcCommitment: check.complete(
    {
      period: seconds(0),
      type: extensionType,
    } satisfies check.OptionTable<ServerContinuityOptions>,
    "write { period: 86_400 }",
    ["period"],
  ),
  clientAuthentication: check.oneOf("none", "request", "require"),
  verifyClient: check.callable,
  identityFor: check.callable,
  selectProtocol: check.callable,
  suitePreference: preference,
  groupPreference: preference,
  retry: check.oneOf("for-preferred", "for-post-quantum", "if-needed"),
  retryCookie: check.flag,
  tickets: check.like("tickets: sealedTickets(…)", "count", "lifetime", "issue", "redeem"),
  lookUpPsk: check.callable,
  allowPskOnly: check.flag,
  acceptOrigin: check.callable,
  earlyData: check.complete(earlyDataTable, "write { maxSize, replayGuard }", [
    "maxSize",
    "replayGuard",
  ]),
} satisfies check.OptionTable<ServerOptions>;

const { keyLog, observer: watcher, onProgress } = common;
export const ownServerTable = {
  keyLog,
  observer: watcher,
  onProgress,
} satisfies check.OptionTable<OwnServerOptions>;

const { serverName, psks, earlyData, historyKey } = clientTable;
export const ownClientTable = {
  ...ownServerTable,
  serverName,
  psks,
  earlyData,
  historyKey,
} satisfies check.OptionTable<OwnClientOptions>;
