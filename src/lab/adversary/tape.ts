/**
 * Runs on file, to be replayed byte by byte. A tape is JSON, one line for each thing: what was run,
 * everything that travelled with its time and direction, the secrets if they are allowed, the end. Each
 * line has a check over itself and all lines before, so that a change shows where it is.
 */
import * as z from "zod/mini";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  callable,
  complete,
  oneOf as oneOfThese,
  type OptionTable,
  text as aText,
} from "../../registry/check.ts";
import type { Role } from "../../schedule/index.ts";
import { hexadecimal, kindOf, readJson, whole } from "../../registry/json.ts";
import { fromHex, toHex, utf8 } from "../../wire/index.ts";
import { runAttack } from "./attack.ts";
import { ScenarioError } from "./edit.ts";
import { Secrets } from "../trace/keys.ts";
import type { Trace } from "../trace/trace.ts";
import type { ProviderMaker } from "./laboratory.ts";
import type { Transfer } from "./conversation.ts";
import { OnPath } from "./on-path.ts";
import { readScenario } from "./read-scenario.ts";
import type { AttackRow, AttackScenario } from "./scenario.ts";
import { TraceCollector } from "./tape-traces.ts";

/** The first line. A simulated run follows from it; of a real one only the adversary can be run again. */
export interface TapeHead {
  /** Says that the file is a tape. */
  readonly kemistry: "tape";
  /** The version of the format. */
  readonly version: 2;
  /** Whether both ends were ours, in memory, or one of them was real. */
  readonly kind: "simulated" | "real";
  /** What was run. */
  readonly scenario: AttackScenario;
  /** All randomness of our ends follows from it. */
  readonly seed: string;
  /** Name of the provider of our ends. */
  readonly provider: string;
}

/**
 * What a tape holds, as a trace of each connection.
 * @throws ScenarioError for a file that was cut or changed, with the line
 */
export function tapeTraces(tape: string): readonly Trace[] {
  return readTape(tape).collector.traces;
}

interface TransferLine extends Omit<Transfer, "bytes"> {
  /** Simulated: a count; real: milliseconds since the connection began. */
  readonly at: number;
  readonly bytes: string;
}

type Line =
  | TapeHead
  | TransferLine
  | { readonly secret: string; readonly end: Role }
  | { readonly done: true };

/** Writes a tape down while something runs. */
export class TapeRecorder {
  readonly #lines: string[];
  readonly #check = new RunningCheck();
  #transfers = 0;

  constructor(head: Omit<TapeHead, "kemistry" | "version">) {
    this.#lines = [];
    this.#add({ kemistry: "tape", version: 2, ...head });
  }

  transfer(transfer: Transfer, at = this.#transfers): void {
    this.#transfers++;
    this.#add({ at, ...transfer, bytes: toHex(transfer.bytes) });
  }

  secret(end: Role, secret: string): void {
    this.#add({ secret, end });
  }

  /** The whole tape. */
  finish(): string {
    this.#add({ done: true });
    return `${this.#lines.join("\n")}\n`;
  }

  #add(line: Line): void {
    const written = JSON.stringify(line, (_, value: unknown) =>
      value instanceof Uint8Array ? toHex(value) : value,
    );
    this.#lines.push(`${written.slice(0, -1)},"check":"${this.#check.after(written)}"}`);
  }
}

/** The first four bytes of SHA-256 over all lines until now. */
class RunningCheck {
  readonly #digest = sha256.create();

