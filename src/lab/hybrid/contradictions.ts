/**
 * What a file of vectors says against itself. Every field follows from a seed or from the bytes on the
 * wire: it is made from them once more and compared, so that a field is right or is named here by its
 * path. The bytes on the wire themselves are for an adapter's whole end to judge.
 */
import { noble, suites } from "../../crypto/index.ts";
import { type Group, groups } from "../../groups/index.ts";
import { messageType } from "../../messages/index.ts";
import type { Role } from "../../schedule/index.ts";
import { fromHex, toHex } from "../../wire/index.ts";
import type { Sent } from "../trace/watch.ts";
import { describeHandshake, groupFacts, keyLogOf, keysOf } from "./describe.ts";
import { draftsAgain } from "./drawn-again.ts";
import { findByName } from "./end.ts";
import { features } from "./features.ts";
import {
  formatVersion,
  type HandshakeFile,
  handshakeFormat,
  type HandshakeInputs,
  type HandshakeVector,
  type ShareFile,
} from "./format.ts";
import { type HelloFacts, readHellos } from "./hello-facts.ts";
import {
  featureInputs,
  identitiesOf,
  inputsOf,
  recordedInputs,
  resume,
  seedOfRecorded,
  zeroInputs,
} from "./inputs.ts";
import { providerAdapter } from "./provider-adapter.ts";
import { openFlights, type Opened } from "./records.ts";
import { type Secrets, trafficNames } from "./secrets.ts";
import { sharesAround } from "./wrong-shares.ts";

type File = HandshakeFile | ShareFile;

/** What the heading of a file says against itself, by path. */
export function headingContradictions(file: File): string[] {
  const { version, license, origin, group, identities } = file;
  const { kind } = origin;
  return differences(
    { version, license, origin, group, identities },
    {
      version: formatVersion,
      license: "MIT",
      origin: kind === "generated" ? { kind, seed: origin.seed } : { kind, peer: origin.peer },
      group: groupFacts(groupOf(file)),
      identities: identitiesOf(Object.keys(identities), seedOf(file)),
    },
  );
}

/** What a handshake says against itself and against the rest of its file, by path. */
export function contradictions(file: File, vector: HandshakeVector): string[] {
  const keys = keyContradictions(vector);
  if (keys.length > 0) return keys;
  const opened = openFlights(vector, providerAdapter(noble).openRecord!);
  const messages = messageContradictions(vector, opened);
  if (messages.length > 0) return messages;
  return [
    ...zeroContradictions(vector),
    ...differences(vector, describeAgain(file, vector, opened)),
  ];
}

function zeroContradictions({ leadingZero, exchange: { components } }: HandshakeVector): string[] {
  const isRight =
    leadingZero === undefined || components[leadingZero]?.sharedSecret?.startsWith("00") === true;
  return isRight ? [] : ["leadingZero is of no component whose secret begins with zero"];
}

function keyContradictions({ suite: name, secrets, trafficKeys }: HandshakeVector): string[] {
  const suite = findByName("cipher suite", suites, name);
  const bytes = Object.fromEntries(
    Object.entries(secrets).map(([secret, hex]) => [secret, fromHex(hex)]),
  ) as Secrets;
  const keys = keysOf(noble.hashes[suite.hash], bytes, suite);
  const named = new Set([...trafficNames, ...(Object.keys(trafficKeys) as typeof trafficNames)]);
  return [...named].flatMap((each) =>
    differences(trafficKeys[each], keys[each], `trafficKeys.${each}`).map(
      (problem) => `${problem} from secrets.${each}`,
    ),
  );
}

/** The flights are opened, and hold the messages. */
function messageContradictions({ messages }: HandshakeVector, opened: Opened): string[] {
  const held = opened.messages.flatMap(({ from, bytes, epoch, flight }, index) => {
    const message = { from, type: messageType(bytes) ?? "unknown", epoch, bytes: toHex(bytes) };
    const problems = differences(messages[index], message, `messages[${index}]`);
    return problems.map((problem) => `${problem} from flights[${flight}]`);
  });
  const missing = messages.slice(opened.messages.length);
  return [...held, ...missing.map(({ type }) => `messages: the flights hold no such ${type}`)];
}

