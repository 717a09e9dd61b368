/**
 * JSON from outside, in one vocabulary: a schema of zod says what a file holds, and the error says where it does
 * not. No file of the core imports this one.
 */
import * as z from "zod/mini";
import { printable } from "./printable.ts";

export { z };

/**
 * @param fail makes the error from one line: `profiles.server.needsName: expected true or false, got "true"`
 * @throws what `fail` makes, for what is no JSON, and for the first thing that the schema does not know or want
 */
export function readJson<T>(
  text: string,
  schema: z.ZodMiniType<T>,
  fail: (reason: string) => Error,
): T {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw fail(`not JSON, or cut short: ${error instanceof Error ? error.message : ""}`);
  }
  const result = z.safeParse(schema, data);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw fail(issue === undefined ? "not as it should be" : explain(issue, data));
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, data: unknown): string {
  if (issue.code === "unrecognized_keys") {
    const path = [...issue.path, issue.keys[0] ?? ""];
    return `${placeOf(path)}: expected no such member, got ${show(valueAt(data, path))}`;
  }
  const where = issue.path.length === 0 ? "the whole file" : placeOf(issue.path);
  return `${where}: expected ${expectedBy(issue)}, got ${show(valueAt(data, issue.path))}`;
}

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
  if (issue.code === "invalid_type") return words[issue.expected] ?? issue.expected;
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String).join(", ");
    return issue.values.length === 1 ? values : `one of ${values}`;
  }
  if (issue.code === "too_small") {
    const isNumber = issue.origin !== "array" && issue.origin !== "string";
    return isNumber ? `a number from ${issue.minimum}` : "more than nothing";
  }
  return issue.code === "too_big" ? `at most ${issue.maximum}` : issue.message;
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

const show = (value: unknown): string =>
  value === undefined ? "nothing" : printable(JSON.stringify(value), 64);
