/**
 * What looks at the engine from outside, in units that run by themselves: a scenario, two ends of which one is right, a
 * search, alone and beside a right end, a file of vectors, a policy of the model. Bundled with a fault in it.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { createNative, native } from "../../src/crypto/native.ts";
import { runAttack } from "../../src/lab/adversary/attack.ts";
import { catalogue } from "../../src/lab/adversary/catalogue/index.ts";
import { type AttackScenario, endsOf } from "../../src/lab/adversary/scenario.ts";
import { type Adversary, adversaries, search } from "../../src/lab/adversary/search.ts";
import { explore } from "../../src/lab/model/model.ts";
import { runCorpus } from "../../src/lab/vectors/corpus.ts";
import { readCorpus } from "../../src/lab/vectors/read.ts";
import { otherRole, type Role } from "../../src/schedule/index.ts";
import { differenceBeside } from "./beside.ts";
import * as faulty from "./engine.ts";

export interface Unit {
  readonly check: "catalogue" | "search" | "vectors" | "model";
  readonly name: string;
  /** What it notices; undefined if nothing. */
  run(): string | undefined;
}

type Engine = typeof faulty;

/** @param right the engine without a fault */
export const unitsOf = (vectors: string, right: Engine): readonly Unit[] => [
  ...files.map((path) => corpusUnit(vectors, path)),
  ...catalogue.map(scenarioUnit),
  ...mixedUnits(right),
  ...adversaries.map((adversary) => besideUnit(adversary, right)),
  ...adversaries.map(searchUnit),
  ...policies.map(modelUnit),
];

/** As `kemistry attack --provider native` runs it. */
const scenarioUnit = (scenario: AttackScenario): Unit => ({
  check: "catalogue",
  name: scenario.name,
  run: () => (isAsPredicted(scenario) ? undefined : scenario.name),
});

function isAsPredicted(scenario: AttackScenario): boolean {
  try {
    return runAttack(scenario, { makeProvider: createNative }).asPredicted;
  } catch {
    // A step that cannot be carried out any more, or an error that nobody expected
    return false;
  }
}

/**
 * The ends of the catalogue with nobody between them, one with the fault and one without: two ends that make the same
 * mistake understand each other.
 */
function mixedUnits(right: Engine): Unit[] {
  const seen = new Set<string>();
  return catalogue.flatMap((scenario) => {
    const { both, client, server, earlier } = scenario;
    const key = JSON.stringify([both, client, server, earlier]);
    // What is there for the sake of 2^16 records is long, and nothing new
    const isLong = [both, client, server].some((end) => (end?.records ?? 0) > 1000);
    if (seen.has(key) || isLong) return [];
    seen.add(key);
    const harmless = { ...scenario, steps: [], replays: 0 };
    let expected: string | undefined;
    return endsOf.map((role): Unit => {
      const name = `a right ${otherRole(role)}, at the ends of ${scenario.name}`;
      return {
        check: "catalogue",
        name,
        run() {
          expected ??= meet(harmless, right, { client: right, server: right });
          const makes = { client: right, server: right, [role]: faulty };
          return meet(harmless, right, makes) === expected ? undefined : name;
        },
      };
    });
  });
}

/** What comes of both ends, in JSON. */
function meet(scenario: AttackScenario, right: Engine, makes: Record<Role, Engine>): string {
  try {
    const made = (role: Role) =>
      new makes[role].Laboratory(scenario, makes[role].createNative, "kemistry");
    const [client, server] = [made("client"), made("server")];
    const laboratory = Object.assign(Object.create(client) as typeof client, {
      scenario,
      setupOf: client.setupOf.bind(client),
      client: client.client.bind(client),
      server: server.server.bind(server),
    });
    const terms = { laboratory, onlookers: {}, steps: [] };
    const { earlier } = scenario;
    const before = earlier && new right.Conversation({ ...terms, connection: 0, earlier }).run();
    const conversation = new right.Conversation({ ...terms, connection: 1, before }).run();
    return JSON.stringify(endsOf.map((role) => conversation.reportOf(role)));
  } catch (error) {
    return String(error);
  }
}

/** Handshakes of each adversary. Problems come early or, of a check that is there, never. */
const handshakes: Readonly<Record<Adversary, number>> = { "on-path": 500, "malicious-peer": 2000 };

const searchUnit = (adversary: Adversary): Unit => ({
  check: "search",
  name: adversary,
  run() {
    const { problems } = search({
      adversary,
      seconds: 3600,
      limit: handshakes[adversary],
      maxProblems: 1,
      seed: "kemistry-1",
      makeProvider: createNative,
    });
    const [problem] = problems;
    return problem && `${problem.what} (handshake ${problem.handshake})`;
  },
});

/** Of each kind of file one, or two where the kind of group matters. */
const files = [
  "hybrid/handshakes/X25519MLKEM768.json.gz",
  "hybrid/handshakes/secp384r1.json.gz",
  "hybrid/shares/X25519MLKEM768.json.gz",
  "hybrid/recorded/SecP256r1MLKEM768.json.gz",
  "rfc8448/hello-retry-request.json",
  "rfc8448/resumed-0rtt.json",
  "nist/TLS13-KDF.json.gz",
];
const subject = {
  provider: native,
  seeded: (random: (length: number) => Uint8Array) => createNative({ random }),
};

/** Mutated handshakes of each adversary beside a right end. */
const compared: Readonly<Record<Adversary, number>> = { "on-path": 500, "malicious-peer": 1500 };

const besideUnit = (adversary: Adversary, right: Engine): Unit => ({
  check: "search",
  name: `${adversary} beside a right end`,
  run: () =>
    differenceBeside(right, { adversary, seed: "kemistry-1", handshakes: compared[adversary] }),
});

const corpusUnit = (folder: string, path: string): Unit => ({
  check: "vectors",
  name: path,
  run() {
    const bytes = readFileSync(join(folder, path));
    const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
    const [failure] = runCorpus(path, readCorpus(basename(path), text), subject).failures;
    return failure && `${path}: ${failure.id}`;
  },
});

const policies = ["compatible", "require-post-quantum"] as const;

const modelUnit = (policy: (typeof policies)[number]): Unit => ({
  check: "model",
  name: policy,
  run: () => explore({ makeProvider: createNative, policy, first: true }).violations[0]?.property,
});
