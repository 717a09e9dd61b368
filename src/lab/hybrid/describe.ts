/** Puts a vector together from what was seen of a handshake. */
import type { Connection } from "../../connection/index.ts";
import { type Hash, noble, type RegisteredSuite, suites } from "../../crypto/index.ts";
import { type Group, groups } from "../../groups/index.ts";
import { messageType } from "../../messages/index.ts";
import type { Role } from "../../schedule/index.ts";
import { fromHex, toHex } from "../../wire/index.ts";
import type { TraceItem } from "../trace/reader.ts";
import type { Sent } from "../trace/watch.ts";
import type { Draft } from "./drawn-kem.ts";
import { findByName } from "./end.ts";
import type {
  Component,
  Exchange,
  FlightBytes,
  FurtherSecretName,
  GroupFacts,
  HandshakeInputs,
  HandshakeVector,
  Hex,
  NegotiatedParts,
  SecretName,
  TrafficKeys,
} from "./format.ts";
import {
  deriveExport,
  deriveKeys,
  deriveSecrets,
  type Secrets,
  trafficNames,
  usualExport,
} from "./secrets.ts";

export interface Seen {
  readonly sent: readonly (Sent | TraceItem)[];
  readonly flights: readonly FlightBytes[];
  readonly negotiated: NegotiatedParts;
  /** Of the ends that are ours. */
  readonly drafts: Readonly<Partial<Record<Role, readonly Draft[]>>>;
  readonly data: HandshakeVector["data"];
  readonly peerKeyLog?: readonly string[];
}

export function describeHandshake(inputs: HandshakeInputs, seen: Seen): HandshakeVector {
  const suite = findByName("cipher suite", suites, inputs.suite);
  const hash = noble.hashes[suite.hash];
  const { exchange, refused } = exchangeOf(inputs, seen.drafts);
  const messages = seen.sent.flatMap((sent) =>
    sent.kind === "message" ? [{ from: sent.from, bytes: sent.raw, epoch: sent.epoch }] : [],
  );
  const { psk } = inputs.session ?? inputs.key ?? {};
  const secrets = deriveSecrets(hash, {
    sharedSecret: fromHex(exchange.sharedSecret),
    psk: psk === undefined ? undefined : fromHex(psk),
    messages,
  });
  const { exports, ...determined } = inputs;
  return {
    ...determined,
    negotiated: seen.negotiated,
    exchange,
    ...(refused === undefined ? {} : { refused }),
    messages: messages.map(({ from, bytes, epoch }) => ({
      from,
      type: messageType(bytes) ?? "unknown",
      epoch,
      bytes: toHex(bytes),
    })),
    flights: seen.flights,
    data: seen.data,
    secrets: inHex(secrets),
    trafficKeys: keysOf(hash, secrets, suite),
    exported: toHex(deriveExport(hash, secrets.exporter, usualExport)),
    ...(exports && {
      exports: exports.map(({ secret, label, context, length }) => {
        const from = secrets[secret];
        if (from === undefined) throw new RangeError(`there is no ${secret} to export from`);
        const request = { label, context: fromHex(context), length };
        return { secret, label, context, length, bytes: toHex(deriveExport(hash, from, request)) };
      }),
    }),
    ...(seen.peerKeyLog === undefined ? {} : { peerKeyLog: seen.peerKeyLog }),
  };
}

/** @throws Error if the handshake is not over */
export function negotiatedParts({ role, negotiated }: Connection): NegotiatedParts {
  if (negotiated === undefined) throw new Error(`the ${role}'s handshake did not end`);
  const { cipherSuite, group, retried, resumed, signatureScheme, peerSignatureScheme, alpn } =
    negotiated;
  const own = signatureScheme ?? null;
  const peers = resumed ? null : (peerSignatureScheme ?? null);
  return {
    cipherSuite,
    group: group ?? "none",
    retried,
    resumed,
    serverSignature: role === "server" ? own : peers,
    clientSignature: role === "client" ? own : peers,
    ...(alpn === undefined ? {} : { alpn }),
  };
}

