/** A recording as a network replays it: sizes, times of computing, and the moment at which the clock stops. */
import type { FlightScript, Step } from "../network/index.ts";
import type { FactorValues } from "./factors.ts";
import { type CpuMode, timeOf } from "./cpu.ts";
import type { RecordedStep, Recording } from "./record.ts";

export type Timer = FactorValues["timer"];

/** What stops the clock has this mark; all others have the names of {@link Timer}. */
export interface TimedScript {
  /** What the network carries. */
  readonly script: FlightScript;
  /** The mark that stops the clock. */
  readonly until: Timer;
}

/** @throws RangeError for an operation that the CPU mode has no time for */
export function scriptOf(
  { steps, handshakeBytes }: Pick<Recording, "steps" | "handshakeBytes">,
  cpu: CpuMode,
  timer: Timer,
): TimedScript {
  const whole = cpu.table?.handshake ?? {};
  const [client, server] = [
    steps.client.map((step, at) =>
      stepOf(step, cpu, at === 0 ? (whole.client ?? 0) : 0, clientMarks),
    ),
    steps.server.map((step, at) =>
      stepOf(step, cpu, at === 0 ? (whole.server ?? 0) : 0, serverMarks),
    ),
  ];
  return {
    script: { client: withTimer(client, steps, timer, handshakeBytes.client), server },
    until: timer,
  };
}

type Marks = Readonly<Partial<Record<NonNullable<RecordedStep["mark"]>, Timer>>>;
const clientMarks: Marks = { handshake: "handshake", request: "request", response: "last-byte" };
const serverMarks: Marks = { handshake: "server-handshake" };

function stepOf(step: RecordedStep, cpu: CpuMode, extra: number, marks: Marks): Step {
  const mark = step.mark && marks[step.mark];
  return {
    received: step.received,
    cpu: timeOf(step.operations, cpu) + extra,
    write: step.write,
    ...(mark && { mark }),
  };
}

/** Steps are done in order, so that a clock that nobody looks at would hold the others up. */
function withTimer(
  client: readonly Step[],
  steps: Recording["steps"],
  timer: Timer,
  written: number,
): readonly Step[] {
  if (timer === "acknowledged") {
    const end = steps.client.findIndex(({ mark }) => mark === "handshake") + 1;
    return [...client.slice(0, end), { acknowledged: written, mark: timer }, ...client.slice(end)];
  }
  if (timer === "first-byte") {
    const end = steps.client.findIndex(({ mark }) => mark === "response");
    const before = steps.client[end - 1]?.received ?? 0;
    return [...client.slice(0, end), { received: before + 1, mark: timer }, ...client.slice(end)];
  }
  return client;
}