/** What the wrong shares say against their handshake and the rules by which they are made, by path. */
export function shareContradictions(file: ShareFile): string[] {
  const made = sharesAround(groupOf(file), seedOf(file), file.handshake);
  return file.shares.flatMap((share, index) => {
    const same = made.find(({ name }) => name === share.name);
    return same === undefined
      ? [`shares[${index}].name is of no share that is made`]
      : differences(share, same, `shares[${index}]`);
  });
}

/** The same vector from its wire and its seeds. */
function describeAgain(file: File, vector: HandshakeVector, opened: Opened): HandshakeVector {
  const facts = readHellos(opened.messages);
  const inputs = {
    ...inputsAgain(file, vector, facts),
    ...(opened.early.length > 0 && { early: toHex(opened.early) }),
  };
  const again = describeHandshake(inputs, {
    sent: opened.messages.map(({ from, bytes, epoch }): Sent => ({
      kind: "message",
      from,
      raw: bytes,
      epoch,
    })),
    flights: vector.flights.map(({ from, bytes }) => ({ from, bytes })),
    // What is on the wire does not tell a ticket from another key
    negotiated: {
      ...facts.negotiated,
      resumed: facts.negotiated.resumed && inputs.key === undefined,
    },
    drafts: draftsAgain(inputs, groupOf(file), facts.shares),
    data: { client: toHex(opened.data.client), server: toHex(opened.data.server) },
  });
  return file.origin.kind === "recorded" ? { ...again, peerKeyLog: keyLogOf(again) } : again;
}

/** What must have determined the handshake, by the seed and by what its messages say. */
function inputsAgain(file: File, vector: HandshakeVector, facts: HelloFacts): HandshakeInputs {
  const { kind, signature, negotiated } = facts;
  const what = { kind, suite: negotiated.cipherSuite, signature };
  const group = groupOf(file);
  const { feature, leadingZero } = vector;
  if (feature !== undefined && feature in features) {
    const own = featureInputs(group, seedOf(file), feature);
    const { resumes } = features[feature];
    const first = fullOf(file, (other) => other.feature === resumes);
    return resumes === undefined || first === undefined ? own : resume(own, first);
  }
  if (leadingZero !== undefined) {
    const [, attempt] = /attempt (\d+), client$/.exec(vector.seeds.client ?? "") ?? [];
    return zeroInputs(group, seedOf(file), leadingZero, Number(attempt));
  }
  const role: Role = vector.seeds.client === undefined ? "server" : "client";
  const recorded = file.origin.kind === "recorded";
  const inputs = recorded
    ? recordedInputs(group, seedOf(file), role, what)
    : inputsOf(group, seedOf(file), what);
  if (kind !== "resumed") return inputs;
  const prefix = recorded ? `${role} ` : "";
  const first = fullOf(file, ({ name }) => name === `${prefix}full ${what.suite}`);
  return first === undefined ? inputs : resume(inputs, first);
}

const fullOf = (
  file: File,
  isIt: (vector: HandshakeVector) => boolean,
): HandshakeVector | undefined =>
  file.format === handshakeFormat ? file.handshakes.find(isIt) : undefined;

const groupOf = ({ group }: File): Group => findByName("group", groups, group.name);

/** A recorded file has its seed in those of its own ends only. */
function seedOf(file: File): string {
  if (file.origin.kind === "generated") return file.origin.seed;
  const first = file.format === handshakeFormat ? file.handshakes[0] : file.handshake;
  return seedOfRecorded(first?.seeds.client ?? first?.seeds.server ?? "", file.group.name);
}

/** The paths at which two values of JSON differ, and how. */
function differences(published: unknown, made: unknown, path = ""): string[] {
  if (typeof published !== "object" || typeof made !== "object" || !published || !made) {
    return published === made ? [] : [`${path || "the file"} is not what follows`];
  }
  const [left, right] = [published, made].map((value) => value as Record<string, unknown>);
  const names = new Set([...Object.keys(left!), ...Object.keys(right!)]);
  return [...names].flatMap((name) => {
    const inner = Array.isArray(published) ? `${path}[${name}]` : `${path}${path && "."}${name}`;
    return differences(left![name], right![name], inner);
  });
}
