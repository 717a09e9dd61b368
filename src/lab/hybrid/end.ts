/** An end of a handshake whose every byte follows from the vector. */
import {
  type ClientOptions,
  type Connection,
  createClientConnection,
  createServerConnection,
  type ServerOptions,
} from "../../connection/index.ts";
import { type Kem, type KemName, type Provider, seededRandom, suites } from "../../crypto/index.ts";
import { defineGroup, type Group, groups, isPostQuantum } from "../../groups/index.ts";
import {
  importPsk,
  MemoryReplayGuard,
  type OfferedPsk,
  type Tickets,
} from "../../handshake/index.ts";
import { createCredential, createTrustStore, type Credential } from "../../identity/index.ts";
import { type Observer, padToMultipleOf } from "../../record/index.ts";
import type { Role } from "../../schedule/index.ts";
import { clientOptions, serverOptions } from "../plan/end-options.ts";
import type { EndPlan } from "../plan/plan.ts";
import { equal, fromHex } from "../../wire/index.ts";
import type { Subject } from "../vectors/corpus.ts";
import { Unsupported } from "./adapter.ts";
import { type Draft, drawnKem } from "./drawn-kem.ts";
import type {
  VectorPlan,
  GroupFacts,
  HandshakeInputs,
  Identities,
  IdentityFacts,
  KeyFacts,
  SessionFacts,
} from "./format.ts";

export interface End {
  readonly connection: Connection;
  /** The components of its key exchanges, in the order in which they were made. */
  readonly drafts: readonly Draft[];
  readonly keyLog: readonly string[];
}

/**
 * @throws RangeError for what the vector names and the engine does not know; Unsupported if the
 * subject takes no seed
 */
export function createEnd(
  plan: VectorPlan,
  role: Role,
  subject: Subject,
  observer: Observer = {},
): End {
  const seed = plan.inputs.seeds[role];
  const provider = seed === undefined ? undefined : subject.seeded?.(seededRandom(seed));
  if (seed === undefined || provider === undefined)
    throw new Unsupported(`no seed for the ${role}`);
  const drafts: Draft[] = [];
  const keyLog: string[] = [];
  const drawn = seededRandom(`${seed}, key exchange`);
  const made = new Map<string, Group>();
  const parts: Parts = {
    plan,
    subject,
    provider,
    observer,
    keyLog: (line) => keyLog.push(line),
    groupOf(name) {
      const known = findByName("group", groups, name);
      const kemOf = (kem: KemName): Kem => drawnKem(kem, subject.provider, drawn, drafts);
      const group =
        made.get(name) ??
        defineGroup({ ...known, kems: known.kems.map((kem) => kemOf(kem as KemName)) });
      made.set(name, group);
      return group;
    },
  };
  const connection =
    role === "client"
      ? createClientConnection(clientOf(parts))
      : createServerConnection(serverOf(parts));
  return { connection, drafts, keyLog };
}

/** What the options of an end are made from. */
interface Parts {
  readonly plan: VectorPlan;
  readonly subject: Subject;
  readonly provider: Provider;
  readonly observer: Observer;
  readonly keyLog: (line: string) => void;
  readonly groupOf: (name: string) => Group;
}

/** Nothing is left to the engine's defaults that shows on the wire. */
const commonPlan = ({ plan: { inputs } }: Parts): EndPlan => ({
  suites: [inputs.suite],
  schemes: [inputs.signature],
  serverName: inputs.serverName,
  middleboxCompatibility: true,
  grease: false,
  ...(inputs.alpn && { alpn: inputs.alpn }),
  ...(inputs.recordSizeLimit !== undefined && { recordSizeLimit: inputs.recordSizeLimit }),
});

function commonParts({ plan: { inputs, identities }, ...parts }: Parts) {
  const { provider, keyLog, observer } = parts;
  return {
    provider,
    keyLog,
    observer,
    trust: createTrustStore(fromHex(identityOf(identities, inputs.signature).authority)),
    now: () => inputs.time,
    named: { groups: parts.groupOf },
    ...(inputs.padding !== undefined && { padding: padToMultipleOf(inputs.padding) }),
  };
}

