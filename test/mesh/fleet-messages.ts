/** What the fleet's agents and who runs it say to each other. */
import type { Health, MeshOptions } from "../../src/mesh/index.ts";

export interface Peer {
  readonly id: string;
  readonly port: number;
}

export interface AgentConfig {
  readonly mesh: Omit<MeshOptions, "rules"> & {
    readonly rules: readonly { from: string; to: string }[];
  };
}

/** A request that had no answer. */
export interface Lost {
  readonly to: string;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly error: string;
}

export type ToAgent =
  | { readonly type: "start"; readonly peers: readonly Peer[]; readonly interval: number }
  | { readonly type: "rotate" };

export type FromAgent =
  | { readonly type: "ready"; readonly port: number }
  | { readonly type: "renewed"; readonly serial: string }
  | { readonly type: "cut"; readonly connections: number }
  | {
      readonly type: "report";
      /** Since the last one. */
      readonly done: number;
      readonly lost: readonly Lost[];
      /** Milliseconds of each answer. */
      readonly times: readonly number[];
      /** When each peer answered last. */
      readonly lastAnswers: readonly (readonly [id: string, at: number])[];
      readonly health: Pick<Health, "state" | "serial" | "failure">;
      readonly memory: { readonly rss: number; readonly heapUsed: number };
    };
