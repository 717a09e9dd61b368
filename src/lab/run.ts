/** One handshake in memory, watched from inside. It runs anywhere that the engine runs. */
import {
  type ClientOptions,
  type Connection,
  createClient,
  createServer,
  type ServerOptions,
} from "../connection/index.ts";
import { pump, type PumpedEnd } from "../connection/pump.ts";
import type { Negotiated } from "../handshake/index.ts";
import * as check from "../registry/check.ts";
import { TlsError } from "../registry/index.ts";
import type { Role } from "../schedule/index.ts";
import { type Sent, watchSent } from "./trace/watch.ts";

export interface Experiment {
  readonly client: ClientOptions;
  readonly server: ServerOptions;
  /** Sent with the client's first flight, where its session allows that. */
  readonly earlyData?: Uint8Array;
}

export interface HandshakeRun {
  readonly client: Connection;
  readonly server: Connection;
  /** What both ends sent. A message comes before the records that carry it. */
  readonly sent: readonly Sent[];
  /** As the client saw it; as the server did, if the client failed. */
  readonly negotiated: Negotiated | undefined;
  /** Of the end that noticed first; `undefined` if the handshake succeeded. */
  readonly error: TlsError | undefined;
  /** Milliseconds that each end was at work. */
  readonly milliseconds: Readonly<Record<Role, number>>;
}

// The options of the ends are checked by who makes them
const isThere = check.like("options: createClient(…) says which", "provider");
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
  const sent: Sent[] = [];
  const ends: Record<Role, Connection> = {
    client: createClient({ ...client, observer: watchSent("client", sent, client.observer) }),
    server: createServer({ ...server, observer: watchSent("server", sent, server.observer) }),
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
  pump({ client: measured("client"), server: measured("server") });
  if (ends.client.busy || ends.server.busy) {
    throw new TlsError("misuse", "the handshake has an asynchronous part, which cannot run here");
  }
  const negotiated = ends.client.negotiated ?? ends.server.negotiated;
  return { ...ends, sent, negotiated, error, milliseconds };
}
