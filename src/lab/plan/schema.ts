/** What a plan looks like as JSON. */
import * as z from "zod/mini";
import { isKemKeyType, kemKeyTypes, suites } from "../../crypto/index.ts";
import { findingKinds } from "../../detection/index.ts";
import { groups } from "../../groups/index.ts";
import { policies, type PolicyName } from "../../policy/index.ts";
import { SignatureScheme, type SignatureSchemeName } from "../../registry/index.ts";
import { hexadecimal, readJson, whole } from "../../registry/json.ts";
import { chainLength, credentials, signingKeys } from "./credential-names.ts";
import type { EndPlan, Plan } from "./plan.ts";

const optional = z.exactOptional;
const text = z.string();
const yes = z.literal(true);
const day = 24 * 60 * 60 * 1000;

export const keysOf = <T extends string>(table: Readonly<Record<T, unknown>>): T[] =>
  Object.keys(table) as T[];
export const named = (entries: readonly { readonly name: string }[]) =>
  z.array(z.enum(entries.map(({ name }) => name)));
const schemes: SignatureSchemeName[] = keysOf(SignatureScheme);
const policyNames: PolicyName[] = keysOf(policies);

const allowed = z.union([z.enum(["any", "post-quantum"]), z.array(text)]);
const rules = z.strictObject({
  suites: optional(z.union([z.literal("any"), z.array(text)])),
  groups: optional(allowed),
  order: optional(z.enum(["as-given", "post-quantum-first"])),
  signatures: optional(allowed),
  chains: optional(allowed),
  retry: optional(z.enum(["any", "not-weaker", "never"])),
  resumption: optional(z.enum(["any", "post-quantum", "none"])),
  fallback: optional(z.enum(["any", "post-quantum"])),
  refuse: optional(z.array(z.enum(findingKinds))),
});

const chain = z.array(z.enum([...signingKeys, ...kemKeyTypes])).check(
  z.minLength(chainLength.least),
  z.maxLength(chainLength.most),
  z.refine(
    (keys) => !keys.slice(1).some(isKemKeyType),
    "keys that sign behind the first: others certify nothing",
  ),
);

export const endPlan: z.ZodMiniType<EndPlan> = z.strictObject({
  groups: optional(named(groups)),
  shares: optional(named(groups)),
  suites: optional(named(suites)),
  schemes: optional(z.array(z.enum(schemes))),
  certificateSchemes: optional(z.array(z.enum(schemes))),
  delegatedSchemes: optional(z.array(z.enum(schemes))),
  alpn: optional(z.array(text)),
  policy: optional(z.union([z.enum(policyNames), rules])),
  preference: optional(z.enum(["client", "server"])),
  retry: optional(z.enum(["for-preferred", "for-post-quantum", "if-needed"])),
  retryCookie: optional(z.boolean()),
  clientAuthentication: optional(z.enum(["none", "request", "require"])),
  tickets: optional(z.union([z.boolean(), z.literal("sealed")])),
  earlyData: optional(whole(0, 2 ** 32 - 1)),
  serverName: optional(text),
  middleboxCompatibility: optional(z.boolean()),
  grease: optional(z.boolean()),
  maxFragment: optional(whole(1, 2 ** 14)),
  recordSizeLimit: optional(whole(64, 2 ** 14 + 1)),
  history: optional(z.boolean()),
  updateKeys: optional(z.boolean()),
  records: optional(whole(1, 2 ** 20)),
  anonymous: optional(yes),
  compression: optional(yes),
  rawKeys: optional(yes),
  allowPskOnly: optional(yes),
  lax: optional(yes),
  laterRequests: optional(whole(0, 100)),
  close: optional(z.boolean()),
  clockOffset: optional(whole(-1000 * day, 1000 * day)),
  externalKey: optional(hexadecimal),
  keyContext: optional(text),
  credential: optional(z.enum(credentials)),
  chain: optional(chain),
  authKem: optional(yes),
  storedKey: optional(chain),
  presentEarly: optional(yes),
  promise: optional(whole(0, 2 ** 32 - 1)),
});

/** The members of a plan; whoever adds to a plan adds to these. */
export const planMembers = {
  /** Names of files too. */
  name: text.check(z.regex(/^\w[\w.-]*$/, "letters, digits, dots and hyphens")),
  both: optional(endPlan),
  client: optional(endPlan),
  server: optional(endPlan),
  earlier: optional(z.union([yes, endPlan])),
};
const plan: z.ZodMiniType<Plan> = z.strictObject(planMembers);

/**
 * Reads a plan from JSON.
 *
 * @throws PlanError that says where, what was expected, and what came
 */
export const readPlan = (json: string): Plan =>
  readJson(json, plan, (reason) => new PlanError(reason), "the plan");

/** A plan that is none. */
export class PlanError extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "PlanError";
}
