/** What an experiment file holds. `experiment.schema.json` beside this file says the same to an editor. */
import * as z from "zod/mini";
import { chainSchema, type FactorName, factors, type FactorValues, linkSchema } from "./factors.ts";

/** A factor's values as they stand in a file: one, or a list. */
export type GivenFactors = {
  readonly [F in FactorName]?: FactorValues[F] | readonly FactorValues[F][];
};

const givenFactors = z.strictObject(
  Object.fromEntries(
    Object.entries(factors).map(([name, { schema, fallback, about }]) => [
      name,
      z
        .optional(z.union([schema, z.array(schema as z.ZodMiniType).check(z.minLength(1))]))
        .register(z.globalRegistry, { description: about, default: fallback }),
    ]),
  ),
) as unknown as z.ZodMiniType<GivenFactors>;

const described = <T extends z.ZodMiniType>(schema: T, description: string): T => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

const name = z.string().check(z.minLength(1), z.maxLength(100));
const named = <T extends z.ZodMiniType>(value: T) => z.record(name, value);
const bytes = z.int().check(z.minimum(0), z.maximum(10_000_000));
const milliseconds = z.number().check(z.minimum(0), z.maximum(1_000_000));

const costs = z.strictObject({
  generate: z.optional(milliseconds),
  encapsulate: z.optional(milliseconds),
  decapsulate: z.optional(milliseconds),
  sign: z.optional(milliseconds),
  verify: z.optional(milliseconds),
});

/** What operations take, in milliseconds, by algorithm. */
export const cpuTableSchema = z.strictObject({
  source: z.optional(z.string()),
  handshake: z.optional(
    z.strictObject({ client: z.optional(milliseconds), server: z.optional(milliseconds) }),
  ),
  operations: z.optional(named(costs)),
});
/** Computing times in milliseconds: of each end's whole handshake, or of each operation by algorithm. */
export type CpuTable = z.infer<typeof cpuTableSchema>;

export const experimentSchema = z.strictObject({
  $schema: z.optional(z.string()),
  name: described(name, "what the report is called"),
  preset: described(
    z.optional(name),
    "a study's experiment (kemistry lab list); what stands here replaces what stands there",
  ),
  seed: described(z.optional(z.union([z.string(), z.int()])), "all draws follow from it"),
  repetitions: described(
    z.optional(z.int().check(z.minimum(1), z.maximum(1_000_000))),
    "handshakes in a cell; a cell in which nothing is left to chance runs once",
  ),
  factors: described(z.optional(givenFactors), "all values are combined with all"),
  cases: described(
    z.optional(z.array(givenFactors).check(z.minLength(1))),
    "instead of one product several: each replaces some of the factors above",
  ),
  percentiles: described(
    z.optional(z.array(z.number().check(z.positive(), z.lt(100))).check(z.minLength(1))),
    "which the report shows",
  ),
  chains: described(z.optional(named(chainSchema)), "chains by name"),
  links: described(z.optional(named(linkSchema)), "links by name"),
  cpuTables: described(z.optional(named(cpuTableSchema)), "times of operations by name"),
  sizes: described(
    z.optional(
      z.strictObject({
        kems: z.optional(
          named(
            z.strictObject({
              publicKey: bytes,
              ciphertext: bytes,
              postQuantum: z.optional(z.boolean()),
              source: z.optional(z.string()),
            }),
          ),
        ),
        signatures: z.optional(
          named(
            z.strictObject({
              publicKey: bytes,
              signature: bytes,
              postQuantum: z.optional(z.boolean()),
              source: z.optional(z.string()),
            }),
          ),
        ),
      }),
    ),
    "custom algorithms by their sizes",
  ),
});

/** An experiment as it was written. */
export type ExperimentFile = z.infer<typeof experimentSchema> & {
  readonly factors?: GivenFactors | undefined;
  readonly cases?: readonly GivenFactors[] | undefined;
};

/** For editors, and for whoever checks files without this program. */
export const experimentJsonSchema = (): object => ({
  ...z.toJSONSchema(experimentSchema, { reused: "ref" }),
  title: "An experiment for kemistry lab",
});
