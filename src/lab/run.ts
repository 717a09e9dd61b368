/** One handshake in memory, watched from inside. It runs anywhere that the engine runs. */
import {
  type ClientOptions,
  type CommonOptions,
  type Connection,
  createClient,
  createServer,
  type ServerOptions,
} from "../connection/index.ts";
import type { EpochName, Observer, RecordFact } from "../record/index.ts";
import { TlsError } from "../registry/index.ts";

export type Role = "client" | "server";

/** What one end sent, in the order in which it was sent. A message comes before the records that carry it. */
export type Sent =
  | {
      readonly from: Role;
      readonly kind: "message";
      /** Header included. */
      readonly raw: Uint8Array;
      readonly epoch: EpochName;
    }
  | { readonly from: Role; readonly kind: "record"; readonly record: RecordFact };

export interface Experiment {
  readonly client: ClientOptions;
  readonly server: ServerOptions;
}

export interface HandshakeRun {
  readonly client: Connection;
  readonly server: Connection;
  readonly sent: readonly Sent[];
  /** Of the end that noticed first; `undefined` if the handshake succeeded. */
  readonly error: TlsError | undefined;
  /** Milliseconds that each end was at work, both ends' waiting excluded. */
  readonly milliseconds: Readonly<Record<Role, number>>;
}

/**
 * Runs a handshake to its end, good or bad. A handshake that fails is a result and not an exception.
 * @throws RangeError or TypeError for options that cannot be, TlsError `misuse` for asynchronous parts
 */
export function runHandshake({ client, server }: Experiment): HandshakeRun {
  const sent: Sent[] = [];
  const ends: Record<Role, Connection> = {
    client: createClient({ ...client, observer: recorder("client", client, sent) }),
    server: createServer({ ...server, observer: recorder("server", server, sent) }),
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

  run("server", (end) => end.start());
  run("client", (end) => end.start());
  const carry = (from: Role, to: Role): boolean => {
    const chunks = run(from, (end) => end.takeOutput());
    run(to, (end) => {
      for (const chunk of chunks) end.receive(chunk);
    });
    return chunks.length > 0;
  };
  let moved = true;
  while (moved) {
    moved = carry("client", "server");
    moved = carry("server", "client") || moved;
  }
  if (ends.client.busy || ends.server.busy) {
    throw new TlsError("misuse", "the handshake has an asynchronous part, which cannot run here");
  }
  return { ...ends, sent, error, milliseconds };
}

/** Writes down what is sent, and tells the caller's own observer everything as before. */
function recorder(from: Role, { observer }: CommonOptions, sent: Sent[]): Observer {
  return {
    message(direction, raw, epoch) {
      if (direction === "sent") sent.push({ from, kind: "message", raw, epoch });
      observer?.message?.(direction, raw, epoch);
    },
    record(direction, record) {
      if (direction === "sent") sent.push({ from, kind: "record", record });
      observer?.record?.(direction, record);
    },
  };
}
