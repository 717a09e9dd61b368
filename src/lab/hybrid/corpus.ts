import type { Corpus } from "../vectors/corpus.ts";
import { engineAdapter } from "./engine-adapter.ts";
import { parseVectors } from "./read-vectors.ts";
import { checksOf } from "./replay.ts";

/**
 * The project's own vectors as a corpus: every check is a case.
 * @throws UnreadableCorpus
 */
export function parseHybrid(text: string): Corpus {
  const file = parseVectors(text);
  const how = file.origin.kind === "recorded" ? `, recorded with ${file.origin.peer}` : "";
  return {
    algorithm: `${file.group.name} ${file.format.replace(/^\w+ /, "")}${how}`,
    cases: checksOf(file).map(({ id, run }) => ({
      id,
      run: (subject) => run(engineAdapter(subject)),
    })),
  };
}
