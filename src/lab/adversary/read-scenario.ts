/** Scenarios from files: the same language as the catalogue's, checked field by field. */
import * as z from "zod/mini";
import { findingKinds } from "../../detection/index.ts";
import { groups } from "../../groups/index.ts";
import type { EarlyDataOutcome } from "../../handshake/index.ts";
import { messages, type MessageType } from "../../messages/index.ts";
import {
  AlertDescription,
  type AlertName,
  alertOf,
  SignatureScheme,
  type SignatureSchemeName,
} from "../../registry/index.ts";
import type { PskKind } from "../../schedule/index.ts";
import { hexadecimal, kindOf, readValue, whole } from "../../registry/json.ts";
import { printable } from "../../registry/printable.ts";
import { ScenarioError } from "./edit.ts";
import { credentials } from "../plan/credential-names.ts";
import { keysOf, named, planMembers } from "../plan/schema.ts";
import { type AttackScenario, families, keyNames, outcomes } from "./scenario.ts";
import { actions, type Edit, type Step, type Value } from "./step.ts";

const optional = z.exactOptional;

const messageNames: MessageType[] = keysOf(messages);
const schemes: SignatureSchemeName[] = keysOf(SignatureScheme);
const alerts: AlertName[] = keysOf(AlertDescription);
const text = z.string();
const path = z.string().check(z.minLength(1));
const yes = z.literal(true);
/** What is more than this is a mistake. */
const count = whole(1, 100_000);
const length = whole(1, 2 ** 24);
const position = whole(-(2 ** 24), 2 ** 24);

const from = z.enum(["client", "server"]);
const records = ["alert", "change_cipher_spec", "application_data"] as const;
const on = z.enum([...messageNames, ...records, "sealed"]);
const spot = z.strictObject({ from, on, nth: optional(count) });
const value: z.ZodMiniType<Value> = z.lazy(() =>
  z.union([z.number(), text, z.boolean(), z.array(value), z.record(text, value)]),
);

const edits: z.ZodMiniType<Edit> = z.union([
  z.strictObject({ set: path, to: value }),
  z.strictObject({ remove: path }),
  z.strictObject({ insert: path, value, at: optional(whole(0, 2 ** 16)) }),
  z.strictObject({ reverse: path }),
  z.strictObject({ swapParts: path }),
  z.strictObject({ flip: path, byte: optional(position), mask: optional(whole(1, 255)) }),
  z.strictObject({ fill: path, with: whole(0, 255) }),
  z.strictObject({ truncate: path, by: length }),
  z.strictObject({ extend: path, by: length }),
  z.strictObject({ copy: path, fromEarlier: spot }),
]);
const edit = kindOf(
  ["set", "remove", "insert", "reverse", "swapParts", "flip", "fill", "truncate", "extend", "copy"],
  edits,
);

const injection = kindOf(
  ["message", "record", "alert", "bytes", "earlier", "seen"],
  z.union([
    z.strictObject({ message: z.enum(messageNames), body: z.record(text, value) }),
    z.strictObject({
      record: z.union([whole(0, 255), z.enum([...records, "handshake"])]),
      content: hexadecimal,
      trailer: optional(hexadecimal),
      times: optional(count),
    }),
    z.strictObject({ alert: z.enum(alerts) }),
    z.strictObject({ bytes: hexadecimal }),
    z.strictObject({ earlier: spot }),
    z.strictObject({ seen: spot }),
  ]),
);
const injections = optional(z.array(injection));

const step: z.ZodMiniType<Step> = kindOf(
  actions,
  z.strictObject({
    from,
    on,
    nth: optional(z.union([count, z.literal("every")])),
    longerThan: optional(length),
    drop: optional(yes),
    hold: optional(count),
    duplicate: optional(count),
    edit: optional(z.array(edit)),
    flip: optional(z.strictObject({ byte: position, mask: optional(whole(1, 255)) })),
    truncate: optional(z.strictObject({ by: length, keepLength: optional(yes) })),
    split: optional(z.array(length)),
    append: optional(hexadecimal),
    join: optional(yes),
    before: injections,
    after: injections,
    instead: injections,
    back: injections,
    cut: optional(z.enum(["before", "after"])),
    forge: optional(z.literal("finished")),
    sign: optional(
      z.strictObject({
        key: optional(z.enum([...credentials, "client"])),
        scheme: optional(z.enum(schemes)),
        context: optional(from),
      }),
    ),
  }),
);

const knownOutcomes = [...outcomes, ...keysOf(alertOf), ...alerts.map((alert) => `told ${alert}`)];
const outcome = text.check(
  z.refine(
    (given) => knownOutcomes.includes(given) || /^told 0x[\da-f]{2}$/.test(given),
    `one of ${knownOutcomes.join(", ")}`,
  ),
);
const pskKinds = keysOf<PskKind>({ resumption: 0, external: 0, imported: 0 });
const earlyDataOutcomes = keysOf<EarlyDataOutcome>({
  none: 0,
  accepted: 0,
  disabled: 0,
  not_resumed: 0,
  not_first_psk: 0,
  not_allowed_by_ticket: 0,
  other_suite: 0,
  other_protocol: 0,
  ticket_age: 0,
  replay: 0,
  retried: 0,
  refused_by_server: 0,
});
const orNothing = optional(z.nullable(text));
const agreement = z.strictObject({
  group: orNothing,
  suite: optional(text),
  alpn: orNothing,
  psk: optional(z.nullable(z.enum(pskKinds))),
  retried: optional(z.boolean()),
  earlyData: optional(z.enum(earlyDataOutcomes)),
  signature: orNothing,
  server: orNothing,
  client: orNothing,
  sameBinding: optional(z.boolean()),
});
const end = z.union([
  outcome,
  z.strictObject({
    outcome,
    where: optional(text),
    section: optional(text),
    rule: optional(text),
    data: optional(whole(0, 2 ** 20)),
    agreed: optional(agreement),
  }),
]);
const scenario = z.strictObject({
  ...planMembers,
  steps: z.array(step),
  family: optional(z.enum(families)),
  does: optional(text),
  section: optional(text),
  keys: optional(z.enum(keyNames)),
  malicious: optional(from),
  lost: optional(
    z.array(
      z.strictObject({
        groups: optional(named(groups)),
        times: optional(count),
        back: injections,
      }),
    ),
  ),
  replays: optional(count),
  replayTo: optional(z.enum(["another server", "restarted server"])),
  expect: optional(
    z.strictObject({
      client: optional(end),
      server: optional(end),
      agreed: optional(agreement),
      findings: optional(z.array(z.enum(findingKinds))),
    }),
  ),
});

/** One scenario or a list of them, as JSON. @throws ScenarioError that says where and what */
export function readScenarios(json: string): AttackScenario[] {
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    throw new ScenarioError(`it is not JSON: ${error instanceof Error ? error.message : ""}`);
  }
  const list: readonly unknown[] = Array.isArray(data) ? data : [data];
  if (list.length === 0) throw new ScenarioError("there is no scenario in it");
  return list.map(readScenario);
}

/** @throws ScenarioError that begins with its name, or its place in the list */
export function readScenario(data: unknown, index = 0): AttackScenario {
  const { name: own = "" } = (data ?? {}) as { readonly name?: unknown };
  const where = typeof own === "string" && own !== "" ? own : `scenario ${index + 1}`;
  const given = readValue(
    data,
    scenario,
    (reason) => new ScenarioError(`${printable(where, 64)}: ${reason}`),
    "the scenario",
  );
  return {
    family: "policies",
    does: "",
    section: "",
    ...given,
    expect: { client: "open", server: "open", ...given.expect },
  };
}
