/** Every algorithm of the package gives the answers that liboqs publishes. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { oqsAlgorithms } from "../../src/oqs/catalogue.ts";
import { OqsModule } from "../../src/oqs/module.ts";
import { findPackage } from "../../src/oqs/package.ts";
import { answerOf } from "./kat.ts";

const { releases } = JSON.parse(
  readFileSync(new URL("../../vectors/oqs/kats.json", import.meta.url), "utf8"),
) as { readonly releases: Readonly<Record<string, Readonly<Record<string, string>>>> };
const answers: Readonly<Record<string, string>> = Object.assign({}, ...Object.values(releases));
const installed = await findPackage();
const isKnown = ({ identifier }: { readonly identifier: string }): boolean => identifier in answers;

describe("the known answers of liboqs", () => {
  it("are there for all but SLH-DSA, and McEliece whose keys take long to make", () => {
    const without = oqsAlgorithms.filter((each) => !isKnown(each)).map(({ name }) => name);
    expect(without.filter((name) => !/^SLH-DSA|^Classic-McEliece-(?!348864)/.test(name))).toEqual(
      [],
    );
    expect(Object.keys(answers)).toHaveLength(oqsAlgorithms.length - without.length);
  });

  it.each(oqsAlgorithms.filter(isKnown))(
    "$name",
    async (algorithm) => {
      const module = await OqsModule.load(algorithm, installed);
      expect(answerOf(module)).toBe(answers[algorithm.identifier]);
      module.release();
    },
    120_000,
  );

  it.each(["HQC-128", "ML-KEM-768", "MAYO-2"])("are of that seed alone: %s", async (name) => {
    const algorithm = oqsAlgorithms.find((each) => each.name === name)!;
    const module = await OqsModule.load(algorithm, installed);
    expect(answerOf(module, 1)).not.toBe(answers[algorithm.identifier]);
    // And the platform's randomness is back
    const keys = [module.generateKey(), module.generateKey()];
    expect(keys[0]!.publicKey).not.toEqual(keys[1]!.publicKey);
    module.release();
  });
});
