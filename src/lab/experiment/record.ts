/**
 * One handshake of the real engine, recorded: what each end wrote, after how many bytes of the other's, and what it
 * computed before. A network replays that as often as it likes, and no engine runs then.
 *
 * The bytes are cut into records on their way, and handed over one by one, so that it shows after which of them an end
 * could go on. All randomness comes from the seed, and cryptography is noble's: the same bytes on every machine. What
 * a stand-in (size only) sends has the published length.
 */
import {
  type Connection,
  createClientConnection,
  createServerConnection,
} from "../../connection/index.ts";
import { type Medium, type Outlet, pump, type PumpedEnd } from "../../connection/pump.ts";
import { TlsError } from "../../registry/index.ts";
import { otherRole, type Role } from "../../schedule/index.ts";
import { concatAll } from "../../wire/index.ts";
import { resumed } from "../resume.ts";
import type { Experiment } from "../run.ts";
import { RecordCutter } from "../trace/cutters.ts";
import type { TraceItem } from "../trace/reader.ts";
import { type KeyLogLine, readTrace, type Trace, type TraceEvent } from "../trace/trace.ts";
import { type Ends, endsOf, type HandshakePlan } from "./ends.ts";
import type { Operation, OperationLog } from "./operations.ts";

/** What one end does next. */
export interface RecordedStep {
  /** Bytes of the other end that have arrived then. */
  readonly received: number;
  /** That it computes before it writes, in order. */
  readonly operations: readonly Operation[];
  /** Bytes that it writes then; 0 if it only computes. */
  readonly write: number;
  /** What has come about with it: the end is open, it has asked, it has its answer. */
  readonly mark?: "handshake" | "request" | "response";
}

export interface Recording {
  /** Of each end, in order. */
  readonly steps: Readonly<Record<Role, readonly RecordedStep[]>>;
  /** The handshake, and the request and the answer behind it. Its clock counts records. */
  readonly trace: Trace;
  /** What both ends sent during the handshake. */
  readonly sent: readonly TraceItem[];
  /** After all of it. */
  readonly client: Connection;
  /** After all of it. */
  readonly server: Connection;
  /** Bytes on the wire until both ends are open, by sender. */
  readonly handshakeBytes: Readonly<Record<Role, number>>;
}

/** @throws TlsError if the handshake fails, RangeError for a plan that cannot be */
export function recordHandshake(plan: HandshakePlan, seed: string): Recording {
  const { client, server, logs } = endsOf(plan, seed);
  if (!plan.resumed) return converse({ client, server }, logs, plan);
  const earlyData = plan.earlyData > 0 ? new Uint8Array(plan.earlyData) : undefined;
  const later = resumed({ client, server }, earlyData);
  // What the first handshake computed does not count
  for (const log of Object.values(logs)) log.take();
  return converse(later, logs, plan);
}

/** All that an end wrote. */
export const bytesOf = ({ events }: Trace, from: Role): Uint8Array =>
  concatAll(
    events.flatMap((event) =>
      event.end === from && event.direction === "sent" && event.kind === "bytes"
        ? [event.bytes]
        : [],
    ),
  );

function converse(
  { client, server, earlyData }: Experiment,
  logs: Ends["logs"],
  plan: HandshakePlan,
): Recording {
  const keyLog: KeyLogLine[] = [];
  const logged = (end: Role) => ({ keyLog: (line: string) => void keyLog.push({ end, line }) });
  const ends = {
    client: new Stepper(createClientConnection({ ...client, ...logged("client") }), logs.client),
    server: new Stepper(createServerConnection({ ...server, ...logged("server") }), logs.server),
  };
  ends.server.connection.start();
  ends.client.connection.start();
  if (earlyData !== undefined) ends.client.connection.write(earlyData);
  const handshake: TraceEvent[] = [];
  pump(ends, { medium: new RecordByRecord(), tap: (event) => void handshake.push(event) });
  if (Object.values(ends).some(({ connection }) => connection.state !== "open")) {
    throw new TlsError("misuse", "the handshake waits for something asynchronous");
  }
  const handshakeBytes = { client: ends.client.written, server: ends.server.written };
  const hasData = plan.request > 0 || plan.payload > 0;
  const data = hasData ? exchange(ends, plan, handshake.at(-1)!.at) : [];
  return {
    steps: { client: ends.client.steps, server: ends.server.steps },
    trace: { events: [...handshake, ...data], keyLog },
    sent: readTrace({ events: handshake, keyLog }, { suites: [plan.suite] }),
    client: ends.client.connection,
    server: ends.server.connection,
    handshakeBytes,
  };
}

/** An end that writes down what it does, as often as it is asked for its output. */
class Stepper implements PumpedEnd {
  readonly connection: Connection;
  readonly steps: RecordedStep[] = [];
  readonly #log: OperationLog;
  #received = 0;
  #isOpen = false;

  constructor(connection: Connection, log: OperationLog) {
    this.connection = connection;
    this.#log = log;
  }

  get written(): number {
    return this.steps.reduce((sum, { write }) => sum + write, 0);
  }

  /** @throws TlsError with which this end failed */
  takeOutput(): Uint8Array[] {
    const chunks = this.connection.takeOutput();
    if (this.connection.error !== undefined) throw this.connection.error;
    const write = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const operations = this.#log.take();
    const opens = !this.#isOpen && this.connection.state === "open";
    this.#isOpen ||= opens;
    if (operations.length > 0 || write > 0 || opens) {
      const mark = opens ? { mark: "handshake" as const } : {};
      this.steps.push({ received: this.#received, operations, write, ...mark });
    }
    return chunks;
  }

  receive(bytes: Uint8Array): void {
    this.#received += bytes.length;
    this.connection.receive(bytes);
  }
}

/** Hands over the next record when both ends have said what came of the last. */
class RecordByRecord implements Medium {
  readonly #cutters = { client: new RecordCutter(), server: new RecordCutter() };
  readonly #waiting: { readonly to: Role; readonly record: Uint8Array }[] = [];
  #outlet: Outlet | undefined;
  #carried = 0;

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  take(from: Role, bytes: Uint8Array): void {
    for (const record of this.#cutters[from].push(bytes)) {
      this.#waiting.push({ to: otherRole(from), record });
    }
  }

  end(): void {}

  advance(): boolean {
    const next = this.#waiting.shift();
    if (next === undefined) return false;
    this.#carried++;
    this.#outlet?.deliver(next.to, next.record);
    return true;
  }

  now(): number {
    return this.#carried;
  }
}

/** A request and its answer, as the records that the engine makes of them. */
function exchange(
  { client, server }: Readonly<Record<Role, Stepper>>,
  { request, payload }: Pick<HandshakePlan, "request" | "payload">,
  at: number,
): TraceEvent[] {
  const ofHandshake = { client: client.written, server: server.written };
  const written = ({ connection }: Stepper, length: number): Uint8Array => {
    if (length > 0) connection.write(new Uint8Array(length));
    return concatAll(connection.takeOutput());
  };
  const [asked, answered] = [written(client, request), written(server, payload)];
  const received = ofHandshake.server;
  const operations: readonly Operation[] = [];
  client.steps.push({ received, operations, write: asked.length, mark: "request" });
  server.steps.push({
    received: ofHandshake.client + asked.length,
    operations,
    write: answered.length,
  });
  client.steps.push({
    received: received + answered.length,
    operations,
    write: 0,
    mark: "response",
  });
  const sent = { at, direction: "sent", kind: "bytes" } as const;
  return [
    { ...sent, end: "client", bytes: asked },
    { ...sent, end: "server", bytes: answered },
  ];
}
