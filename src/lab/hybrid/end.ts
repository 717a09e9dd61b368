/** An end of a handshake whose every byte follows from the vector. */
import {
  type ClientOptions,
  type Connection,
  createClient,
  createServer,
  type ServerOptions,
} from "../../connection/index.ts";
import {
  type Kem,
  type KemName,
  type Provider,
  schemes,
  seededRandom,
  suites,
} from "../../crypto/index.ts";
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
import { equal, fromHex } from "../../wire/index.ts";
import type { Subject } from "../vectors/corpus.ts";
import { Unsupported } from "./adapter.ts";
import { type Draft, drawnKem } from "./drawn-kem.ts";
import type {
  EndPlan,
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
  plan: EndPlan,
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
  const parts: Parts = {
    plan,
    subject,
    provider,
    observer,
    keyLog: (line) => keyLog.push(line),
    groupOf(name) {
      const known = findByName("group", groups, name);
      const kemOf = (kem: KemName): Kem => drawnKem(kem, subject.provider, drawn, drafts);
      return defineGroup({ ...known, kems: known.kems.map((kem) => kemOf(kem as KemName)) });
    },
  };
  const connection =
    role === "client" ? createClient(clientOptions(parts)) : createServer(serverOptions(parts));
  return { connection, drafts, keyLog };
}

/** What the options of an end are made from. */
interface Parts {
  readonly plan: EndPlan;
  readonly subject: Subject;
  readonly provider: Provider;
  readonly observer: Observer;
  readonly keyLog: (line: string) => void;
  readonly groupOf: (name: string) => Group;
}

/** Nothing is left to the engine's defaults that shows on the wire. */
function commonOptions({ plan: { inputs, identities }, provider, observer, keyLog }: Parts) {
  return {
    provider,
    suites: [findByName("cipher suite", suites, inputs.suite)],
    schemes: [findByName("signature scheme", schemes, inputs.signature)],
    trust: createTrustStore(fromHex(identityOf(identities, inputs.signature).authority)),
    now: () => inputs.time,
    middleboxCompatibility: true,
    grease: false,
    keyLog,
    observer,
    ...(inputs.alpn === undefined ? {} : { alpn: inputs.alpn }),
    ...(inputs.recordSizeLimit === undefined ? {} : { recordSizeLimit: inputs.recordSizeLimit }),
    ...(inputs.padding === undefined ? {} : { padding: padToMultipleOf(inputs.padding) }),
  };
}

function clientOptions(parts: Parts): ClientOptions {
  const { inputs, identities, group } = parts.plan;
  const { client } = identityOf(identities, inputs.signature);
  const offered = inputs.offer.groups.map(parts.groupOf);
  const isAskedLater = inputs.feature === "later authentication";
  return {
    ...commonOptions(parts),
    serverName: inputs.serverName,
    groups: offered,
    shares: offered.filter(({ name }) => inputs.offer.shares.includes(name)),
    credentials:
      inputs.kind === "mutual" || isAskedLater ? [credentialOf(parts.subject, client)] : [],
    postHandshakeAuthentication: isAskedLater,
    psks: [
      ...(inputs.session === undefined ? [] : [pskOf(inputs.session, inputs, group)]),
      ...(inputs.key === undefined ? [] : [keyOf(inputs.key, inputs, parts.provider)]),
    ],
    ...(inputs.early === undefined ? {} : { earlyData: "safe-to-replay" as const }),
  };
}

function serverOptions(parts: Parts): ServerOptions {
  const { inputs, identities, group } = parts.plan;
  const { server } = identityOf(identities, inputs.signature);
  return {
    ...commonOptions(parts),
    groups: [parts.groupOf(group.name)],
    credentials: [credentialOf(parts.subject, server)],
    clientAuthentication: inputs.kind === "mutual" ? "require" : "none",
    retryCookie: true,
    tickets: ticketsOf(inputs, group, parts.provider.random),
    ...(inputs.earlyData === undefined
      ? {}
      : {
          earlyData: {
            maxSize: inputs.earlyData,
            replayGuard: new MemoryReplayGuard(() => inputs.time - 3_600_000),
          },
        }),
    lookUpPsk(identity: Uint8Array) {
      const key = inputs.key && keyOf(inputs.key, inputs, parts.provider);
      return key && equal(identity, key.identity) ? key : undefined;
    },
  };
}

function identityOf(identities: EndPlan["identities"], scheme: string): Identities {
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
