/** An implementation, ours or another: it can be started as either end of a run. */
import type { EndSetup } from "../peers/setup.ts";
import type { PeerRole } from "../peers/command.ts";
import type { RunFiles } from "./files.ts";

/** Where an end of a run is started. */
export interface Start {
  readonly setup: EndSetup;
  readonly files: RunFiles;
}

/** Where a client goes, and for the how manieth time, from 0. */
export interface ClientStart extends Start {
  readonly port: number;
  readonly connection: number;
}

export interface Implementation {
  /** As the command line has it. */
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** A client that makes both connections of a case by itself, within one process. */
  readonly connectsAgain: boolean;
  /** Why it cannot be asked for this; `undefined` if it can. */
  lacking(role: PeerRole, setup: EndSetup): string | undefined;
  /** What it is known to do wrongly in a case. */
  fault(role: PeerRole, test: string): string | undefined;
  startServer(start: Start): Promise<RunningServer>;
  startClient(start: ClientStart): Promise<RunningEnd>;
}

/** An end while it runs. */
export interface RunningEnd {
  /** What it says is its own: an end that makes requests or answers by itself, or that echoes. */
  readonly speaks: "input" | "itself" | "echo";
  /** A client says early what it is told first, or what its arguments say. */
  readonly saysEarly: "what is first" | "by itself";
  /** Another connection begins: what it was given before does not count. */
  begin(): void;
  /** Sends this, once it may. */
  say(bytes: Uint8Array): void;
  /** All of this has come to it in this connection. */
  hasHeard(bytes: Uint8Array): boolean;
  updateKeys(): void;
  close(): void;
  /** Ends its own direction. */
  halfClose(): void;
  /** In hexadecimal, of this connection. */
  exported(): string | undefined;
  /** Lines of its key log. */
  keyLog(): readonly string[];
  /** What it said of itself: what a program printed, or our error. */
  output(): string;
  readonly isOver: boolean;
  stop(): Promise<void>;
}

export interface RunningServer extends RunningEnd {
  readonly port: number;
}
