/**
 * The two ends of an experiment's handshake. What data can say of them is a plan; the values that its names stand for
 * are made here: keys and certificates from a seed, stand-ins for what does not run, and counters of what is computed.
 */
import { type ClientOptions, type ServerOptions, verifyAgainst } from "../../connection/index.ts";
import {
  createNoble,
  extendProvider,
  type Provider,
  type Scheme,
  schemes,
  seededRandom,
  type Suite,
} from "../../crypto/index.ts";
import type { Group } from "../../groups/index.ts";
import type { CertificateCompressor, VerifyPeer } from "../../handshake/index.ts";
import { createTrustStore } from "../../identity/index.ts";
import { defaultLimits } from "../../record/index.ts";
import { NamedGroup } from "../../registry/index.ts";
import type { Role } from "../../schedule/index.ts";
import { labTime } from "../adversary/lab-pki.ts";
import { clientOptions, serverOptions } from "../plan/end-options.ts";
import { type EndPlan, endPlanOf, type Plan } from "../plan/plan.ts";
import type { KemSize, SignatureSize } from "../sizes/index.ts";
import { type BuiltChain, buildChain, type ChainPlan, withLabRsa } from "./chain.ts";
import { DualChains } from "./dual-chains.ts";
import { kemSchemeFor } from "./kem-leaf.ts";
import { counted, countedKem, countedScheme, OperationLog } from "./operations.ts";
import { hostScheme, StandInKeys, standInKem } from "./stand-in.ts";

/** What a handshake is made of, all names resolved. */
export interface HandshakePlan {
  /** Of the key exchange. */
  readonly group: GroupPlan;
  /** The only one of both ends. */
  readonly suite: Suite;
  /** The server's; of a mutual handshake the client's too. */
  readonly chain: ChainPlan;
  /** The client has a chain of the same kind, and the server insists on it. */
  readonly mutual: boolean;
  /** The client knows the server's key before, one of a KEM; in a mutual handshake it shows its own chain at once. */
  readonly storedKey?: boolean;
  /** The client resumes a session of an earlier handshake, which does not count. */
  readonly resumed: boolean;
  /** Bytes that a client that resumes sends with its first flight. */
  readonly earlyData: number;
  /** Of certificates (RFC 8879). Default: none. */
  readonly compression?: CertificateCompressor;
  /** What the ClientHello looks like. */
  readonly hello: HelloProfile;
  /** Bytes of application data that the client sends when it may. */
  readonly request: number;
  /** Bytes of application data that the server answers with. */
  readonly payload: number;
}

/** A group of the engine's or the caller's, or one put together from parts of which some are sizes only. */
export interface GroupPlan {
  /** Of parts: their names with + between them. */
  readonly name: string;
  /** NamedGroup; of parts one for private use, 0xfe30. */
  readonly code: number;
  /** In the order of the wire. */
  readonly kems: readonly (Group["kems"][number] | KemSize)[];
}

/** `lean`: one group; `browser`: two shares, ALPN and GREASE; `retry`: a share that the server does not take. */
export type HelloProfile = "lean" | "browser" | "retry";

/** Both ends, what each of them computes, and what it proves its identity with. */
export interface Ends {
  /** Options of its connections. */
  readonly client: ClientOptions;
  /** Options of its connections. */
  readonly server: ServerOptions;
  /** What each end computes from now on. */
  readonly logs: Readonly<Record<Role, OperationLog>>;
  /** The client has one in a mutual handshake. */
  readonly chains: { readonly client?: BuiltChain; readonly server: BuiltChain };
}

const names: Readonly<Record<Role, string>> = {
  client: "client.example",
  server: "server.example",
};

/**
 * Both ends of a plan, before anything is sent. Certificates and their keys follow from the seed.
 *
 * @param cryptography what the ends compute with; default: noble, with randomness from the seed
 */
