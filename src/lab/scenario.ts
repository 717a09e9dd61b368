import {
  type KemScheme,
  type Provider,
  kemSchemes,
  knownSchemes,
  type Scheme,
  schemes,
  type Suite,
  suites,
} from "../crypto/index.ts";
import { type Group, groups } from "../groups/index.ts";
import {
  createCredential,
  createDevelopmentCa,
  createKemCredential,
  createTrustStore,
  type Credential,
  type DevelopmentRequest,
} from "../identity/index.ts";
import { find } from "../connection/names.ts";
import type { Limits } from "../record/index.ts";
import * as check from "../registry/check.ts";
import type { Role } from "../schedule/index.ts";
import { clientOptions, serverOptions } from "./plan/end-options.ts";
import type { EndPlan } from "./plan/plan.ts";
import { resumed } from "./resume.ts";
import type { Experiment } from "./run.ts";

/** One point of the matrix: what the handshake shall be made of. */
export interface Scenario {
  /** The cryptography of both ends and of the CA. */
  readonly provider: Provider;
  /** Default: `provider`, which makes the certificates, is that of both ends. */
  readonly providers?: Readonly<Record<Role, Provider>>;
  /** By its name, or one of the caller's own. */
  readonly group: Group | string;
  /** Default: TLS_AES_128_GCM_SHA256. */
  readonly suite?: Suite | string;
  /**
   * Signs the CertificateVerify of whoever authenticates; the CA's key is of the same type. Default:
   * ecdsa_secp256r1_sha256.
   */
  readonly scheme?: Scheme | string;
  /** Whoever authenticates does so by this KEM (AuthKEM, experimental); `scheme` then signs certificates alone. */
  readonly kem?: KemScheme | string;
  /** The client knows the server's key before; with `mutual` it shows its own with its first flight. Needs `kem`. */
  readonly storedKey?: boolean;
  /** Default: `localhost`. Its length counts in the ClientHello. */
  readonly serverName?: string;
  /** The client has a certificate too, and the server insists on it. */
  readonly mutual?: boolean;
  /** The client first sends a share of another group, so that the server must ask again. */
  readonly retry?: boolean;
  /** The client resumes a session of an earlier handshake, which does not count. */
  readonly resume?: boolean;
  /** What a client that resumes sends with its first flight; implies `resume`. */
  readonly earlyData?: Uint8Array;
  /** Of both ends: what they take of each other. Default: the engine's. */
  readonly limits?: Partial<Limits>;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
}

const aProvider = check.like("a provider, such as noble", "signatures", "random");
const named = (what: string, ...members: readonly string[]): check.Check =>
  check.nameOr(check.text, check.like(`a name or ${what}`, "name", ...members));
const scenarioTable = {
  provider: aProvider,
  providers: check.complete({ client: aProvider, server: aProvider }, "write { client, server }"),
  group: named("a group: defineGroup(…)", "code", "kems"),
  suite: named("a cipher suite: defineSuite(…)", "code", "aead", "hash"),
  scheme: named("a signature scheme: defineScheme(…)", "code", "algorithm"),
  kem: named("a KEM scheme: defineKemScheme(…)", "code", "hpke"),
  storedKey: check.flag,
  serverName: check.text,
  mutual: check.flag,
  retry: check.flag,
  resume: check.flag,
  earlyData: check.bytes,
  limits: check.like("limits: { handshakeMessage, … }"),
  now: check.callable,
} satisfies check.OptionTable<Scenario>;
const checkScenario = check.complete(scenarioTable, "write { provider, group }", [
  "provider",
  "group",
]);

/** What the names of a scenario stand for. @throws RangeError for one that nobody knows */
function algorithmsOf({
  group,
  suite = "TLS_AES_128_GCM_SHA256",
  scheme = "ecdsa_secp256r1_sha256",
  kem,
}: Scenario) {
  const valueOf = <T extends { readonly name: string }>(
    kind: string,
    known: readonly T[],
    given: T | string,
  ): T => (typeof given === "string" ? find(kind, known, given) : given);
  return {
    group: valueOf("groups", groups, group),
    suite: valueOf("suites", suites, suite),
    scheme: valueOf<Scheme>("signature schemes", knownSchemes, scheme),
    kem: kem === undefined ? undefined : valueOf("KEM schemes", kemSchemes, kem),
  };
}

