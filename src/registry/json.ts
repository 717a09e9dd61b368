/**
 * JSON from outside, in one vocabulary: a schema of zod says what a file holds, and the error says where it does
 * not. No file of the core imports this one.
 */
import * as z from "zod/mini";
import { printable } from "./printable.ts";

/**
 * @param fail makes the error from one line: `profiles.server.needsName: expected true or false, got "true"`
 * @throws what `fail` makes, for what is not JSON, and for the first thing that the schema does not know or want
 */
export function readJson<T>(
  text: string,
  schema: z.ZodMiniType<T>,
  fail: (reason: string) => Error,
  root = "the whole file",
): T {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw fail(`not JSON, or cut short: ${error instanceof Error ? error.message : ""}`);
  }
  return readValue(data, schema, fail, root);
}

/**
 * The same of what has been read already.
 * @param root what an error calls the value itself
 */
export function readValue<T>(
  data: unknown,
  schema: z.ZodMiniType<T>,
  fail: (reason: string) => Error,
  root = "the whole file",
): T {
  const result = z.safeParse(schema, data);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw fail(issue === undefined ? "not as it should be" : explain(issue, data, root));
}

/** Bytes in hexadecimal of either case. */
export const hexadecimal = z.string().check(z.regex(/^(?:[\da-f]{2})*$/i, "bytes in hexadecimal"));

/** A whole number. */
export const whole = (from: number, to: number) => z.int().check(z.minimum(from), z.maximum(to));

/** One of several kinds of object, told apart by the member that each alone has. */
export const kindOf = <T>(members: readonly string[], kinds: z.ZodMiniType<T>) => {
  const isOne = (value: unknown): boolean =>
    typeof value !== "object" ||
    value === null ||
    members.filter((member) => Object.hasOwn(value, member)).length === 1;
  return z.pipe(z.unknown().check(z.refine(isOne, `exactly one of ${members.join(", ")}`)), kinds);
};

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, data: unknown, root: string): string {
  const { path, reason } = explainIssue(issue, data);
  return `${path.length === 0 ? root : placeOf(path)}: ${reason}`;
}

/** What is wrong, and where: of several forms that a value may have, said of the one that it comes nearest to. */
export function explainIssue(
  issue: Issue,
  data: unknown,
): { readonly path: readonly PropertyKey[]; readonly reason: string } {
  if (issue.code === "invalid_union") {
    const nearest = nearestForm(issue);
    if (nearest !== undefined) {
      return explainIssue({ ...nearest, path: [...issue.path, ...nearest.path] }, data);
    }
    const reason = `expected ${expectedBy(issue)}, got ${show(valueAt(data, issue.path))}`;
    return { path: issue.path, reason };
  }
  if (issue.code === "unrecognized_keys") {
    const path = [...issue.path, issue.keys[0] ?? ""];
    return { path, reason: `expected no such member, got ${show(valueAt(data, path))}` };
  }
  return {
    path: issue.path,
    reason: `expected ${expectedBy(issue)}, got ${show(valueAt(data, issue.path))}`,
  };
}

/** The form that has the fewest faults, of those of whose type the value is; `undefined` if it is of none. */
const nearestForm = (issue: Issue): Issue | undefined => formsOf(issue)[0]?.[0];

const formsOf = (issue: Issue): Issue[][] =>
  issue.code !== "invalid_union"
    ? []
    : issue.errors
        .filter(([first]) => first !== undefined && isInside(first))
        .toSorted((a, b) => faultsOf(a) - faultsOf(b));

const faultsOf = (issues: readonly Issue[]): number =>
  issues.reduce((sum, issue) => sum + faultsOf(formsOf(issue)[0] ?? []) + 1, 0);

/** The value as such is of the right type: what is wrong is within it, or its size. */
const isInside = (issue: Issue): boolean =>
  issue.path.length > 0 ||
  (issue.code === "invalid_union"
    ? nearestForm(issue) !== undefined
    : issue.code !== "invalid_type" && issue.code !== "invalid_value");

/** Types in words; what a check of ours expects is its message. */
const words: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "text",
};

function expectedBy(issue: Issue): string {
  if (issue.code === "invalid_union") {
    const forms = issue.errors.flatMap(([first]) => (first === undefined ? [] : [first]));
    return [...new Set(forms.map(expectedBy))].join(", or ");
  }
  if (issue.code === "invalid_type") return words[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String).join(", ");
    return issue.values.length === 1 ? values : `one of ${values}`;
  }
  if (issue.code === "too_small") {
    const isNumber = issue.origin !== "array" && issue.origin !== "string";
    const from = issue.inclusive === false ? "above" : "from";
    return isNumber ? `a number ${from} ${issue.minimum}` : "more than nothing";
  }
  if (issue.code !== "too_big") return issue.message;
  return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}`;
}

/** `profiles.server.names[0]`. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${printable(String(step), 64)}`))
    .join("")
    .replace(/^\./, "");

const valueAt = (data: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, step) => (value as Readonly<Record<PropertyKey, unknown>>)[step],
    data,
  );

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  try {
    return printable(JSON.stringify(value), 64);
  } catch {
    // It was read without a stack, and is written with one
    return "what is nested too deep to be shown";
  }
}
