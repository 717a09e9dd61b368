/** Makes handshake vectors from a seed: the same seed gives the same bytes, on every runtime. */
import { createNoble, suites } from "../../crypto/index.ts";
import { type Group, isPostQuantum } from "../../groups/index.ts";
import { fromHex, toHex } from "../../wire/index.ts";
import type { Connection } from "../../connection/index.ts";
import type { Subject } from "../vectors/corpus.ts";
import { readTrace } from "../trace/trace.ts";
import { converse, flightsOf } from "./converse.ts";
import { describeHandshake, groupFacts, keyLogOf, negotiatedParts } from "./describe.ts";
import { createEnd } from "./end.ts";
import { dataOf, features } from "./features.ts";
import {
  type VectorPlan,
  type FeatureName,
  formatVersion,
  type ExportRequest,
  handshakeFormat,
  type HandshakeFile,
  handshakeKinds,
  type HandshakeVector,
} from "./format.ts";
import {
  featureInputs,
  identitiesOf,
  inputsOf,
  resume,
  usualScheme,
  zeroInputs,
} from "./inputs.ts";
import { drawAgain } from "./drawn-again.ts";
import { usualExport } from "./secrets.ts";

/** With a post-quantum group, one handshake also has post-quantum certificates. */
const postQuantum = { signature: "mldsa65", suite: "TLS_AES_256_GCM_SHA384" };

/** Pure JavaScript: the same everywhere. */
const subject: Subject = {
  provider: createNoble(),
  seeded: (random) => createNoble({ random }),
};

/** Every kind of handshake with every suite. */
export function generateHandshakes(group: Group, seed: string): HandshakeFile {
  const isSafe = isPostQuantum(group);
  const identities = identitiesOf(
    isSafe ? [usualScheme, postQuantum.signature] : [usualScheme],
    seed,
  );
  const facts = groupFacts(group);
  const handshakes: HandshakeVector[] = [];
  for (const { name: suite } of suites) {
    for (const kind of handshakeKinds) {
      const inputs = inputsOf(group, seed, { kind, suite, signature: usualScheme });
      const first = handshakes.find((other) => other.kind === "full" && other.suite === suite);
      const resumed = kind === "resumed" && first !== undefined ? resume(inputs, first) : inputs;
      handshakes.push(generateOne({ group: facts, identities, inputs: resumed }));
    }
  }
  if (isSafe) {
    const inputs = inputsOf(group, seed, { kind: "full", ...postQuantum });
    handshakes.push(generateOne({ group: facts, identities, inputs }));
  }
  return {
    format: handshakeFormat,
    version: formatVersion,
    license: "MIT",
    origin: { kind: "generated", seed },
    group: facts,
    identities,
    handshakes,
  };
}

/** Which group has a handshake for every feature: they do not depend on it. */
export const featureGroup = "X25519MLKEM768";

/** Handshakes for features, of one group, and for every group with a zero in front of each shared secret. */
export function generateFeatures(group: Group, seed: string): HandshakeFile {
  const identities = identitiesOf([usualScheme], seed);
  const facts = groupFacts(group);
  const handshakes: HandshakeVector[] = [];
  const add = (inputs: VectorPlan["inputs"]) =>
    void handshakes.push(generateOne({ group: facts, identities, inputs }));
  if (group.name === featureGroup) {
    for (const feature of Object.keys(features) as FeatureName[]) {
      const inputs = featureInputs(group, seed, feature);
      const { resumes } = features[feature];
      const first = handshakes.find((other) => other.feature === resumes);
      add(resumes !== undefined && first !== undefined ? resume(inputs, first) : inputs);
    }
  }
  facts.components.forEach((_, at) => add(findZero(group, seed, at)));
  return {
    format: handshakeFormat,
    version: formatVersion,
    license: "MIT",
    origin: { kind: "generated", seed },
    group: facts,
    identities,
    handshakes,
  };
}

/** One in 256 is as wanted. */
function findZero(group: Group, seed: string, leadingZero: number): VectorPlan["inputs"] {
  for (let attempt = 0; ; attempt++) {
    const inputs = zeroInputs(group, seed, leadingZero, attempt);
    const drawn = drawAgain(inputs, group);
    if (drawn[leadingZero]?.sharedSecret?.startsWith("00")) return inputs;
  }
}

interface Full {
  readonly identities: HandshakeFile["identities"];
  readonly handshake: HandshakeVector;
}

const fulls = new Map<string, Full>();

/** One full handshake, for other files to build on; the same object for the same seed. */
export function generateFull(group: Group, seed: string): Full {
  const key = `${seed}, ${group.name}`;
  const full = fulls.get(key) ?? makeFull(group, seed);
  fulls.set(key, full);
  return full;
}

function makeFull(group: Group, seed: string): Full {
  const identities = identitiesOf([usualScheme], seed);
  const what = { kind: "full", suite: "TLS_AES_128_GCM_SHA256", signature: usualScheme } as const;
  const inputs = inputsOf(group, seed, what);
  return { identities, handshake: generateOne({ group: groupFacts(group), identities, inputs }) };
}

/** @throws Error if the two ends, the key schedule written down again and the key log disagree */
function generateOne(plan: VectorPlan): HandshakeVector {
  const client = createEnd(plan, "client", subject);
  const server = createEnd(plan, "server", subject);
  const exported: Uint8Array[] = [];
  const { label, context, length } = usualExport;
  const { inputs } = plan;
  const others: string[] = [];
  const events = converse(client.connection, server.connection, inputs, () => {
    for (const { connection } of [client, server]) {
      exported.push(connection.exportKeyingMaterial(label, context, length));
      for (const request of inputs.exports ?? []) others.push(exportFrom(connection, request));
    }
  });
  const lines = [client, server].flatMap(({ connection, keyLog }) =>
    keyLog.map((line) => ({ end: connection.role, line })),
  );
  const vector = describeHandshake(inputs, {
    flights: flightsOf(events),
    sent: readTrace({ events, keyLog: lines }),
    negotiated: negotiatedParts(client.connection),
    drafts: { client: client.drafts, server: server.drafts },
    data: dataOf(inputs.feature),
  });
  const made = (vector.exports ?? []).map(({ bytes }) => bytes);
  if (others.join() !== [...made, ...made].join()) {
    throw new Error(`${inputs.name}: the ends export something else`);
  }
  const log = keyLogOf(vector).join();
  for (const [index, { connection, keyLog }] of [client, server].entries()) {
    if (toHex(exported[index]!) !== vector.exported || keyLog.toSorted().join() !== log) {
      throw new Error(`${inputs.name}: the ${connection.role} has other secrets`);
    }
  }
  return vector;
}

function exportFrom(connection: Connection, request: ExportRequest): string {
  const { secret, label, context, length } = request;
  return toHex(
    secret === "exporter"
      ? connection.exportKeyingMaterial(label, fromHex(context), length)
      : connection.exportEarlyKeyingMaterial(label, fromHex(context), length),
  );
}
