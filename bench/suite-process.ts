/** A suite in a process of its own. */
import { fork } from "node:child_process";
import type { Control } from "./measure.ts";
import type { RunOptions } from "./results.ts";
import type { Context, Findings, Named } from "./suite.ts";
import type { SuiteEntry } from "./suites.ts";

/** How one run of a suite is to be done. */
export interface Order {
  readonly options: RunOptions;
  /** Of the order within rounds. */
  readonly seed: number;
  /** Seconds of the clock, about. */
  readonly budget: number;
}

/** What the process is told. */
export type Told = { readonly suite: string; readonly order: Order } | { readonly stop: true };
/** What it says. */
export type Said =
  | { readonly progress: number }
  | { readonly findings: Findings }
  | { readonly error: string };

/** Runs it in this process. */
export async function here(entry: SuiteEntry, order: Order, control: Control): Promise<Findings> {
  const { options, seed, budget } = order;
  const context: Context = {
    ...control,
    options: { ...options, seed },
    budget,
    wants: (what, ...also) => isWanted(options, what, also),
  };
  return (await entry.load()).run(context);
}

/** Runs it in a new process, which is told to stop when the signal is. */
export function forked(
  { name }: SuiteEntry,
  order: Order,
  { signal, progress }: Control,
): Promise<Findings> {
  const child = fork(new URL("./suite-child.js", import.meta.url));
  const tell = (told: Told): void => void child.send(told);
  const stop = (): void => tell({ stop: true });
  signal.addEventListener("abort", stop);
  return new Promise<Findings>((resolve, reject) => {
    child.on("message", (said: Said) => {
      if ("progress" in said) progress(said.progress);
      else if ("findings" in said) resolve(said.findings);
      else reject(new Error(`the suite ${name} failed: ${said.error}`));
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`the process of the suite ${name} ended with ${String(code)}`));
    });
    tell({ suite: name, order });
  }).finally(() => {
    signal.removeEventListener("abort", stop);
    child.kill();
  });
}

function isWanted(
  options: RunOptions,
  { name, dimensions }: Named,
  also: readonly string[],
): boolean {
  const chosen = {
    provider: options.providers,
    group: options.groups,
    signature: options.signatures,
    suite: options.cipherSuites,
    mode: options.modes,
  };
  const isOther = Object.entries(chosen).some(([dimension, names]) => {
    const value = dimensions[dimension];
    return value !== undefined && names !== undefined && !names.includes(value);
  });
  if (isOther) return false;
  const words = (options.filter ?? "").toLowerCase().split(/\s+/);
  return [[name, ...Object.values(dimensions)].join(" "), ...also]
    .map((text) => text.toLowerCase())
    .some((text) => words.every((word) => text.includes(word)));
}