function clientOf(parts: Parts): ClientOptions {
  const { inputs, identities, group } = parts.plan;
  const { client } = identityOf(identities, inputs.signature);
  const isAskedLater = inputs.feature === "later authentication";
  const isSomebody = inputs.kind === "mutual" || isAskedLater;
  const plan: EndPlan = {
    ...commonPlan(parts),
    ...inputs.offer,
    ...(isAskedLater && { laterRequests: 1 }),
    ...(inputs.early !== undefined && { earlyData: inputs.early.length / 2 }),
  };
  return clientOptions(plan, {
    ...commonParts(parts),
    serverName: inputs.serverName,
    credentials: isSomebody ? [credentialOf(parts.subject, client)] : [],
    psks: [
      ...(inputs.session === undefined ? [] : [pskOf(inputs.session, inputs, group)]),
      ...(inputs.key === undefined ? [] : [keyOf(inputs.key, inputs, parts.provider)]),
    ],
  });
}

function serverOf(parts: Parts): ServerOptions {
  const { inputs, identities, group } = parts.plan;
  const { server } = identityOf(identities, inputs.signature);
  const plan: EndPlan = {
    ...commonPlan(parts),
    groups: [group.name],
    clientAuthentication: inputs.kind === "mutual" ? "require" : "none",
    retryCookie: true,
    tickets: true,
    ...(inputs.earlyData !== undefined && { earlyData: inputs.earlyData }),
  };
  return serverOptions(plan, {
    ...commonParts(parts),
    credentials: [credentialOf(parts.subject, server)],
    tickets: ticketsOf(inputs, group, parts.provider.random),
    replayGuard: new MemoryReplayGuard(() => inputs.time - 3_600_000),
    lookUpPsk(identity: Uint8Array) {
      const key = inputs.key && keyOf(inputs.key, inputs, parts.provider);
      return key && equal(identity, key.identity) ? key : undefined;
    },
  });
}

function identityOf(identities: VectorPlan["identities"], scheme: string): Identities {
  const found = identities[scheme];
  if (found === undefined) throw new RangeError(`no identities for ${scheme}`);
  return found;
}

const credentials = new WeakMap<Subject, Map<string, Credential>>();

/** A signature that could be random is not: RFC 6979, and FIPS 204 §3.4 with zeros. */
function credentialOf(subject: Subject, { chain, privateKey }: IdentityFacts): Credential {
  const known = credentials.get(subject) ?? new Map<string, Credential>();
  credentials.set(subject, known);
  const credential =
    known.get(privateKey) ??
    createCredential({
      certificates: chain.map(fromHex),
      privateKey: fromHex(privateKey),
      provider: subject.seeded?.((length) => new Uint8Array(length)) ?? subject.provider,
    });
  known.set(privateKey, credential);
  return credential;
}

/** Tickets are random names; a server knows the one of the session. */
function ticketsOf(
  inputs: HandshakeInputs,
  group: GroupFacts,
  random: (length: number) => Uint8Array,
): Tickets {
  const { session } = inputs;
  const psk = session && pskOf(session, inputs, group);
  return {
    count: 1,
    lifetime: 7200,
    issue: () => random(32),
    redeem: (ticket) => (psk && equal(ticket, psk.identity) ? psk : undefined),
  };
}

function pskOf(session: SessionFacts, inputs: HandshakeInputs, group: GroupFacts): OfferedPsk {
  const suite = findByName("cipher suite", suites, inputs.suite);
  return {
    identity: fromHex(session.ticket),
    secret: fromHex(session.psk),
    hash: suite.hash,
    kind: "resumption",
    origin: {
      suite: suite.code,
      serverName: inputs.serverName,
      group: group.name,
      postQuantum: isPostQuantum(findByName("group", groups, group.name)),
      peerSignatureScheme: inputs.signature,
      issuedAt: session.issuedAt,
      authenticatedAt: session.issuedAt,
      lifetime: session.lifetime,
      ageAdd: session.ageAdd,
      maxEarlyData: session.maxEarlyData ?? 0,
      ...(inputs.alpn === undefined ? {} : { alpn: inputs.alpn[0] }),
    },
  };
}

function keyOf(
  { identity, psk, imported }: KeyFacts,
  { suite }: HandshakeInputs,
  provider: Provider,
): OfferedPsk {
  const { hash } = findByName("cipher suite", suites, suite);
  if (imported === undefined) {
    return { identity: fromHex(identity), secret: fromHex(psk), hash, kind: "external" };
  }
  const external = {
    identity: fromHex(imported.identity),
    secret: fromHex(imported.secret),
    context: fromHex(imported.context),
  };
  return importPsk(provider, external, hash);
}

export function findByName<T extends { readonly name: string }>(
  what: string,
  entries: readonly T[],
  name: string,
): T {
  const found = entries.find((entry) => entry.name === name);
  if (found === undefined) throw new RangeError(`no ${what} is named ${name}`);
  return found;
}
