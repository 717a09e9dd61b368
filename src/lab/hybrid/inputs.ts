/** What determines the vectors of a seed: times, names, seeds of the ends, certificates. */
import {
  createNoble,
  noble,
  type RegisteredScheme,
  schemes,
  seededRandom,
  suites,
} from "../../crypto/index.ts";
import type { Group } from "../../groups/index.ts";
import {
  createDevelopmentCa,
  encodePrivateKey,
  type IssuedCredential,
} from "../../identity/index.ts";
import { decodeMessage } from "../../messages/index.ts";
import { fromHex, toHex, utf8 } from "../../wire/index.ts";
import { groupFacts } from "./describe.ts";
import type { Role } from "../../schedule/index.ts";
import { findByName } from "./end.ts";
import { features } from "./features.ts";
import type {
  FeatureName,
  HandshakeInputs,
  HandshakeVector,
  Identities,
  IdentityFacts,
  KeyFacts,
  SessionFacts,
} from "./format.ts";
import { deriveBinderKey, deriveImported, derivePsk } from "./secrets.ts";

/** The seed of the vectors in this repository. */
export const defaultSeed = "kemistry hybrid vectors";

export const usualScheme = "ecdsa_secp256r1_sha256";

/** 2 November 2026, noon UTC. */
const vectorTime = Date.UTC(2026, 10, 2, 12);
const serverName = "server.example";

export function inputsOf(
  group: Group,
  seed: string,
  what: Pick<HandshakeInputs, "kind" | "suite" | "signature">,
): HandshakeInputs {
  const { kind, suite, signature } = what;
  const name = `${kind} ${suite}${signature === usualScheme ? "" : ` ${signature}`}`;
  const own = `${seed}, ${group.name}, ${name}`;
  return {
    name,
    ...what,
    serverName,
    time: vectorTime,
    seeds: { client: `${own}, client`, server: `${own}, server` },
    offer: offerOf(group, kind),
  };
}

/** Of a handshake for a feature. */
export function featureInputs(group: Group, seed: string, feature: FeatureName): HandshakeInputs {
  const { kind, suite, resumes: _, key, ...facts } = features[feature];
  const inputs = inputsOf(group, seed, { kind, suite, signature: usualScheme });
  const name = `${feature} ${suite}`;
  const own = `${seed}, ${group.name}, ${name}`;
  return {
    ...inputs,
    name,
    feature,
    seeds: { client: `${own}, client`, server: `${own}, server` },
    ...facts,
    ...(key && { key: keyFacts(key, suite, own) }),
  };
}

/**
 * Of a full handshake in which the shared secret of a component begins with a zero byte.
 *
 * @param attempt how many seeds before this one gave another first byte
 */
export function zeroInputs(
  group: Group,
  seed: string,
  leadingZero: number,
  attempt: number,
): HandshakeInputs {
  const suite = "TLS_AES_128_GCM_SHA256";
  const inputs = inputsOf(group, seed, { kind: "full", suite, signature: usualScheme });
  const { components } = groupFacts(group);
  const name = `leading zero of ${components[leadingZero]} ${suite}`;
  const own = `${seed}, ${group.name}, ${name}, attempt ${attempt}`;
  return {
    ...inputs,
    name,
    leadingZero,
    seeds: { client: `${own}, client`, server: `${own}, server` },
  };
}

function keyFacts(kind: "external" | "imported", suite: string, own: string): KeyFacts {
  const hash = noble.hashes[findByName("cipher suite", suites, suite).hash];
  const identity = utf8(`${kind} key`);
  const secret = seededRandom(`${own}, key`)(32);
  if (kind === "external") {
    const binderKey = deriveBinderKey(hash, secret, kind);
    return { identity: toHex(identity), psk: toHex(secret), binderKey: toHex(binderKey) };
  }
  const context = utf8("both ends know this");
  const made = deriveImported(noble.hashes.sha256, hash, { identity, secret, context });
  return {
    identity: toHex(made.identity),
    psk: toHex(made.psk),
    binderKey: toHex(deriveBinderKey(hash, made.psk, kind)),
    imported: { identity: toHex(identity), secret: toHex(secret), context: toHex(context) },
  };
}

