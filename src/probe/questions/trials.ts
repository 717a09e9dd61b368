/** Hellos that every server must take, one behind the other. */
import { type Answer, describeAnswer, isTls13 } from "../answer.ts";
import type { Asker, Delivery } from "../asker.ts";
import type { ServerFacts, TrialFact } from "../facts.ts";

export interface Trial {
  readonly name: string;
  /** @param how the answer is waited for, beside what the trial says itself */
  send(asker: Asker, known: ServerFacts, how: Patience): Promise<Answer>;
}

export type Patience = Pick<Delivery, "patience">;

/** Who has not answered so often will not: each silence costs time. */
const mostSilences = 4;
/** Milliseconds for the first that is not answered, once more: a server that is busy has not failed. */
const secondThoughts = { patience: 3000 };

export async function carryOut(
  trials: readonly Trial[],
  asker: Asker,
  known: ServerFacts,
): Promise<TrialFact[]> {
  const facts: TrialFact[] = [];
  let silences = 0;
  for (const { name, send } of trials) {
    if (silences === mostSilences) break;
    let answer = await send(asker, known, {});
    if (answer.kind === "silent" && silences === 0) {
      answer = await send(asker, known, secondThoughts);
    }
    silences = answer.kind === "silent" ? silences + 1 : 0;
    facts.push({ name, passed: isTls13(answer), answer: describeAnswer(answer) });
  }
  return facts;
}
