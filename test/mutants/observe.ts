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
import {
  Besides,
  faultyRolesOf,
  type Recorded,
  type RecordedHandshakes,
  recordHandshakes,
} from "./beside.ts";
import * as faulty from "./engine.ts";

export interface Unit {
  readonly check: "catalogue" | "search" | "vectors" | "model";
  readonly name: string;
  /** What it notices; undefined if nothing. */
  run(): string | undefined;
}

type Engine = typeof faulty;

/**
 * @param right the engine without a fault
 * @param recording what it came to
 */
export const unitsOf = (vectors: string, right: Engine, recording: Recording): readonly Unit[] => [
  ...files.map((path) => corpusUnit(vectors, path)),
  ...catalogue.map(scenarioUnit),
  ...mixedUnits(right, recording.meetings),
  ...besideUnits(right, recording.handshakes),
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

/** What two right ends come to: the same beside every fault. */
export interface Recording {
  /** The first mutated handshakes of a search, of each adversary. */
  readonly handshakes: RecordedHandshakes;
  /** The ends of the catalogue with nobody between them. */
  readonly meetings: Readonly<Record<string, string>>;
}

export const record = (right: Engine): Recording => ({
  handshakes: recordHandshakes(right, {
    seed: "kemistry-1",
    handshakes: { "on-path": 1000, "malicious-peer": 2500 },
  }),
  meetings: Object.fromEntries(
    harmlessMeetings.map((scenario) => [
      scenario.name,
      meet(scenario, right, { client: right, server: right }),
    ]),
  ),
});

/** Scenarios with different ends, without what is done between them. */
const harmlessMeetings: readonly AttackScenario[] = [
  ...new Map(
    catalogue
      // What is there for the sake of 2^16 records is long, and nothing new
      .filter(({ both, client, server }) =>
        [both, client, server].every((end) => (end?.records ?? 0) <= 1000),
      )
      .map((scenario) => {
        const { both, client, server, earlier } = scenario;
        const harmless = { ...scenario, steps: [], replays: 0 };
        return [JSON.stringify([both, client, server, earlier]), harmless] as const;
      })
      .toReversed(),
  ).values(),
].toReversed();

/**
 * The ends of the catalogue with nobody between them, one with the fault and one without: two ends that make the same
 * mistake understand each other.
 */
const mixedUnits = (right: Engine, meetings: Recording["meetings"]): Unit[] =>
  harmlessMeetings.flatMap((scenario) =>
    endsOf.map((role): Unit => {
      const name = `a right ${otherRole(role)}, at the ends of ${scenario.name}`;
      const makes = { client: right, server: right, [role]: faulty };
      const isSame = () => meet(scenario, right, makes) === meetings[scenario.name];
      return { check: "catalogue", name, run: () => (isSame() ? undefined : name) };
    }),
  );

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
const searched: Readonly<Record<Adversary, number>> = { "on-path": 300, "malicious-peer": 1000 };

const searchUnit = (adversary: Adversary): Unit => ({
  check: "search",
  name: adversary,
  run() {
    const { problems } = search({
      adversary,
      seconds: 3600,
      limit: searched[adversary],
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

/** A unit for the handshakes of each kind with each end: most faults are in what only some kinds have. */
function besideUnits(right: Engine, handshakes: RecordedHandshakes): Unit[] {
  const besides = new Besides(right);
  return adversaries.toReversed().flatMap((adversary) => {
    const units = new Map<string, { role: Role; recorded: Recorded[] }>();
    for (const each of handshakes[adversary]) {
      for (const role of faultyRolesOf(each.setting)) {
        const name = `${adversary} of the kind ${each.setting.kind}, beside a right ${otherRole(role)}`;
        const unit = units.get(name) ?? { role, recorded: [] };
        units.set(name, unit);
        unit.recorded.push(each);
      }
    }
    return [...units].map(([name, { role, recorded }]): Unit => ({
      check: "search",
      name,
      run: () => besides.firstDifference(adversary, recorded, role),
    }));
  });
}

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
