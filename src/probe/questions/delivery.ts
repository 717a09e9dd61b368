import { NamedGroup } from "../../registry/index.ts";
import type { Asker, Delivery } from "../asker.ts";
import type { ServerFacts } from "../facts.ts";
import { encodeHello, filler, inRecords } from "../hello.ts";
import { question, unlessGroups } from "../question.ts";
import { codeOf } from "./code-of.ts";
import { carryOut, type Trial } from "./trials.ts";

/** Milliseconds between two segments, so that they are not read as one. */
const gap = 60;
const segment = 1400;

/** A hello with a hybrid share, whatever the server takes, and a share that it takes. */
function largeHello(asker: Asker, { groups }: ServerFacts, more = 0): Uint8Array {
  const hybrid = NamedGroup.X25519MLKEM768;
  const accepted = (groups?.accepted ?? []).map(codeOf);
  const others = accepted.filter((code) => code !== hybrid);
  const shares = asker.shares(hybrid, ...others.slice(0, 1));
  const last = more === 0 ? {} : filler(more);
  return encodeHello({ groups: [hybrid, ...others], shares, last }, asker.serverName);
}

const cutAt =
  (...places: readonly number[]) =>
  (bytes: Uint8Array): Uint8Array[] =>
    [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));

const cutEvery =
  (size: number) =>
  (bytes: Uint8Array): Uint8Array[] =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );

const inPieces = (name: string, cut: Delivery["cut"], more = 0, pause = gap): Trial => ({
  name,
  send: (asker, known, how) =>
    asker.send(inRecords(largeHello(asker, known, more)), {
      ...how,
      pause,
      ...(cut === undefined ? {} : { cut }),
    }),
});

const fragmented = (name: string, size: number): Trial => ({
  name,
  send: (asker, known, how) => asker.send(inRecords(largeHello(asker, known), size), how),
});

const trials: readonly Trial[] = [
  inPieces("in one piece", undefined),
  inPieces("in two TCP segments", cutEvery(segment)),
  inPieces("in three TCP segments", cutEvery(segment), 2 * segment),
  inPieces("cut behind the first byte", cutAt(1)),
  inPieces("cut within the record header", cutAt(3)),
  inPieces("cut behind the record header", cutAt(5)),
  inPieces("cut behind the message header", cutAt(9)),
  inPieces("cut before the last byte", (bytes) => cutAt(bytes.length - 1)(bytes)),
  inPieces("byte by byte", cutEvery(1), 0, 0),
  // RFC 9846 §5.1: a handshake message may be fragmented across records
  fragmented("in two records", 1000),
  fragmented("in records of 100 bytes", 100),
];

/** Since key shares with ML-KEM a ClientHello does not fit one TCP segment, which some servers never saw (tldr.fail). */
export const delivery = question({
  name: "delivery",
  title: "is a ClientHello understood however it arrives",
  unless: unlessGroups,
  ask: (asker, known) => carryOut(trials, asker, known),
});
