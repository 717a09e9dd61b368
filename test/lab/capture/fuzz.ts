/** Captures, and damage to them: to the file, to its packets, and to the TLS in them. */
import { createNative } from "../../../src/crypto/native.ts";
import { CaptureError } from "../../../src/lab/capture/capture-item.ts";
import { captureOf } from "../../../src/lab/capture/write.ts";
import { inspectCapture, inspectTrace } from "../../../src/lab/inspection/inspect.ts";
import { recordsTrace } from "../../../src/lab/inspection/records.ts";
import { resumed } from "../../../src/lab/resume.ts";
import { runHandshake } from "../../../src/lab/run.ts";
import { parseTrace, formatTrace, TraceFileError } from "../../../src/lab/trace/file.ts";
import type { Trace } from "../../../src/lab/trace/trace.ts";
import { concat, concatAll } from "../../../src/wire/index.ts";
import { seeded } from "../../support/random.ts";
import { experiment } from "../experiment.ts";
import { asIpv6, packetsIn, pcapOf, wrappings } from "./files.ts";

const provider = createNative();
const { trace } = runHandshake(experiment({ provider }, { provider }));
const early = runHandshake(
  resumed(experiment({ provider }, { provider }), new Uint8Array(50)),
).trace;
const keyLog = trace.keyLog.map(({ line }) => line).join("\n");
const packets = packetsIn(captureOf([trace], { maximumSegmentSize: 700 }));
const records = concatAll(
  trace.events.flatMap((event) =>
    event.kind === "bytes" && event.direction === "sent" ? [event.bytes] : [],
  ),
);
/** The same, as if it were of the sender of each event. */
const withRecords = (bytes: Uint8Array): Trace => ({
  ...recordsTrace(bytes),
  keyLog: trace.keyLog,
});
const options = { provider };

/** A kind of file, and what reads it. */
export interface Target {
  readonly name: string;
  readonly intact: Uint8Array;
  readonly read: (bytes: Uint8Array) => unknown;
}

const text = new TextDecoder("latin1");
const capture = (name: string, intact: Uint8Array): Target => ({
  name,
  intact,
  read: (bytes) => inspectCapture([bytes], { ...options, keyLog }),
});

/** Files of every form, and TLS by itself, which most damage to a file never reaches. */
export const targets: readonly Target[] = [
  capture("pcapng", captureOf([trace, early])),
  ...Object.entries(wrappings).map(([name, { linkType, wrap }]) =>
    capture(`pcap, ${name}`, pcapOf(packets.map(wrap), { linkType, littleEndian: linkType !== 1 })),
  ),
  capture("pcap, IPv6", pcapOf(packets.map(asIpv6), { linkType: 229, nanoseconds: true })),
  {
    name: "packets in pieces",
    intact: captureOf([trace]),
    read: (bytes) => inspectCapture([bytes.subarray(0, 99), bytes.subarray(99)], options),
  },
  { name: "records", intact: records, read: (bytes) => inspectTrace(withRecords(bytes), options) },
  {
    name: "a trace's file",
    intact: Uint8Array.from(Buffer.from(formatTrace(trace))),
    read: (bytes) => inspectTrace(parseTrace(text.decode(bytes)), options),
  },
];

/** Whether an error is one that says what is wrong with a file. */
export const isTyped = (error: unknown): boolean =>
  error instanceof CaptureError || error instanceof TraceFileError;

type Damage = (bytes: Uint8Array, pick: (below: number) => number) => Uint8Array;

const flipped: Damage = (bytes, pick) => {
  const damaged = bytes.slice();
  for (let count = 1 + pick(4); count > 0; count--) damaged[pick(damaged.length)]! ^= 1 << pick(8);
  return damaged;
};
const overwritten: Damage = (bytes, pick) => {
  const damaged = bytes.slice();
  const at = pick(bytes.length);
  const values = [0, 0xff, 0x7f, 0x80, pick(256)];
  damaged.fill(values[pick(values.length)]!, at, at + 1 + pick(8));
  return damaged;
};
const truncated: Damage = (bytes, pick) => bytes.slice(0, pick(bytes.length));
const moved: Damage = (bytes, pick) => {
  const [from, to] = [pick(bytes.length), pick(bytes.length)];
  const piece = bytes.slice(from, from + 1 + pick(300));
  return concat(
    bytes.subarray(0, to),
    piece,
    bytes.subarray(pick(2) === 0 ? to : to + piece.length),
  );
};
const random: Damage = (bytes, pick) =>
  concat(
    bytes.subarray(0, pick(64)),
    Uint8Array.from({ length: pick(400) }, () => pick(256)),
  );
const kinds: readonly Damage[] = [
  flipped,
  flipped,
  overwritten,
  overwritten,
  moved,
  truncated,
  random,
];

/** The same damage for the same seed. */
export function damage(bytes: Uint8Array, seed: number): Uint8Array {
  const { below: pick } = seeded(seed);
  let damaged = kinds[pick(kinds.length)]!(bytes, pick);
  while (pick(3) === 0 && damaged.length > 0) damaged = kinds[pick(kinds.length)]!(damaged, pick);
  return damaged;
}
