/** The network of a cell, as `src/lab/network` takes it. */
import { type FactorValues, type LinkPreset, type PerDirection, type PerEnd } from "./factors.ts";
import type { Host, KernelName, Link, Loss, Network } from "../network/index.ts";

type GivenLoss = Exclude<FactorValues["loss"], { up: unknown }>;
type GivenJitter = Exclude<FactorValues["jitter"], { up: unknown }>;

const isPair = <T>(value: PerDirection<T>): value is { readonly up: T; readonly down: T } =>
  typeof value === "object" && value !== null && "up" in value;

const isPerEnd = <T>(value: PerEnd<T>): value is { readonly client: T; readonly server: T } =>
  typeof value === "object" && value !== null && "client" in value;

const direction = <T>(value: PerDirection<T>, way: "up" | "down"): T =>
  isPair(value) ? value[way] : value;

const end = <T>(value: PerEnd<T>, role: "client" | "server"): T =>
  isPerEnd(value) ? value[role] : value;

export const networkOf = (values: FactorValues): Network => ({
  up: linkOf(values, "up"),
  down: linkOf(values, "down"),
  client: hostOf(values, "client"),
  server: hostOf(values, "server"),
  mss: values.mss,
  unit: values.unit,
});

function linkOf(values: FactorValues, way: "up" | "down"): Link {
  const rate = direction(values.rate, way);
  const loss = lossOf(direction<GivenLoss>(values.loss, way));
  const jitter = jitterOf(direction<GivenJitter>(values.jitter, way));
  return {
    delay: values.rtt / 2,
    limit: direction(values.queue, way),
    ...(rate === "unlimited" ? {} : { rate }),
    ...(loss && { loss }),
    ...(jitter && { jitter }),
  };
}

function lossOf(loss: GivenLoss): Loss | undefined {
  if (typeof loss === "number") {
    return loss === 0 ? undefined : { kind: "bernoulli", probability: loss };
  }
  if (loss.kind === "gilbert-elliott") return loss;
  const { kind, packets, of } = loss;
  return { kind, packets, ...(of && { of }) };
}

function jitterOf(jitter: GivenJitter): Link["jitter"] {
  if (typeof jitter !== "number") return jitter;
  return jitter === 0 ? undefined : { deviation: jitter, distribution: "normal" };
}

const hostOf = (values: FactorValues, role: "client" | "server"): Host => ({
  kernel: end(values.kernel, role) as KernelName,
  initialWindow: end(values.initialWindow, role),
  acks: values.acks,
});

/** Draws decide: a second run may come out otherwise. */
export const isRandom = ({ up, down }: Network): boolean =>
  [up, down].some(({ loss, jitter }) => jitter !== undefined || (loss && loss.kind !== "scripted"));

/** What a link says, where the cell says nothing of its own. */
export const linkValues = (link: LinkPreset): Partial<FactorValues> =>
  Object.fromEntries(Object.entries(link).filter(([, value]) => value !== undefined));
