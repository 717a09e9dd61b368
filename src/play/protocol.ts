/** What the page asks its worker, and what it is told. */
import type { Experiment } from "./address.ts";

/** A question. */
export type Request =
  | { readonly kind: "what there is" }
  | { readonly kind: "catalogue" }
  | { readonly kind: "run"; readonly experiment: Experiment }
  | {
      readonly kind: "network";
      readonly flights: readonly FlightSize[];
      readonly experiment: Experiment;
    }
  | { readonly kind: "attack"; readonly name: string }
  | { readonly kind: "cost"; readonly group: string };

/** The answer to each kind of question. */
export interface Answers {
  readonly "what there is": Offer;
  readonly catalogue: readonly Listed[];
  readonly run: Ran;
  readonly network: Sequence;
  readonly attack: Verdict;
  readonly cost: Cost;
}

/** What the playground can be told to use. */
export interface Offer {
  readonly groups: readonly {
    readonly name: string;
    readonly kind: "hybrid" | "post-quantum" | "classical";
  }[];
  readonly suites: readonly string[];
  /** Schemes that sign handshakes. */
  readonly signatures: readonly string[];
  readonly credentials: readonly Choice[];
  /** Of a chain: what a leaf can have, and what signs. */
  readonly leafKeys: readonly Choice[];
  readonly signingKeys: readonly Choice[];
}

/** Something to choose, and how it is called for people. */
export interface Choice {
  readonly name: string;
  readonly says: string;
}

/** A scenario of the catalogue. */
export interface Listed {
  readonly name: string;
  readonly family: string;
  readonly does: string;
  readonly section: string;
}

/** A handshake that was run, as HTML in which everything from outside is escaped. */
export interface Ran {
  readonly html: string;
  /** In one sentence, for who does not see the page. */
  readonly says: string;
  readonly flights: readonly FlightSize[];
  /** Of a scenario of the catalogue. */
  readonly verdict: Verdict | null;
}

/** How many bytes a flight has, record headers included. */
export interface FlightSize {
  readonly from: "client" | "server";
  readonly bytes: number;
  /** Milliseconds from the last byte of the flight before to its own first. */
  readonly cpu: number;
}

/** How a scenario of the catalogue ended, and how it was predicted to. */
export interface Verdict {
  readonly name: string;
  readonly asPredicted: boolean;
  readonly client: string;
  readonly server: string;
  readonly predicted: string;
  readonly problems: readonly string[];
}

/** The handshake's packets in time. */
export interface Sequence {
  readonly svg: string;
  readonly says: string;
}

/** Medians, in milliseconds. */
export interface Cost {
  readonly group: string;
  readonly generate: number;
  readonly encapsulate: number;
  readonly decapsulate: number;
  readonly handshake: number;
}

export type Numbered<T> = T & { readonly id: number };
/** `error` is for people. */
export type Reply = Numbered<{ readonly answer: unknown } | { readonly error: string }>;
