/** Scenarios from files: the same language as the catalogue's, checked field by field. */
import { suites } from "../../crypto/index.ts";
import { findingKinds } from "../../detection/index.ts";
import { groups } from "../../groups/index.ts";
import { messages } from "../../messages/index.ts";
import { policies } from "../../policy/index.ts";
import { AlertDescription, alertOf, SignatureScheme } from "../../registry/index.ts";
import {
  anything,
  type Check,
  either,
  fieldsOf,
  flag,
  hexadecimal,
  kindOf,
  listOf,
  name,
  object,
  oneOf,
  path,
  text,
  that,
  whole,
  yes,
} from "./checks.ts";
import { ScenarioError } from "./edit.ts";
import { credentials } from "./credential-names.ts";
import { type AttackScenario, families, keyNames, outcomes } from "./scenario.ts";
import { actions } from "./step.ts";

const messageNames = oneOf(Object.keys(messages));
const units = oneOf([
  ...Object.keys(messages),
  "alert",
  "change_cipher_spec",
  "application_data",
  "sealed",
]);
const day = 24 * 60 * 60 * 1000;
/** What is more than this is a slip of the pen. */
const count = whole(1, 100_000);
const length = whole(1, 2 ** 24);
const position = whole(-(2 ** 24), 2 ** 24);
const names = (entries: readonly { readonly name: string }[]) =>
  listOf(oneOf(entries.map((entry) => entry.name)));

const allowed = either(oneOf(["any", "post-quantum"]), listOf(text));
const rules = fieldsOf(
  {},
  {
    suites: either(oneOf(["any"]), listOf(text)),
    groups: allowed,
    order: oneOf(["as-given", "post-quantum-first"]),
    signatures: allowed,
    chains: allowed,
    retry: oneOf(["any", "not-weaker", "never"]),
    resumption: oneOf(["any", "post-quantum", "none"]),
    fallback: oneOf(["any", "post-quantum"]),
    refuse: listOf(oneOf(findingKinds)),
  },
);

const setup = fieldsOf(
  {},
  {
    groups: names(groups),
    shares: names(groups),
    suites: names(suites),
    schemes: listOf(oneOf(Object.keys(SignatureScheme))),
    certificateSchemes: listOf(oneOf(Object.keys(SignatureScheme))),
    alpn: listOf(text),
    policy: either(oneOf(Object.keys(policies)), rules),
    preference: oneOf(["client", "server"]),
    retry: oneOf(["for-preferred", "for-post-quantum", "if-needed"]),
    retryCookie: flag,
    clientAuthentication: oneOf(["none", "request", "require"]),
    tickets: either(flag, oneOf(["sealed"])),
    earlyData: whole(0, 2 ** 32 - 1),
    serverName: text,
    middleboxCompatibility: flag,
    grease: flag,
    maxFragment: whole(1, 2 ** 14),
    recordSizeLimit: whole(64, 2 ** 14 + 1),
    history: flag,
    updateKeys: flag,
    records: whole(1, 2 ** 20),
    anonymous: yes,
    compression: yes,
    rawKeys: yes,
    allowPskOnly: yes,
    lax: yes,
    laterRequests: whole(0, 100),
    close: flag,
    clockOffset: whole(-1000 * day, 1000 * day),
    externalKey: hexadecimal,
    keyContext: text,
    credential: oneOf(credentials),
  },
);

const from = oneOf(["client", "server"]);
const spot = fieldsOf({ from, on: units }, { nth: count });

const edit = kindOf("edit", {
  set: fieldsOf({ set: path, to: anything }, {}),
  remove: fieldsOf({ remove: path }, {}),
  insert: fieldsOf({ insert: path, value: anything }, { at: whole(0, 2 ** 16) }),
  reverse: fieldsOf({ reverse: path }, {}),
  swapParts: fieldsOf({ swapParts: path }, {}),
  flip: fieldsOf({ flip: path }, { byte: position, mask: whole(1, 255) }),
  fill: fieldsOf({ fill: path, with: whole(0, 255) }, {}),
  truncate: fieldsOf({ truncate: path, by: length }, {}),
  extend: fieldsOf({ extend: path, by: length }, {}),
  copy: fieldsOf({ copy: path, fromEarlier: spot }, {}),
});

