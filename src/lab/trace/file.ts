/** A trace on file: JSON, with the bytes in hexadecimal. */
import * as z from "zod/mini";
import { hexadecimal, readJson, whole } from "../../registry/json.ts";
import { fromHex, toHex } from "../../wire/index.ts";
import type { Trace, TraceEvent } from "./trace.ts";

/** A file is not a trace, or not one of this version. The message says where. */
export class TraceFileError extends Error {
  /** The class's name, as an `Error` has it. */
  override readonly name = "TraceFileError";
}

const role = z.enum(["client", "server"]);
const place = {
  /** Milliseconds since the run began. */
  at: z.number().check(z.minimum(0)),
  /** Whose tap. */
  end: role,
  direction: z.enum(["sent", "received"]),
};

const schema = z.strictObject({
  kemistry: z.literal("trace"),
  version: z.literal(1),
  events: z.array(
    z.discriminatedUnion("kind", [
      z.strictObject({ ...place, kind: z.literal("bytes"), bytes: hexadecimal }),
      z.strictObject({ ...place, kind: z.literal("end") }),
      z.strictObject({
        ...place,
        kind: z.literal("gap"),
        bytes: z.optional(whole(0, Number.MAX_SAFE_INTEGER)),
      }),
    ]),
  ),
  keyLog: z.array(z.strictObject({ end: role, line: z.string() })),
});

/** The schema of a trace's file, as JSON Schema (draft 2020-12). */
export const traceJsonSchema = (): unknown => z.toJSONSchema(schema);

/** A trace as text, one event a line; what {@link parseTrace} reads. */
export function formatTrace({ events, keyLog }: Trace): string {
  const lines = (values: readonly unknown[]): string =>
    values.map((value) => `\n    ${JSON.stringify(value)}`).join(",");
  const written = events.map((event) =>
    event.kind === "bytes" ? { ...event, bytes: toHex(event.bytes) } : event,
  );
  return [
    '{\n  "kemistry": "trace",\n  "version": 1,',
    `  "events": [${lines(written)}\n  ],`,
    `  "keyLog": [${lines(keyLog)}\n  ]\n}\n`,
  ].join("\n");
}

/**
 * A trace from the text that {@link formatTrace} makes.
 * @throws TraceFileError that says where it is not what it should be
 */
export function parseTrace(text: string): Trace {
  const { events, keyLog } = readJson(text, schema, (reason) => new TraceFileError(reason));
  return {
    events: events.map((event): TraceEvent =>
      event.kind === "bytes" ? { ...event, bytes: fromHex(event.bytes) } : event,
    ),
    keyLog,
  };
}