  after(line: string): string {
    this.#digest.update(utf8(`${line}\n`));
    return toHex(this.#digest.clone().digest().subarray(0, 4));
  }
}

/** With which provider and from which seed an attack is recorded, and what the tape keeps. */
export interface RecordOptions {
  /** Makes the provider of an end, over a source of randomness that follows from the seed. */
  readonly makeProvider: ProviderMaker;
  /** Its name, for whoever replays the tape. */
  readonly provider: string;
  /** Default: `kemistry`. */
  readonly seed?: string;
  /** Default: they are left out. */
  readonly secrets?: "recorded";
}

const checkRecord = complete(
  {
    makeProvider: callable,
    provider: aText,
    seed: aText,
    secrets: oneOfThese("recorded"),
  } satisfies OptionTable<RecordOptions>,
  "write { makeProvider, provider }",
  ["makeProvider", "provider"],
);

/** What came of an attack, and all of it written down. */
export interface RecordedAttack {
  /** What came of it. */
  readonly row: AttackRow;
  /** The text of the tape: lines of JSON. */
  readonly tape: string;
  /** Of each connection, with the secrets of its ends. */
  readonly traces: readonly Trace[];
}

/**
 * Runs a scenario, and writes all of it down.
 * @throws TypeError or RangeError for options that cannot be
 */
export function recordAttack(scenario: AttackScenario, options: RecordOptions): RecordedAttack {
  checkRecord(options, "recordAttack");
  const { makeProvider, provider, seed = "kemistry" } = options;
  const recorder = new TapeRecorder({ kind: "simulated", scenario, seed, provider });
  const collector = new TraceCollector();
  const row = runAttack(scenario, {
    makeProvider,
    seed,
    tape(transfer) {
      recorder.transfer(transfer);
      collector.transfer(transfer);
    },
    keyLog(end, line, connection) {
      if (options.secrets !== undefined) recorder.secret(end, line);
      collector.secret(end, line, connection);
    },
  });
  return { row, tape: recorder.finish(), traces: collector.traces };
}

/** What came of a tape that was run again. */
export interface Replay {
  /** The tape's first line. */
  readonly head: TapeHead;
  /** Transfers that the tape holds. */
  readonly transfers: number;
  /** `undefined` if it went as it is written. */
  readonly difference: string | undefined;
}

/**
 * Runs it again.
 * @throws ScenarioError for a file that was cut or changed, with the line
 */
export function replayTape(
  tape: string,
  makerOf: (provider: string) => ProviderMaker | undefined,
): Replay {
  const { head, transfers, secrets } = readTape(tape);
  const made: Transfer[] = [];
  if (head.kind === "simulated") {
    const makeProvider = makerOf(head.provider);
    if (makeProvider === undefined)
      throw new ScenarioError(`there is no provider ${head.provider}`);
    runAttack(head.scenario, {
      makeProvider,
      seed: head.seed,
      tape: (transfer) => made.push({ ...transfer, bytes: transfer.bytes.slice() }),
    });
  } else {
    if (head.scenario.keys === "traffic" && secrets === undefined) {
      throw new ScenarioError("the secrets were not recorded: without them it cannot be run again");
    }
    made.push(...runAdversary(head.scenario, transfers, secrets));
  }
  return { head, transfers: transfers.length, difference: compare(transfers, made) };
}

/** The adversary alone, between ends that say what they said then. */
function runAdversary(
  scenario: AttackScenario,
  transfers: readonly Transfer[],
  secrets: Secrets | undefined,
): Transfer[] {
  const made: Transfer[] = [];
  let connection = 0;
  let onPath: OnPath | undefined;
  for (const [index, transfer] of transfers.entries()) {
    if (transfer.from === "adversary") {
      // It comes of no bytes: what was held back was let go
      if (made.length <= index) onPath?.advance();
      continue;
    }
    if (onPath === undefined || transfer.connection !== connection) {
      connection = transfer.connection;
      const number = connection;
      onPath = new OnPath({
        steps: scenario.steps,
        secrets: scenario.keys === "traffic" ? secrets : undefined,
      });
      onPath.attach({
        deliver: (to, bytes) =>
          made.push({ connection: number, from: "adversary", to, bytes: bytes.slice() }),
        end: () => {},
      });
    }
    made.push(transfer);
    onPath.take(transfer.from, transfer.bytes);
  }
  return made;
}

function compare(old: readonly Transfer[], now: readonly Transfer[]): string | undefined {
  for (const [index, transfer] of old.entries()) {
    const other = now[index];
    const where = `transfer ${index + 1} (connection ${transfer.connection}, ${transfer.from} to ${transfer.to})`;
    if (other === undefined) return `${where}: the run ended before it`;
    if (other.from !== transfer.from || other.to !== transfer.to) {
      return `${where}: now it is ${other.from} to ${other.to}`;
    }
    const length = Math.max(transfer.bytes.length, other.bytes.length);
    for (let at = 0; at < length; at++) {
      if (transfer.bytes[at] === other.bytes[at]) continue;
      return `${where}, byte ${at}: ${shown(transfer.bytes[at])} in the file, ${shown(other.bytes[at])} now`;
    }
  }
  const extra = now[old.length];
  return extra && `after transfer ${old.length}: now ${extra.from} to ${extra.to} follows`;
}

const shown = (byte: number | undefined): string =>
  byte === undefined ? "the end" : byte.toString(16).padStart(2, "0");

function readTape(tape: string): {
  head: TapeHead;
  transfers: readonly Transfer[];
  secrets: Secrets | undefined;
  collector: TraceCollector;
} {
  const lines = tape.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const running = new RunningCheck();
  const [head, ...others] = lines.map((line, index) => readLine(line, index + 1, running));
  if (head === undefined || !("kemistry" in head)) {
    throw new ScenarioError("line 1: this is not a tape of kemistry");
  }
  const transfers: Transfer[] = [];
  const collector = new TraceCollector();
  let secrets: Secrets | undefined;
  for (const [index, line] of others.entries()) {
    if ("bytes" in line) {
      const transfer = { ...line, bytes: fromHex(line.bytes) };
      transfers.push(transfer);
      collector.transfer(transfer, line.at);
    } else if ("secret" in line) {
      (secrets ??= new Secrets()).add(line.end, line.secret);
      collector.secret(line.end, line.secret);
    } else if ("done" in line && index < others.length - 1) {
      throw new ScenarioError(`line ${index + 3}: it is after the end`);
    }
  }
  const last = others.at(-1);
  if (last === undefined || !("done" in last)) {
    throw new ScenarioError(
      `line ${lines.length}: the tape ends here, without its last line: it was cut`,
    );
  }
  return {
    head: { ...head, scenario: readScenario(head.scenario) },
    transfers,
    secrets,
    collector,
  };
}

const side = z.enum(["client", "server", "adversary"]);
const lines = kindOf(
  ["kemistry", "bytes", "secret", "done"],
  z.union([
    z.strictObject({
      kemistry: z.literal("tape"),
      version: z.literal(2),
      kind: z.enum(["simulated", "real"]),
      scenario: z.unknown(),
      seed: z.string(),
      provider: z.string(),
    }),
    z.strictObject({
      at: whole(0, Number.MAX_SAFE_INTEGER),
      connection: whole(0, 2 ** 31),
      from: side,
      to: side,
      bytes: hexadecimal,
    }),
    z.strictObject({ secret: z.string(), end: z.enum(["client", "server"]) }),
    z.strictObject({ done: z.literal(true) }),
  ]),
);

function readLine(line: string, number: number, running: RunningCheck): z.infer<typeof lines> {
  const [, content, check] = /^(\{.*),"check":"([\da-f]{8})"\}$/.exec(line) ?? [];
  if (content === undefined) {
    throw new ScenarioError(
      `line ${number}: it was cut or changed, or is not a line of a tape of kemistry`,
    );
  }
  if (running.after(`${content}}`) !== check)
    throw new ScenarioError(`line ${number}: it was changed`);
  return readJson(
    `${content}}`,
    lines,
    (reason) => new ScenarioError(`line ${number}: ${reason}`),
    "the line",
  );
}
