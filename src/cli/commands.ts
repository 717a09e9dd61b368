import type { Command } from "commander";

/** What a command's file exports. */
export interface CommandModule {
  /** Declares arguments, options and the action. */
  define(command: Command): void;
}

/** A command is one file in `commands/` and one entry here. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Only the command that runs is loaded: the others cost nothing. */
  load(): Promise<CommandModule>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: "demo",
    summary: "hybrid and classical handshakes side by side, and speeds",
    load: () => import("./commands/demo.ts"),
  },
  {
    name: "handshake",
    summary: "run one in memory and print its ledger, byte by byte",
    load: () => import("./commands/handshake.ts"),
  },
  {
    name: "serve",
    summary: "an HTTPS page that says what was negotiated",
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "connect",
    summary: "say what a server negotiates, then pipe stdin and stdout",
    load: () => import("./commands/connect.ts"),
  },
  {
    name: "probe",
    summary: "is a server ready for post-quantum TLS, and what is missing",
    load: () => import("./commands/probe.ts"),
  },
  {
    name: "pki",
    summary: "certificates: issue, renew, revoke, lists, OCSP, look into files",
    load: () => import("./commands/pki.ts"),
  },
  {
    name: "authority",
    summary: "an authority that runs: enrolment, renewal, lists and OCSP for agents",
    load: () => import("./commands/authority.ts"),
  },
  {
    name: "groups",
    summary: "key-exchange groups: code points, sizes, back ends",
    load: () => import("./commands/groups.ts"),
  },
  {
    name: "suites",
    summary: "cipher suites: code points, keys, limits, back ends",
    load: () => import("./commands/suites.ts"),
  },
  {
    name: "signatures",
    summary: "signature schemes: code points, sizes, back ends",
    load: () => import("./commands/signatures.ts"),
  },
  {
    name: "algorithms",
    summary: "all groups and signatures, candidates too: sizes, costs, bytes",
    load: () => import("./commands/algorithms.ts"),
  },
  {
    name: "vectors",
    summary: "test vectors: run corpora, make hybrid handshakes",
    load: () => import("./commands/vectors.ts"),
  },
  {
    name: "bench",
    summary: "what everything costs: handshakes, records, primitives, against peers",
    load: () => import("./commands/bench.ts"),
  },
  {
    name: "timing",
    summary: "whether the time of secret operations depends on their input",
    load: () => import("./commands/timing.ts"),
  },
  {
    name: "lab",
    summary: "experiments in simulated time: describe, run, plot, merge",
    load: () => import("./commands/lab.ts"),
  },
  {
    name: "report",
    summary: "make a page with plots from what bench measured",
    load: () => import("./commands/report.ts"),
  },
  {
    name: "attack",
    summary: "an attacker between two ends: scenarios, a proxy, a search",
    load: () => import("./commands/attack.ts"),
  },
  {
    name: "interop",
    summary: "other implementations against this one, or each other",
    load: () => import("./commands/interop.ts"),
  },
  {
    name: "inspect",
    summary: "what a capture, a tape or a trace holds, of anybody's TLS 1.3",
    load: () => import("./commands/inspect.ts"),
  },
  {
    name: "model",
    summary: "all that an attacker without keys can do in a few connections",
    load: () => import("./commands/model.ts"),
  },
  {
    name: "play",
    summary: "a playground in your browser: handshakes to look at and to break",
    load: () => import("./commands/play.ts"),
  },
  {
    name: "replay",
    summary: "run a tape again, and say where it first differs",
    load: () => import("./commands/replay.ts"),
  },
  {
    name: "completion",
    summary: "completions for bash, zsh and fish",
    load: () => import("./commands/completion.ts"),
  },
];