/**
 * Makes the certificates, and the options of both ends that lead to this handshake and no other.
 * @throws RangeError for a scheme that signs no such handshake, TypeError or
 * RangeError for what cannot be, Error if the provider cannot make or use keys of its type
 */
export function setUp(scenario: Scenario): Experiment {
  checkScenario(scenario, "setUp");
  const { provider, serverName = "localhost", now = Date.now } = scenario;
  const { group, suite, scheme, kem } = algorithmsOf(scenario);
  checkScheme(scheme, scenario.mutual);
  if (scenario.storedKey && kem === undefined) {
    throw new TypeError("`storedKey` needs `kem`: nothing is encapsulated to a key that signs");
  }
  const { client: clientProvider, server: serverProvider } = scenario.providers ?? {
    client: provider,
    server: provider,
  };
  const ca = createDevelopmentCa({ provider, algorithm: scheme, now: now() });
  /** Whoever signs does so with their own provider. */
  const issue = (signing: Provider, request: DevelopmentRequest): Credential => {
    if (kem !== undefined) {
      const { algorithm: _, ...asked } = request;
      const issued = ca.issueKem({ ...asked, algorithm: kem });
      const { chain: certificates, privateKey } = issued;
      return createKemCredential({ certificates, privateKey, provider: signing, schemes: [kem] });
    }
    const { chain, privateKey } = ca.issue(request);
    const own = scheme.clientOnly && request.usage !== "client" ? {} : { schemes: [scheme] };
    return createCredential({ certificates: chain, privateKey, provider: signing, ...own });
  };
  const chosen = schemesWith(scheme);
  const others = scenario.retry ? [otherThan(group)] : [];
  const plan: EndPlan = {
    suites: [suite.name],
    schemes: chosen.map(({ name }) => name),
    serverName,
    clientAuthentication: scenario.mutual ? "require" : "none",
  };
  const parts = {
    now,
    trust: createTrustStore([ca.certificate]),
    named: {
      groups: (name: string) => [...others, group].find((known) => known.name === name)!,
      suites: [suite],
      schemes: chosen,
    },
  };
  const shown = issue(serverProvider, { names: [serverName] });
  const client = clientOptions(
    {
      ...plan,
      groups: [...others, group].map(({ name }) => name),
      ...(scenario.retry && { shares: others.map(({ name }) => name) }),
    },
    {
      ...parts,
      provider: clientProvider,
      serverName,
      psks: [],
      credentials: scenario.mutual
        ? [issue(clientProvider, { names: ["client.example"], usage: "client" })]
        : [],
    },
  );
  const server = serverOptions(
    { ...plan, groups: [group.name] },
    {
      ...parts,
      provider: serverProvider,
      credentials: [shown],
    },
  );
  const { limits } = scenario;
  const authKem = kem && { schemes: [kem] };
  const more = { ...(authKem && { authKem }), ...(limits && { limits }) };
  const known = scenario.storedKey && {
    authKem: { ...authKem, storedKey: shown, presentEarly: scenario.mutual ?? false },
  };
  const experiment = { client: { ...client, ...more, ...known }, server: { ...server, ...more } };
  const { resume = false, earlyData } = scenario;
  return resume || earlyData !== undefined ? resumed(experiment, earlyData) : experiment;
}

/**
 * The chosen one, and all that are offered by default but those that the same key could use in a handshake.
 * Where it is the client's alone (RFC 9963), the server's key has the others.
 */
function schemesWith(chosen: Scheme): readonly Scheme[] {
  const offered = schemes.some((scheme) => scheme === chosen) ? schemes : [...schemes, chosen];
  if (chosen.clientOnly) return offered;
  return offered.filter(
    (scheme) => scheme === chosen || scheme.keyType !== chosen.keyType || !scheme.inHandshake,
  );
}

/** RFC 9846 §4.3.3, RFC 9963 §2. */
function checkScheme(scheme: Scheme, mutual = false): void {
  if (!scheme.inHandshake) {
    throw new RangeError(`${scheme.name} signs certificates only, and no handshake`);
  }
  if (scheme.clientOnly && !mutual) {
    throw new RangeError(`${scheme.name} signs for clients only: set mutual`);
  }
}

function otherThan(group: Group): Group {
  const other = groups.find(
    (candidate) => candidate.kems.length === 1 && candidate.code !== group.code,
  );
  if (other === undefined) throw new RangeError(`there is no group but ${group.name}`);
  return other;
}