export const groupFacts = ({ name, code, kems }: Group): GroupFacts => ({
  name,
  code,
  components: kems.map((kem) => (typeof kem === "string" ? kem : kem.name)),
});

/** A share that was answered belongs to the exchange; one that was not, to the first ClientHello. */
function exchangeOf(
  inputs: HandshakeInputs,
  drafts: Seen["drafts"],
): { exchange: Exchange; refused?: HandshakeVector["refused"] } {
  const own = drafts.client ?? drafts.server ?? [];
  const answered = own.filter(({ sharedSecret }) => sharedSecret !== undefined);
  const components = answered.map((draft, index): Component => {
    const other = drafts.client && drafts.server?.[index];
    return inOrder({ ...draft, ...other });
  });
  const join = (member: "publicKey" | "ciphertext" | "sharedSecret"): Hex =>
    components.map((component) => component[member] ?? "").join("");
  const unanswered = own.filter(({ sharedSecret }) => sharedSecret === undefined);
  const exchange: Exchange = {
    clientShare: join("publicKey"),
    serverShare: join("ciphertext"),
    sharedSecret: join("sharedSecret"),
    components,
  };
  const [offered] = inputs.offer.shares;
  if (unanswered.length === 0 || offered === undefined) return { exchange };
  const group = groupFacts(findByName("group", groups, offered));
  return { exchange, refused: { group, components: unanswered.map(inOrder) } };
}

const members = [
  "kem",
  "privateKey",
  "publicKey",
  "randomness",
  "ciphertext",
  "sharedSecret",
] as const satisfies (keyof Component)[];

/** The members in one order, whoever wrote them down first: the file must be the same. */
function inOrder(draft: Draft): Component {
  const known = members.filter((member) => draft[member] !== undefined);
  return Object.fromEntries(known.map((member) => [member, draft[member]])) as unknown as Component;
}

const inHex = (secrets: Secrets): HandshakeVector["secrets"] =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, secret]) => [name, toHex(secret)]),
  ) as HandshakeVector["secrets"];

/** Keys and IVs of the traffic secrets (RFC 9846 §7.3). */
export function keysOf(
  hash: Hash,
  secrets: Secrets,
  suite: RegisteredSuite,
): HandshakeVector["trafficKeys"] {
  const { keyLength } = noble.aeads[suite.aead];
  const entries = trafficNames.flatMap((name): [string, TrafficKeys][] => {
    const secret = secrets[name];
    if (secret === undefined) return [];
    const { key, iv } = deriveKeys(hash, secret, keyLength);
    return [[name, { key: toHex(key), iv: toHex(iv) }]];
  });
  return Object.fromEntries(entries) as HandshakeVector["trafficKeys"];
}

/** The key log that follows from the secrets (RFC 9850), sorted. */
export function keyLogOf(vector: HandshakeVector): string[] {
  const hello = vector.messages.find(({ type }) => type === "client_hello");
  const random = hello?.bytes.slice(12, 76) ?? "";
  const labels: Readonly<Partial<Record<SecretName | FurtherSecretName, string>>> = {
    clientEarlyTraffic: "CLIENT_EARLY_TRAFFIC_SECRET",
    earlyExporter: "EARLY_EXPORTER_SECRET",
    clientHandshakeTraffic: "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    serverHandshakeTraffic: "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    clientApplicationTraffic: "CLIENT_TRAFFIC_SECRET_0",
    serverApplicationTraffic: "SERVER_TRAFFIC_SECRET_0",
    exporter: "EXPORTER_SECRET",
  };
  return Object.entries(labels)
    .flatMap(([name, label]) => {
      const secret = vector.secrets[name as SecretName];
      return secret === undefined ? [] : [`${label} ${random} ${secret}`];
    })
    .toSorted();
}
