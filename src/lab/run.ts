/** One handshake in memory, watched from inside. It runs anywhere that the engine runs. */
import {
  type ClientOptions,
  type Connection,
  createClientConnection,
  createServerConnection,
  type ServerOptions,
} from "../connection/index.ts";
import { pump, type PumpedEnd } from "../connection/pump.ts";
import { noble } from "../crypto/index.ts";
import type { Negotiated } from "../handshake/index.ts";
import * as check from "../registry/check.ts";
import { TlsError } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";
import type { TraceItem } from "./trace/reader.ts";
import { type KeyLogLine, readTrace, type Trace, type TraceEvent } from "./trace/trace.ts";

/** The two ends of one handshake, and what the client sends early. */
export interface Experiment {
  /** The client's options. */
  readonly client: ClientOptions;
  /** The server's options. */
  readonly server: ServerOptions;
  /** Sent with the client's first flight, where its session allows that. */
  readonly earlyData?: Uint8Array;
}

/** What came of one handshake: both connections, and all that they sent. */
export interface HandshakeRun {
  /** The client, as the run left it. */
  readonly client: Connection;
  /** The server, as the run left it. */
  readonly server: Connection;
  /** What passed both ends' taps, and what they wrote to their key logs. */
  readonly trace: Trace;
  /** What both ends sent, read from the trace once it is asked for. */
  readonly sent: readonly TraceItem[];
  /** As the client saw it; as the server did, if the client failed. */
  readonly negotiated: Negotiated | undefined;
  /** Of the end that noticed first; `undefined` if the handshake succeeded. */
  readonly error: TlsError | undefined;
  /** Milliseconds that each end was at work. */
  readonly milliseconds: Readonly<Record<Role, number>>;
}

// The options of the ends are checked by who makes them
const isThere = check.like("options: createClientConnection(…) says which");
const checkExperiment = check.complete(
  {
    client: isThere,
    server: isThere,
    earlyData: check.bytes,
  } satisfies check.OptionTable<Experiment>,
  "write { client, server }, or setUp(…)",
  ["client", "server"],
);

/**
 * Runs a handshake to its end, good or bad. A handshake that fails is a result and not an exception.
 * @throws RangeError or TypeError for options that cannot be, TlsError `misuse` for asynchronous parts
 */
export function runHandshake(experiment: Experiment): HandshakeRun {
  checkExperiment(experiment, "runHandshake");
  const { client, server, earlyData } = experiment;
  const trace = { events: [] as TraceEvent[], keyLog: [] as KeyLogLine[] };
  const logged = (end: Role, inner?: (line: string) => void) => (line: string) => {
    trace.keyLog.push({ end, line });
    inner?.(line);
  };
  const ends: Record<Role, Connection> = {
    client: createClientConnection({ ...client, keyLog: logged("client", client.keyLog) }),
    server: createServerConnection({ ...server, keyLog: logged("server", server.keyLog) }),
  };
  const milliseconds: Record<Role, number> = { client: 0, server: 0 };
  let error: TlsError | undefined;
  const run = <T>(role: Role, work: (end: Connection) => T): T => {
    const start = performance.now();
    const result = work(ends[role]);
    milliseconds[role] += performance.now() - start;
    error ??= ends[role].error;
    return result;
  };
  const measured = (role: Role): PumpedEnd => ({
    takeOutput: () => run(role, (end) => end.takeOutput()),
    receive: (bytes) => run(role, (end) => end.receive(bytes)),
  });

  run("server", (end) => end.start());
  run("client", (end) => {
    end.start();
    if (earlyData !== undefined && end.canWrite) end.write(earlyData);
  });
  pump(
    { client: measured("client"), server: measured("server") },
    { tap: (event) => void trace.events.push(event) },
  );
  if (ends.client.busy || ends.server.busy) {
    throw new TlsError("misuse", "the handshake has an asynchronous part, which cannot run here");
  }
  const { provider = noble } = server;
  const suites = server.suites?.filter((suite) => typeof suite !== "string") ?? [];
  const negotiated = ends.client.negotiated ?? ends.server.negotiated;
  let sent: readonly TraceItem[] | undefined;
  return {
    ...ends,
    trace,
    get sent() {
      return (sent ??= readTrace(trace, { provider, suites }));
    },
    negotiated,
    error,
    milliseconds,
  };
}
