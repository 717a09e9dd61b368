/** A network in virtual time: TCP between two hosts, by sizes and times. It knows nothing of TLS. */
export { Flag, type Packet, type PacketBox, type Tap, type Verdict } from "./channel.ts";
export { exponentials, seedFor } from "./draws.ts";
export type { Processors } from "./end.ts";
export { type Kernel, type KernelName, kernels } from "./kernel.ts";
export type { Loss } from "./loss.ts";
export {
  type Acks,
  checkNetwork,
  type Host,
  type Jitter,
  type Link,
  type Network,
  type ReceiveWindow,
  type Symmetric,
  symmetric,
} from "./network.ts";
export { type Outcome, Runner, type RunnerOptions, type Traffic } from "./runner.ts";
export { checkScript, type FlightScript, type Step } from "./script.ts";
export { NetworkMedium, type NetworkMediumOptions, type NetworkOutlet } from "./medium.ts";
export { type SentPacket, type TracedRun, traceRun } from "./trace.ts";
export { Cores, type LoadOptions, runLoad } from "./load.ts";
export {
  type QuicHandshake,
  type QuicLink,
  type QuicNetwork,
  type QuicOptions,
  type QuicOutcome,
  QuicRunner,
} from "./quic.ts";
