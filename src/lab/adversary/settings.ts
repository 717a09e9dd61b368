/** What the handshakes of a search are where nobody attacks, as data: who proves what by what, and what travels. */
import type { Both } from "../../connection/pump.ts";
import { groups } from "../../groups/index.ts";
import { type CredentialName, wrongCertificates } from "../plan/credential-names.ts";
import type { EndPlan, Plan } from "../plan/plan.ts";
import { setupOf } from "./laboratory.ts";
import type { Draws } from "./mutate.ts";

/** Parts of a plan, laid over what all handshakes of a search have in common. */
export interface Kind extends Pick<Plan, "both" | "client" | "server" | "earlier"> {
  /** How often it is chosen, beside the others. Default: 4. */
  readonly times?: number;
  /** The server is none to be trusted: a client that opens has overlooked it. */
  readonly refused?: true;
}

/** What both ends offer: not all that they could, so that there is something that was not offered. */
export const offeredSchemes: readonly string[] = [
  "ed25519",
  "ecdsa_secp256r1_sha256",
  "rsa_pss_rsae_sha256",
  "rsa_pss_rsae_sha512",
];
const common: EndPlan = {
  schemes: offeredSchemes,
  alpn: ["h2", "http/1.1"],
  recordSizeLimit: 2 ** 14 + 1,
};

/** Bytes of 0-RTT data. */
const earlyLimit = 1000;
const early: EndPlan = { earlyData: earlyLimit };
const external: EndPlan = { externalKey: "5a".repeat(32) };
const encapsulating = ["ML-KEM-768", "ed25519"] as const;
const authKem: EndPlan = { authKem: true, chain: encapsulating };
const require: EndPlan = { clientAuthentication: "require" };

/** Each tells no more than once, so that it need not come often. */
const impostor = (credential: CredentialName): Kind => ({
  times: 1,
  refused: true,
  server: { credential },
});
const untrusted = ["expired", "other-name", "unknown-ca", ...wrongCertificates] as const;
const impostors = Object.fromEntries(
  untrusted.map((credential) => [credential, impostor(credential)]),
) as Record<(typeof untrusted)[number], Kind>;

/** The table of settings: a row for each kind of handshake. */
export const kinds = {
  certificate: { times: 64 },
  mutual: { times: 16, server: require },
  "without a certificate": {
    client: { anonymous: true },
    server: { clientAuthentication: "request" },
  },
  resumed: { times: 16, earlier: true },
  early: { times: 16, both: early, earlier: true },
  // Two requests, so that an answer can come to the wrong one
  later: { times: 16, both: { laterRequests: 2 } },
  ecdsa: { times: 8, server: { credential: "ecdsa" } },
  // Several schemes for one key, more slowly
  rsa: { times: 8, server: { credential: "rsa" } },
  "raw key": { times: 8, both: { rawKeys: true }, server: { credential: "raw-key" } },
  delegated: {
    times: 8,
    client: { delegatedSchemes: ["ecdsa_secp256r1_sha256"] },
    server: { credential: "delegating" },
  },
  compressed: { times: 8, both: { compression: true }, server: require },
  "external key": { times: 8, both: external },
  "imported key": { both: { ...external, keyContext: "A to B" } },
  "key alone": { times: 8, both: { ...external, allowPskOnly: true } },
  "session and key": { both: external, earlier: true },
  "early, session and key": { both: { ...external, ...early }, earlier: true },
  "key that encapsulates": { both: authKem },
  "keys that encapsulate": { both: authKem, server: require },
  "stored key": { both: authKem, client: { storedKey: encapsulating } },
  "stored key, and the client at once": {
    both: authKem,
    client: { storedKey: encapsulating, presentEarly: true },
    server: require,
  },
  "small records": {
    times: 8,
    both: { records: 3 },
    client: { recordSizeLimit: 100 },
    server: { recordSizeLimit: 2000 },
  },
  "several groups": {
    times: 8,
    both: { groups: ["X25519MLKEM768", "x25519", "secp256r1"] },
    client: { shares: ["x25519"] },
    server: { preference: "client" },
  },
  "retry with a cookie": { times: 8, client: { shares: [] }, server: { retryCookie: true } },
  grease: { times: 8, both: { grease: true } },
  closing: { both: { close: true } },
  ...impostors,
} as const satisfies Readonly<Record<string, Kind>>;
export type KindName = keyof typeof kinds;

/** One kind of handshake, with the key exchange that it has. */
export interface Handshake {
  readonly kind: KindName;
  readonly group: string;
  readonly retry: boolean;
  /** Each end changes its keys before its data. */
  readonly updateKeys: boolean;
}

const names = (Object.entries(kinds) as [KindName, Kind][]).flatMap(([name, { times = 4 }]) =>
  Array.from({ length: times }, () => name),
);

/** All kinds, and all groups, the fast one more often. */
export function chooseHandshake(roll: Draws): Handshake {
  return {
    kind: names[roll(names.length)]!,
    group: roll(5) === 0 ? groups[roll(groups.length)]!.name : "x25519",
    retry: roll(6) === 0,
    updateKeys: roll(6) === 0,
  };
}

export const kindOf = ({ kind }: Pick<Handshake, "kind">): Kind => kinds[kind];

/** The parts of a plan that a handshake is, without an adversary. */
export function planOf(handshake: Handshake): Omit<Kind, "times" | "refused"> {
  const { group, retry, updateKeys } = handshake;
  const { both, client, server, earlier } = kindOf(handshake);
  const hasOwnGroups = both?.groups !== undefined;
  return {
    both: { ...common, groups: [group], ...(updateKeys && { updateKeys }), ...both },
    client: { ...(retry && !hasOwnGroups && retried(group)), ...client },
    server: { tickets: "sealed", ...server },
    ...(earlier && { earlier }),
  };
}

/** What each end is. */
export function endsOfHandshake(handshake: Handshake): Both<EndPlan> {
  const plan = planOf(handshake);
  return { client: setupOf(plan, "client"), server: setupOf(plan, "server") };
}

/** A retry comes from a client whose first share is for another group, whatever its session was made with. */
export function retried(group: string): Pick<EndPlan, "groups" | "shares"> {
  const other = group === "secp256r1" ? "x25519" : "secp256r1";
  return { groups: [other, group], shares: [other] };
}
