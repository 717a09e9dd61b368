import type { Asker } from "./asker.ts";
import type { ServerFacts } from "./facts.ts";

/** One thing that is asked of a server; it may take several connections. */
export interface Question<Name extends keyof ServerFacts = keyof ServerFacts> {
  readonly name: Name;
  /** What it asks, for who waits. */
  readonly title: string;
  /** Why it makes no sense after what is known; `undefined`: it is asked. */
  unless?(known: ServerFacts, asker: Asker): string | undefined;
  ask(asker: Asker, known: ServerFacts): Promise<ServerFacts[Name]>;
}

/** A question of any name. */
export type AnyQuestion = { [Name in keyof ServerFacts]-?: Question<Name> }[keyof ServerFacts];

/** Keeps the type of a question's name. */
export const question = <const Name extends keyof ServerFacts>(
  each: Question<Name>,
): Question<Name> => each;

/** What most questions need. */
export const unlessTls13 = ({ reach }: ServerFacts): string | undefined =>
  reach?.tls13 === true ? undefined : "the server does not speak TLS 1.3";

/** For questions whose hellos have the groups that the server takes. */
export const unlessGroups = (known: ServerFacts): string | undefined =>
  unlessTls13(known) ??
  (known.groups?.accepted.length === 0 ? "no group is known that the server takes" : undefined);
