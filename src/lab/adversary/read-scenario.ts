/** Scenarios from files: the same language as the catalogue's, checked field by field. */
import { messages } from "../../messages/index.ts";
import { ScenarioError } from "./edit.ts";
import { type AttackScenario, families } from "./scenario.ts";
import { actions, type Edit, type Step } from "./step.ts";

const scenarioFields = [
  "name",
  "family",
  "does",
  "section",
  "both",
  "client",
  "server",
  "keys",
  "earlier",
  "lostBefore",
  "replays",
  "steps",
  "expect",
];
const setupFields = [
  "groups",
  "shares",
  "suites",
  "schemes",
  "alpn",
  "policy",
  "retry",
  "retryCookie",
  "clientAuthentication",
  "tickets",
  "earlyData",
  "serverName",
  "middleboxCompatibility",
  "grease",
  "maxFragment",
  "recordSizeLimit",
  "history",
  "updateKeys",
  "close",
  "clockOffset",
  "externalKey",
  "credential",
];
const units = [
  ...Object.keys(messages),
  "alert",
  "change_cipher_spec",
  "application_data",
  "sealed",
];

/** What each edit is made of; the first field names it. */
const edits: readonly (readonly string[])[] = [
  ["set", "to"],
  ["remove"],
  ["insert", "value", "at"],
  ["reverse"],
  ["swapParts"],
  ["flip", "byte", "mask"],
  ["fill", "with"],
  ["truncate", "by"],
  ["extend", "by"],
  ["copy", "fromEarlier"],
];

type Fields = Readonly<Record<string, unknown>>;

/** One scenario or a list of them, as JSON. @throws ScenarioError that says where and what */
export function readScenarios(text: string): AttackScenario[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new ScenarioError(`it is not JSON: ${error instanceof Error ? error.message : ""}`);
  }
  return (Array.isArray(data) ? data : [data]).map(readScenario);
}

function readScenario(data: unknown): AttackScenario {
  const fields = objectAt("the scenario", data, scenarioFields);
  const name = typeof fields["name"] === "string" ? fields["name"] : "a scenario without a name";
  for (const field of ["name", "does", "section"]) {
    if (fields[field] !== undefined && typeof fields[field] !== "string") {
      throw new ScenarioError(`${name}: ${field} must be a text`);
    }
  }
  oneOf(`${name}: family`, fields["family"] ?? "policies", families);
  oneOf(`${name}: keys`, fields["keys"] ?? "none", ["none", "traffic", "server"]);
  for (const end of ["both", "client", "server", "earlier"]) {
    const setup = fields[end];
    if (setup !== undefined && setup !== true) objectAt(`${name}: ${end}`, setup, setupFields);
  }
  const { steps } = fields;
  if (!Array.isArray(steps)) throw new ScenarioError(`${name}: steps must be a list`);
  steps.forEach((step, index) => checkStep(`${name}: steps[${index}]`, step));
  const expected = objectAt(`${name}: expect`, fields["expect"] ?? {}, [
    "client",
    "server",
    "findings",
  ]);
  return {
    name,
    family: "policies",
    does: "",
    section: "",
    ...fields,
    steps: steps as Step[],
    expect: { client: "open", server: "open", ...expected },
  };
}

function checkStep(where: string, data: unknown): void {
  const step = objectAt(where, data, ["from", "on", "nth", ...actions]);
  oneOf(`${where}.from`, step["from"], ["client", "server"]);
  oneOf(`${where}.on`, step["on"], units);
  const given = actions.filter((action) => step[action] !== undefined);
  if (given.length !== 1) {
    throw new ScenarioError(
      `${where}: exactly one action is expected, not ${given.join(" and ") || "none"} (${actions.join(", ")})`,
    );
  }
  const changes = step["edit"];
  if (changes === undefined) return;
  if (!Array.isArray(changes)) throw new ScenarioError(`${where}.edit must be a list`);
  changes.forEach((edit: unknown, index) => checkEdit(`${where}.edit[${index}]`, edit));
}

function checkEdit(where: string, data: unknown): asserts data is Edit {
  const first = Object.keys(data ?? {})[0] ?? "";
  const kind = edits.find((fields) => Object.hasOwn(data ?? {}, fields[0] ?? ""));
  if (kind === undefined) {
    const names = edits.map(([name]) => name).join(", ");
    throw new ScenarioError(`${where}: there is no edit ${JSON.stringify(first)} (${names})`);
  }
  const fields = objectAt(where, data, kind);
  if (typeof fields[kind[0] ?? ""] !== "string") {
    throw new ScenarioError(`${where}.${kind[0]} must be a path`);
  }
}

function objectAt(where: string, data: unknown, known: readonly string[]): Fields {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new ScenarioError(`${where} must be an object`);
  }
  const stray = Object.keys(data).find((field) => !known.includes(field));
  if (stray !== undefined) {
    throw new ScenarioError(
      `${where} has an unknown field ${JSON.stringify(stray)} (${known.join(", ")})`,
    );
  }
  return data as Fields;
}

function oneOf(where: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== "string" || !known.includes(value)) {
    throw new ScenarioError(
      `${where} must be one of ${known.join(", ")}, not ${JSON.stringify(value)}`,
    );
  }
}
