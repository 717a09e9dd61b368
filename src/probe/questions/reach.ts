import { groups, isPostQuantum } from "../../groups/index.ts";
import { NamedGroup, ProtocolVersion } from "../../registry/index.ts";
import { type Answer, describeAnswer, goesOn, isTls13 } from "../answer.ts";
import type { ReachFacts } from "../facts.ts";
import { suiteCodes } from "../hello.ts";
import { question } from "../question.ts";
import { suitesOfTls12 } from "../tls12.ts";

const classical = groups.filter((group) => !isPostQuantum(group)).map(({ code }) => code);
const all = groups.map(({ code }) => code);
const versions = [ProtocolVersion["TLS 1.3"], ProtocolVersion["TLS 1.2"]];
const suites = [...suiteCodes, ...suitesOfTls12];

/** Twice, since what a server cannot take may be the size of a hello: small and classical, large and hybrid. */
export const reach = question({
  name: "reach",
  title: "is there a TLS server",
  async ask(asker) {
    const small = await asker.hello({
      versions,
      suites,
      groups: classical,
      shares: asker.shares(NamedGroup.x25519),
    });
    // Where nobody is, nobody is asked twice
    if (small.kind === "unreachable") return conclude(small, small);
    const large = await asker.hello({
      versions,
      suites,
      groups: all,
      shares: asker.shares(NamedGroup.X25519MLKEM768, NamedGroup.x25519),
    });
    return conclude(small, large);
  },
});

const isTls = ({ kind }: Answer): boolean =>
  kind === "server_hello" || kind === "retry" || kind === "alert";

function conclude(small: Answer, large: Answer): ReachFacts {
  const answers = [small, large];
  const other = answers.find((answer) => answer.kind === "other" || answer.kind === "unreachable");
  return {
    state: stateOf(answers),
    ...(other === undefined || !("said" in other) ? {} : { said: other.said }),
    ...(other?.kind === "unreachable" && other.code !== undefined ? { code: other.code } : {}),
    small: describeAnswer(small),
    large: describeAnswer(large),
    tls13: answers.some((answer) => goesOn(answer) && isTls13(answer)),
  };
}

function stateOf(answers: readonly Answer[]): ReachFacts["state"] {
  if (answers.some(isTls)) return "tls";
  const kinds = answers.map(({ kind }) => kind);
  if (kinds.includes("other") || kinds.includes("flood")) return "not tls";
  if (kinds.includes("silent")) return "silent";
  return kinds.includes("unreachable") ? "unreachable" : "closes";
}