/** Of a handshake that is recorded: only our own end has a seed. */
export function recordedInputs(
  group: Group,
  seed: string,
  role: Role,
  what: Pick<HandshakeInputs, "kind" | "suite" | "signature">,
): HandshakeInputs {
  const inputs = inputsOf(group, `${seed}${recorded}`, what);
  return {
    ...inputs,
    name: `${role} ${inputs.name}`,
    seeds: { [role]: inputs.seeds[role] },
  };
}

const recorded = ", recorded";

/** The seed of a recording from that of one of its ends; all of it where it has another form. */
export function seedOfRecorded(own: string, group: string): string {
  const end = own.lastIndexOf(`${recorded}, ${group}, `);
  return end < 0 ? own : own.slice(0, end);
}

/** For a retry the first share is of a group that the server does not want. */
function offerOf(group: Group, kind: HandshakeInputs["kind"]): HandshakeInputs["offer"] {
  if (kind !== "retry") return { groups: [group.name], shares: [group.name] };
  const other = group.name === "x25519" ? "secp256r1" : "x25519";
  return { groups: [other, group.name], shares: [other] };
}

/** Resumes a handshake a minute later, so that the age of its ticket is something. */
export const resume = (inputs: HandshakeInputs, first: HandshakeVector): HandshakeInputs => ({
  ...inputs,
  time: first.time + 60_000,
  session: sessionOf(first),
});

/** What the ticket of a handshake allows to resume. */
function sessionOf({ name, suite, messages, secrets, time }: HandshakeVector): SessionFacts {
  const message = messages.find(({ type }) => type === "new_session_ticket");
  if (message === undefined) throw new Error(`${name} brought no ticket`);
  const { body } = decodeMessage("new_session_ticket", fromHex(message.bytes));
  const hash = noble.hashes[findByName("cipher suite", suites, suite).hash];
  const psk = derivePsk(hash, fromHex(secrets.resumption), body.ticketNonce);
  return {
    from: name,
    ticket: toHex(body.ticket),
    psk: toHex(psk),
    binderKey: toHex(deriveBinderKey(hash, psk)),
    issuedAt: time,
    lifetime: body.ticketLifetime,
    ageAdd: body.ticketAgeAdd,
    ...(body.extensions.early_data === undefined
      ? {}
      : { maxEarlyData: body.extensions.early_data }),
  };
}

const made = new Map<string, Identities>();

/** The same for every group of a seed. */
export function identitiesOf(names: readonly string[], seed: string): Record<string, Identities> {
  const entries = names.map((name): [string, Identities] => {
    const own = `${seed}, identities, ${name}`;
    const known = made.get(own) ?? makeIdentities(findByName("scheme", schemes, name), own);
    made.set(own, known);
    return [name, known];
  });
  return Object.fromEntries(entries);
}

function makeIdentities({ keyType }: RegisteredScheme, seed: string): Identities {
  const provider = createNoble({ random: seededRandom(seed) });
  const ca = createDevelopmentCa({ provider, algorithm: keyType, now: vectorTime });
  return {
    authority: toHex(ca.certificate.der),
    server: identityFacts(ca.issue({ names: [serverName] })),
    client: identityFacts(ca.issue({ names: ["client.example"], usage: "client" })),
  };
}

function identityFacts({ chain, privateKey }: IssuedCredential): IdentityFacts {
  const publicKey = chain[0]?.publicKey.key ?? new Uint8Array();
  const { type, key, seed } = privateKey;
  const generated = { type, publicKey, privateKey: key, ...(seed && { seed }) };
  const form = seed === undefined ? "both" : "seed";
  return {
    chain: chain.map(({ der }) => toHex(der)),
    privateKey: toHex(encodePrivateKey(generated, form).pkcs8),
  };
}