export function endsOf(plan: HandshakePlan, seed: string, cryptography?: Provider): Ends {
  const standIns = new StandInKeys();
  const seeded = (part: string): Provider =>
    createNoble({ random: seededRandom(`${seed}/${part}`) });
  const { leaf, kem, ocsp, timestamps, second } = plan.chain;
  const own = ownSchemes(plan.chain);
  const endFor = (role: Role) => {
    const log = new OperationLog();
    const provider = standIns.within(counted(withLabRsa(cryptography ?? seeded(role)), log), log);
    const group = groupFor(plan.group, provider, log);
    const signing = [...schemes, ...own.map((scheme) => countedScheme(scheme, log))];
    const duals = new DualChains();
    const schemeOf = (size: SignatureSize): Scheme =>
      signing.find(({ code }) => code === size.scheme?.code) ?? hostScheme;
    const dualScheme = second && duals.scheme(schemeOf(leaf), schemeOf(second.leaf), provider);
    // A peer takes all of them; which one is used is up to the leaf
    const known = dualScheme === undefined ? signing : [...signing, dualScheme];
    const kemScheme = kem && kemSchemeFor(kem, provider, log);
    return {
      log,
      plan: endPlanOf(planOf(plan, known), role),
      chain: {
        name: names[role],
        usage: role,
        signing: provider,
        schemes: signing,
        ...(kemScheme && { kemScheme }),
        ...(dualScheme && { dualScheme }),
      },
      parts: {
        provider,
        now: () => labTime,
        named: {
          groups: (name: string) => (name === group.name ? group : name),
          suites: [plan.suite],
          schemes: known,
        },
      },
      /** How it verifies dual chains; of one chain connections do it by themselves. */
      dualVerifier: (chain: BuiltChain): VerifyPeer | undefined => {
        if (chain.second === undefined) return undefined;
        const by = ({ anchors }: BuiltChain): VerifyPeer =>
          verifyAgainst(createTrustStore(anchors), { schemes: signing });
        const length = chain.credential.chain.length - chain.second.credential.chain.length;
        return duals.verifier(length, by(chain), by(chain.second));
      },
      /** What a plan has no word for. */
      rest: {
        limits: { handshakeMessage: largest, certificates: defaultLimits.certificates },
        ...(kemScheme && { authKem: { schemes: [kemScheme] } }),
        ...(plan.compression && { certificateCompression: [plan.compression] }),
        ...(ocsp || timestamps.length > 0 ? { stapling: true } : {}),
      },
    };
  };
  const [ours, theirs] = [endFor("client"), endFor("server")];
  const workshop = {
    provider: extendProvider(standIns.within(withLabRsa(seeded("workshop"))), { schemes: own }),
    standIns,
    now: labTime,
  };
  const server = buildChain(plan.chain, workshop, theirs.chain);
  const client = plan.mutual ? buildChain(plan.chain, workshop, ours.chain) : undefined;
  const [verifyServer, verifyClient] = [
    ours.dualVerifier(server),
    client && theirs.dualVerifier(client),
  ];
  return {
    logs: { client: ours.log, server: theirs.log },
    chains: { server, ...(client && { client }) },
    client: {
      ...clientOptions(ours.plan, {
        ...ours.parts,
        serverName: names.server,
        trust: createTrustStore(server.anchors),
        credentials: client === undefined ? [] : [client.credential],
        psks: [],
      }),
      ...ours.rest,
      ...(plan.storedKey && {
        authKem: {
          ...ours.rest.authKem,
          storedKey: server.credential,
          presentEarly: plan.mutual,
        },
      }),
      ...(verifyServer && { verifyServer }),
      ...(plan.hello === "browser" && { stapling: true }),
    },
    server: {
      ...serverOptions(theirs.plan, {
        ...theirs.parts,
        trust: createTrustStore((client ?? server).anchors),
        credentials: [server.credential],
      }),
      ...theirs.rest,
      ...(verifyClient && { verifyClient }),
    },
  };
}

/** Those of a chain that nobody takes unasked: the caller's own, and SLH-DSA. */
const ownSchemes = ({ leaf, intermediates, root, timestamps, second }: ChainPlan): Scheme[] => {
  const others = second && [second.leaf, ...second.intermediates, second.root];
  const used = [leaf, ...intermediates, root, ...timestamps, ...(others ?? [])].flatMap(
    ({ scheme }) => scheme ?? [],
  );
  return [...new Set(used.filter((scheme) => !usual.has(scheme)))];
};

const usual: ReadonlySet<Scheme> = new Set(schemes);

/** Some keys and signatures are longer than the engine takes by default. */
const largest = 0xff_ffff;

/** What of a handshake is data. */
const planOf = (
  { group, suite, mutual, hello }: HandshakePlan,
  taken: readonly { readonly name: string }[],
): Plan => ({
  name: "experiment",
  both: { suites: [suite.name], schemes: taken.map(({ name }) => name) },
  client: helloOf(hello, group),
  server: {
    groups: [group.name],
    clientAuthentication: mutual ? "require" : "none",
    ...(hello === "browser" && { alpn: ["h2"] }),
  },
});

function helloOf(profile: HelloProfile, { name, code }: GroupPlan): EndPlan {
  if (profile === "lean") return { groups: [name] };
  // x25519 is what browsers send a second share of
  const other = code === NamedGroup.x25519 ? "secp256r1" : "x25519";
  if (profile === "retry") return { groups: [other, name], shares: [other] };
  const groups = [name, other];
  return { groups, shares: groups, grease: true, alpn: ["h2", "http/1.1"] };
}

function groupFor({ name, code, kems }: GroupPlan, provider: Provider, log: OperationLog): Group {
  return {
    name,
    code,
    kems: kems.map((kem) => {
      if (typeof kem === "string") return kem;
      return countedKem("generate" in kem ? kem : standInKem(kem, provider.random), log);
    }),
  };
}
