/** A fault that is put into the source to see who notices it. */
export interface Mutant {
  /** What goes wrong, in words: lower case, with hyphens. */
  readonly name: string;
  /** The name of its file in `faults/`. */
  readonly family: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Test files of which at least one must fail. Without any there are `scenarios`. */
  readonly tests: readonly string[];
  /** Scenarios of the catalogue, each of which must come out otherwise than predicted. */
  readonly scenarios?: readonly string[];
  /** Whether another end of the connection, or somebody between them, could see the difference. */
  readonly observable: "peer" | "local";
  /** Why no test can notice it. Only for faults that change nothing. */
  readonly lives?: string;
}

/** What stands in the files of `faults/`. */
export type Fault = Omit<Mutant, "family">;

export const mutants: readonly Mutant[];

/** The source with the fault in it. @throws Error if what it replaces does not stand there exactly once */
export function mutate(mutant: Mutant, source: string): string;

/** Those of a day: the same for everybody, others on the next. */
export function sampleOf(day: string, size: number): readonly Mutant[];
