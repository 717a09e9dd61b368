import { describe, expect, it } from "vitest";
import { groups } from "../../src/groups/index.ts";
import { generateFeatures, generateHandshakes } from "../../src/lab/hybrid/generate.ts";
import { defaultSeed } from "../../src/lab/hybrid/inputs.ts";
import { generateShares } from "../../src/lab/hybrid/wrong-shares.ts";
import { featureFiles, groupOf, handshakeFiles, shareFiles } from "./hybrid-files.ts";
import { loadText } from "./load.ts";

const slow = { timeout: 60_000 };

/**
 * `kemistry vectors generate --out vectors/hybrid` writes them again, where the engine's own messages
 * have changed.
 */
describe("the generator gives the same bytes again", slow, () => {
  const textOf = (file: object) => `${JSON.stringify(file)}\n`;
  const named = (path: string) => groups.find(({ name }) => name === groupOf(path))!;

  it.each(handshakeFiles)("%s", (path) => {
    const made = textOf(generateHandshakes(named(path), defaultSeed));
    // Not toBe: a difference of half a megabyte is not to be printed
    expect(made === loadText(path)).toBe(true);
  });

  it.each(featureFiles)("%s", (path) => {
    expect(textOf(generateFeatures(named(path), defaultSeed)) === loadText(path)).toBe(true);
  });

  it.each(shareFiles)("%s", (path) => {
    expect(textOf(generateShares(named(path), defaultSeed)) === loadText(path)).toBe(true);
  });

  it("and others for another seed", () => {
    const x25519 = groups.find(({ name }) => name === "x25519")!;
    const [first, second] = ["one", "two"].map((seed) => generateHandshakes(x25519, seed));
    const clientShares = [first, second].flatMap((file) =>
      file!.handshakes.map(({ exchange }) => exchange.clientShare),
    );
    expect(new Set(clientShares).size).toBe(clientShares.length);
    expect(textOf(generateHandshakes(x25519, "one"))).toBe(textOf(first!));
  });
});
