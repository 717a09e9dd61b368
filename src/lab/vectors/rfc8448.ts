/** Reads the traces of RFC 8448; `vectors/rfc8448/README.md` describes their form. */
import * as z from "zod/mini";
import { hexadecimal, readJson } from "../../registry/json.ts";
import { fromHex } from "../../wire/index.ts";
import { UnreadableCorpus } from "./json.ts";

export interface Trace {
  /** `simple-1rtt` */
  readonly name: string;
  /** The RFC's heading. */
  readonly title: string;
  readonly section: string;
  readonly steps: readonly TraceStep[];
}

export type TraceSide = "client" | "server";

export interface TraceStep {
  readonly by: TraceSide;
  /** The RFC's words: `construct a ClientHello handshake message`. */
  readonly does: string;
  /** The step that the RFC refers to instead of repeating values. */
  readonly sameAs?: string;
  /** By the RFC's names: `private key`, `PRK`, `key expanded`, `complete record`. */
  readonly values: Readonly<Record<string, Uint8Array>>;
}

const bytes = z.pipe(hexadecimal, z.transform(fromHex));
const schema: z.ZodMiniType<Trace> = z.looseObject({
  name: z.string(),
  title: z.string(),
  section: z.string(),
  steps: z.array(
    z.strictObject({
      by: z.enum(["client", "server"]),
      does: z.string(),
      sameAs: z.exactOptional(z.string()),
      values: z.record(z.string(), bytes),
    }),
  ),
});

/** @throws UnreadableCorpus */
export const parseTrace = (text: string): Trace =>
  readJson(text, schema, (reason) => new UnreadableCorpus(reason));

/**
 * The bytes of the value `name` in the `nth` step (from 0) with those words that has that value:
 * `traceValue(trace, "server", 'extract secret "handshake"', "secret")`.
 *
 * @throws RangeError if there is none
 */
export function traceValue(
  trace: Trace,
  by: TraceSide,
  does: string,
  name: string,
  nth = 0,
): Uint8Array {
  const found = traceValues(trace, by, does, name)[nth];
  if (found === undefined) {
    throw new RangeError(`${trace.name} has no ${name} number ${nth} of "${by}: ${does}"`);
  }
  return found;
}

/** All values `name` of the steps with those words, in order. */
export function traceValues(trace: Trace, by: TraceSide, does: string, name: string): Uint8Array[] {
  return trace.steps
    .filter((step) => step.by === by && step.does === does)
    .flatMap(({ values }) => values[name] ?? []);
}

/** Every record of the trace as it went over the wire, in order. */
export function traceRecords(
  trace: Trace,
): { readonly by: TraceSide; readonly payload: Uint8Array; readonly record: Uint8Array }[] {
  return trace.steps.flatMap(({ by, values }) => {
    const { payload, "complete record": record } = values;
    return payload === undefined || record === undefined ? [] : [{ by, payload, record }];
  });
}