const recordType = either(
  whole(0, 255),
  oneOf(["alert", "handshake", "application_data", "change_cipher_spec"]),
);
const parcels = listOf(
  kindOf("parcel", {
    message: fieldsOf({ message: messageNames, body: object }, {}),
    record: fieldsOf(
      { record: recordType, content: hexadecimal },
      { trailer: hexadecimal, times: count },
    ),
    alert: fieldsOf({ alert: oneOf(Object.keys(AlertDescription)) }, {}),
    bytes: fieldsOf({ bytes: hexadecimal }, {}),
    earlier: fieldsOf({ earlier: spot }, {}),
    seen: fieldsOf({ seen: spot }, {}),
  }),
);

const checkOf: Readonly<Record<(typeof actions)[number], Check>> = {
  drop: yes,
  hold: count,
  duplicate: count,
  edit: listOf(edit),
  flip: fieldsOf({ byte: position }, { mask: whole(1, 255) }),
  truncate: fieldsOf({ by: length }, { keepLength: yes }),
  split: listOf(length),
  append: hexadecimal,
  join: yes,
  before: parcels,
  after: parcels,
  instead: parcels,
  back: parcels,
  cut: oneOf(["before", "after"]),
  forge: oneOf(["finished"]),
  sign: fieldsOf(
    {},
    {
      key: oneOf([...credentials, "client"]),
      scheme: oneOf(Object.keys(SignatureScheme)),
      context: from,
    },
  ),
};
const place = { from, on: units };
const step = kindOf(
  "action",
  Object.fromEntries(
    actions.map((action) => [
      action,
      fieldsOf(
        { ...place, [action]: checkOf[action] },
        { nth: either(count, oneOf(["a number from 1", "every"])), longerThan: length },
      ),
    ]),
  ),
  ["from", "on", "nth", "longerThan"],
);

const outcome = either(
  that((value) => typeof value === "string" && /^told 0x[\da-f]{2}$/.test(value), "an alert"),
  oneOf([
    ...outcomes,
    ...Object.keys(alertOf),
    ...Object.keys(AlertDescription).map((alert) => `told ${alert}`),
  ]),
);

const orNothing = either(
  that((value) => value === null, "null"),
  text,
);
const agreement = fieldsOf(
  {},
  {
    group: orNothing,
    suite: text,
    alpn: orNothing,
    psk: orNothing,
    retried: flag,
    earlyData: text,
    signature: orNothing,
    server: orNothing,
    client: orNothing,
    sameBinding: flag,
  },
);

const end = either(
  outcome,
  fieldsOf(
    { outcome },
    { where: text, section: text, rule: text, data: whole(0, 2 ** 20), agreed: agreement },
  ),
);
const scenario = fieldsOf(
  { name, steps: listOf(step) },
  {
    family: oneOf(families),
    does: text,
    section: text,
    both: setup,
    client: setup,
    server: setup,
    keys: oneOf(keyNames),
    malicious: from,
    earlier: either(yes, setup),
    lost: listOf(fieldsOf({}, { groups: names(groups), times: count, back: parcels })),
    replays: count,
    replayTo: oneOf(["another server", "restarted server"]),
    expect: fieldsOf(
      {},
      { client: end, server: end, agreed: agreement, findings: listOf(oneOf(findingKinds)) },
    ),
  },
);

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

function readScenario(data: unknown, index: number): AttackScenario {
  const given = data as Partial<AttackScenario> | null;
  const where = typeof given?.name === "string" ? given.name : `scenario ${index + 1}`;
  scenario(where, data);
  const { name: own, steps = [], expect: expected, ...others } = given ?? {};
  return {
    name: own ?? where,
    family: "policies",
    does: "",
    section: "",
    ...others,
    steps,
    expect: { client: "open", server: "open", ...expected },
  };
}
