/** What the fleet's agents and who runs it say to each other. */
import type { Health, MeshChanges, MeshOptions } from "../../src/mesh/index.ts";

export interface Peer {
  readonly id: string;
  readonly port: number;
}

export interface AgentConfig {
  readonly mesh: Omit<MeshOptions, "rules"> & {
    readonly rules: readonly { from: string; to: string }[];
  };
  /** Milliseconds after which connections begin anew. Default: the mesh's. */
  readonly maxConnectionAge?: number | undefined;
}

/** What an answered request came over. */
export interface Over {
  /** Name of the group. */
  readonly group: string;
  /** Name of the scheme by which the server signed its handshake, or that of the session's. */
  readonly scheme: string;
}

/** A request that had no answer. */
export interface Lost {
  readonly to: string;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly error: string;
  /** Milliseconds until it failed. */
  readonly after: number;
  /** How the caller was then. */
  readonly state: Health["state"];
}

export type ToAgent =
  | { readonly type: "start"; readonly peers: readonly Peer[]; readonly interval: number }
  | { readonly type: "rotate" }
  | { readonly type: "update"; readonly changes: Pick<MeshChanges, "policy" | "algorithm"> };

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
      readonly over: readonly (Over & { readonly count: number })[];
      readonly health: Health;
      readonly memory: { readonly rss: number; readonly heapUsed: number };
    };
