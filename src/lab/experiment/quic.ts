/** A recording over the model of QUIC's flights: the same handshake messages, in CRYPTO frames instead of records. */
import { type Link, type Network, type QuicLink, QuicRunner } from "../network/index.ts";
import type { FactorValues } from "./factors.ts";
import { type CpuMode, timeOf } from "./cpu.ts";
import type { RecordedStep, Recording } from "./record.ts";
import type { FlightSize } from "./rounds.ts";

/** The moments that the model knows. */
export const quicClocks = {
  handshake: "finished",
  "server-handshake": "serverFinished",
  "last-byte": "lastByte",
} as const;

/** Factors that mean nothing to it: of TCP alone, or not modelled. */
export const notOfQuic = ["jitter", "mss", "unit", "acks", "kernel", "load"] as const;

export const isQuicTimer = (timer: FactorValues["timer"]): timer is keyof typeof quicClocks =>
  Object.hasOwn(quicClocks, timer);

/** What one handshake took, in ms, and how many datagrams it lost. */
export type Replay = (seed: number) => { readonly ms: number; readonly lost: number };

/**
 * @throws RangeError for a network or a clock that the model has not, and operations that the CPU mode has no time for
 */
export function quicReplay(
  {
    steps,
    flights,
  }: { readonly steps: Recording["steps"]; readonly flights: readonly FlightSize[] },
  {
    network,
    values,
    cpu,
  }: { readonly network: Network; readonly values: FactorValues; readonly cpu: CpuMode },
): Replay {
  const { timer, request, payload, initialWindow } = values;
  if (!isQuicTimer(timer)) throw new RangeError(`the model of QUIC has no clock for ${timer}`);
  if (typeof initialWindow !== "number") {
    throw new RangeError("the model of QUIC has one initial window for both ends");
  }
  const [hello, server, last] = flights;
  const serverHello = server?.messages["server_hello"] ?? 0;
  const whole = cpu.table?.handshake ?? {};
  const workOf = (of: readonly RecordedStep[]): number =>
    of.reduce((sum, { operations }) => sum + timeOf(operations, cpu), 0);
  const pathOf = ({ delay, rate, limit, loss }: Link): QuicLink => ({
    delay,
    ...(rate === undefined ? {} : { rate }),
    ...(limit === undefined ? {} : { limit }),
    ...(loss && { loss }),
  });
  const runner = new QuicRunner(
    { up: pathOf(network.up), down: pathOf(network.down) },
    {
      clientHello: messageBytes(hello),
      serverHello,
      serverFlight: messageBytes(server) - serverHello,
      clientFlight: messageBytes(last),
      request,
      payload,
      serverWork: workOf(steps.server.slice(0, 1)) + (whole.server ?? 0),
      // Its keys are made before the first datagram; all else waits for the server's flight
      clientWork: workOf(steps.client.slice(1)) + (whole.client ?? 0),
    },
    { initialWindow },
  );
  const before = workOf(steps.client.slice(0, 1));
  return (seed) => {
    const outcome = runner.run(seed);
    return { ms: outcome[quicClocks[timer]] + before, lost: outcome.up.lost + outcome.down.lost };
  };
}

const messageBytes = (flight: FlightSize | undefined): number =>
  Object.values(flight?.messages ?? {}).reduce((sum, bytes) => sum + bytes, 0);
