/**
 * One check that looks at the engine from outside, in a process of its own: `node observe.js CHECK VECTORS RIGHT WANTED`.
 * What it notices comes out as JSON, a line each, as soon as it is noticed: a process that is ended has said what it
 * knew.
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
import * as faulty from "./engine.ts";

let hasNoticed = false;

function noticed(what: string): void {
  hasNoticed = true;
  console.log(JSON.stringify(what));
}

/** The catalogue, as `kemistry attack --provider native` runs it. */
function runCatalogue({ only, except = [], all }: Wanted): void {
  const chosen = catalogue.filter(
    ({ name }) => only?.includes(name) !== false && !except.includes(name),
  );
  for (const scenario of chosen) {
    if (!isAsPredicted(scenario)) noticed(scenario.name);
    if (!all && hasNoticed) return;
  }
}

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
function runMixed(right: Engine): void {
  const seen = new Set<string>();
  for (const scenario of catalogue) {
    const { both, client, server, earlier } = scenario;
    const key = JSON.stringify([both, client, server, earlier]);
    if (seen.has(key)) continue;
    seen.add(key);
    const harmless = { ...scenario, steps: [], replays: 0 };
    const expected = meet(harmless, right, { client: right, server: right });
    for (const role of endsOf) {
      const makes = { client: right, server: right, [role]: faulty };
      if (meet(harmless, right, makes) !== expected) {
        return noticed(`a right ${otherRole(role)}, at the ends of ${scenario.name}`);
      }
    }
  }
}

type Engine = typeof faulty;

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

function runSearch(): void {
  for (const adversary of adversaries) {
    const { problems } = search({
      adversary,
      seconds: 3600,
      limit: handshakes[adversary],
      maxProblems: 1,
      seed: "kemistry-1",
      makeProvider: createNative,
    });
    for (const { what, handshake } of problems) noticed(`${what} (handshake ${handshake})`);
    if (problems.length > 0) return;
  }
}

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

function runVectors(folder: string): void {
  const subject = {
    provider: native,
    seeded: (random: (length: number) => Uint8Array) => createNative({ random }),
  };
  for (const path of files) {
    const bytes = readFileSync(join(folder, path));
    const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
    const corpus = readCorpus(basename(path), text);
    const [failure] = runCorpus(path, corpus, subject).failures;
    if (failure !== undefined) noticed(`${path}: ${failure.id}`);
  }
}

function runModel(): void {
  for (const policy of ["compatible", "require-post-quantum"] as const) {
    const { violations } = explore({ makeProvider: createNative, policy, first: true });
    for (const { property } of violations) return noticed(property);
  }
}

/** What of the catalogue is run: some, or all; to the first that notices, or all the same. */
interface Wanted {
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  readonly all?: boolean;
}

const [check, vectors = "", rightPath = "", wanted = "{}"] = process.argv.slice(2);
if (check === "catalogue") {
  const given = JSON.parse(wanted) as Wanted;
  if (given.only === undefined && given.except === undefined)
    runMixed((await import(rightPath)) as Engine);
  if (given.all || !hasNoticed) runCatalogue(given);
} else if (check === "search") runSearch();
else if (check === "vectors") runVectors(vectors);
else if (check === "model") runModel();
else throw new RangeError(`no check is named ${check}`);
