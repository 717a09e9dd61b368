/**
 * An experiment as it was written becomes cells: one for each combination of factors, with every name resolved. What
 * cannot be is refused here, with its place, and not when its turn comes.
 */
import { suites } from "../../crypto/index.ts";
import { checkOptions, meant } from "../../registry/check.ts";
import { checkNetwork, type Network } from "../network/index.ts";
import { type CpuMode, cpuTableFor } from "./cpu.ts";
import { type FactorName, factorNames, factors, type FactorValues } from "./factors.ts";
import {
  chainFor,
  compressorFor,
  groupFor,
  kemFor,
  linkFor,
  type Parts,
  partsTable,
  signatureFor,
} from "./names.ts";
import { isRandom, linkValues, networkOf } from "./network-plan.ts";
import { studies } from "./presets.ts";
import { ExperimentError, experimentOf, type Sourced } from "./read.ts";
import type { ChainPlan } from "./chain.ts";
import type { HandshakePlan } from "./ends.ts";
import type { ExperimentFile, GivenFactors } from "./schema.ts";
import { checkTogether, type FailAt } from "./together.ts";

/** An experiment with every name resolved: what is run. */
export interface Experiment {
  /** As the report is called. */
  readonly name: string;
  /** All draws follow from it. Default: `1`. */
  readonly seed: string;
  /** Handshakes of a cell in which draws decide. Default: 1000. */
  readonly repetitions: number;
  /** 0 to 100. */
  readonly percentiles: readonly number[];
  /** Those with more than one value, in the order of the table. */
  readonly varied: readonly FactorName[];
  /** In the order in which they are run. */
  readonly cells: readonly Cell[];
}

/** One combination. */
export interface Cell {
  /** From 0. */
  readonly index: number;
  /** By their own names, as the registry writes them. */
  readonly values: FactorValues;
  /** What its ends are. */
  readonly handshake: HandshakePlan;
  /** The path between them. */
  readonly network: Network;
  /** What computing takes. */
  readonly cpu: CpuMode;
  /** Draws decide: it runs as often as asked, otherwise once. */
  readonly isRandom: boolean;
  /** Algorithms that do not run here, by name. */
  readonly sizeOnly: readonly string[];
}

const most = { cells: 1_000_000 };

/**
 * Makes the cells of an experiment.
 * @throws ExperimentError for names that nobody knows, for what cannot be combined, and for more than a million cells;
 *   TypeError for parts that cannot be
 */
export function resolveExperiment(source: Sourced, parts: Parts = {}): Experiment {
  checkOptions("resolveExperiment", parts, partsTable);
  const { file, base } = withPreset(source);
  const products = productsOf(file, source, base);
  const total = products.reduce(
    (sum, product) => sum + factorNames.reduce((n, name) => n * product[name].length, 1),
    0,
  );
  if (total > most.cells) {
    throw source.fail(["factors"], `${total} cells; at most ${most.cells} fit an experiment`);
  }
  const context: Context = { file, source, parts, cache: new Map() };
  const cells = products
    .flatMap((product) => [...combinations(product)])
    .map((chosen, index) => cellOf(chosen, index, context));
  return {
    name: file.name,
    seed: String(file.seed ?? 1),
    repetitions: file.repetitions ?? 1000,
    percentiles: (file.percentiles ?? [50, 75, 95]).toSorted((a, b) => a - b),
    varied: factorNames.filter(
      (name) => new Set(cells.map(({ values }) => JSON.stringify(values[name]))).size > 1,
    ),
    cells,
  };
}

/** A study under its own name. @throws ExperimentError if there is none */
export function studyOf(name: string): Sourced {
  const study = Object.hasOwn(studies, name) ? studies[name] : undefined;
  if (study === undefined) throw unknownStudy(name, (reason) => new ExperimentError(reason, ""));
  return experimentOf(study.value);
}

const unknownStudy = (name: string, fail: (reason: string) => ExperimentError): ExperimentError =>
  fail(
    `expected one of ${Object.keys(studies).join(", ")}, got ${JSON.stringify(name)}${meant(name, studies)}`,
  );

/** What stands in the file replaces what stands in the preset; factors and tables one by one. */
function withPreset({ file, fail }: Sourced): {
  file: ExperimentFile;
  base: ExperimentFile | undefined;
} {
  if (file.preset === undefined) return { file, base: undefined };
  const base = Object.hasOwn(studies, file.preset) ? studies[file.preset]?.value : undefined;
  if (base === undefined) throw unknownStudy(file.preset, (reason) => fail(["preset"], reason));
  const own = Object.keys(file.factors ?? {});
  const kept = file.cases ?? base.cases?.map((one) => without(one, own));
  return {
    base,
    file: {
      ...base,
      ...file,
      factors: { ...base.factors, ...file.factors },
      ...(kept && { cases: kept }),
      chains: { ...base.chains, ...file.chains },
      links: { ...base.links, ...file.links },
      cpuTables: { ...base.cpuTables, ...file.cpuTables },
    },
  };
}

const without = (given: GivenFactors, names: readonly string[]): GivenFactors =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));

/** A value and where it stands. */
interface Chosen {
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
}
type Product = Readonly<Record<FactorName, readonly Chosen[]>>;
type Combination = Readonly<Record<FactorName, Chosen>>;

function productsOf(
  file: ExperimentFile,
  { fail }: Sourced,
  base: ExperimentFile | undefined,
): Product[] {
  const own = listsOf(file.factors ?? {}, ["factors"]);
  const cases = file.cases ?? [{}];
  return cases.map((given, at) => {
    const isFiles = base === undefined || cases !== base.cases;
    const lists = { ...own, ...listsOf(given, isFiles ? ["cases", at] : ["preset"]) };
    if ("link" in lists && "rtt" in lists) {
      throw fail(
        lists.rtt[0]!.path,
        "a link has a round-trip time of its own: leave out link or rtt",
      );
    }
    return Object.fromEntries(
      factorNames.map((name) => [name, lists[name] ?? [{ value: unset, path: ["factors", name] }]]),
    ) as unknown as Product;
  });
}

/** Nobody said; a link may, and otherwise the table's default holds. */
const unset = Symbol("unset");

function listsOf(
  given: GivenFactors,
  base: readonly PropertyKey[],
): Partial<Record<FactorName, Chosen[]>> {
  return Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        Array.isArray(value)
          ? value.map((one: unknown, at) => ({ value: one, path: [...base, name, at] }))
          : [{ value, path: [...base, name] }],
      ]),
  );
}

function* combinations(product: Product): Generator<Combination> {
  const names = factorNames;
  const at = names.map(() => 0);
  for (;;) {
    yield Object.fromEntries(
      names.map((name, position) => [name, product[name][at[position]!]!]),
    ) as unknown as Combination;
    let position = names.length - 1;
    while (position >= 0 && ++at[position]! >= product[names[position]!].length) at[position--] = 0;
    if (position < 0) return;
  }
}

interface Context {
  readonly file: ExperimentFile;
  readonly source: Sourced;
  readonly parts: Parts;
  /** What names were resolved to: a compressor is one object for all cells. */
  readonly cache: Map<string, unknown>;
}

function cellOf(chosen: Combination, index: number, context: Context): Cell {
  const { source, parts, file } = context;
  const failAt: FailAt = (name, reason) => source.fail(chosen[name].path, reason);
  const given = Object.fromEntries(
    factorNames.flatMap((name) =>
      chosen[name].value === unset ? [] : [[name, chosen[name].value]],
    ),
  ) as Partial<FactorValues>;
  const link = linkFor(given.link, file, (reason) => failAt("link", reason));
  const written = {
    ...Object.fromEntries(factorNames.map((name) => [name, factors[name].fallback])),
    ...(link && linkValues(link)),
    ...given,
  } as FactorValues;
  const cached = <T>(key: string, make: () => T): T => {
    if (!context.cache.has(key)) context.cache.set(key, make());
    return context.cache.get(key) as T;
  };
  const signature = signatureFor(written.signature, context, (reason) =>
    failAt("signature", reason),
  );
  const group = groupFor(written.group, context, (reason) => failAt("group", reason));
  const { chain, name: chainName } = chainFor(written.chain, signature, context, (reason) =>
    failAt("chain", reason),
  );
  // Cells of one name replay one recording
  if (
    !isDeepEqual(
      cached(`chain ${chainName}, ${signature.name}`, () => chain),
      chain,
    )
  ) {
    throw failAt("chain", `two chains are called ${JSON.stringify(chainName)}: give each a name`);
  }
  const kem =
    written.authentication !== "signature"
      ? kemFor(written.kem, file, (reason) => failAt("kem", reason))
      : undefined;
  const suite = [...(parts.suites ?? []), ...suites].find(
    ({ name }) => name.toLowerCase() === written.suite.toLowerCase(),
  );
  if (suite === undefined) {
    const names = suites.map(({ name }) => name);
    throw failAt(
      "suite",
      `expected one of ${names.join(", ")}, got ${JSON.stringify(written.suite)}${meant(written.suite, names)}`,
    );
  }
  const values: FactorValues = {
    ...written,
    group: group.name,
    signature: signature.name,
    chain: chainName,
    suite: suite.name,
    ...(kem && { kem: kem.name }),
  };
  checkTogether(values, chain, failAt);
  const compressor = cached(`compression ${values.compression}`, () =>
    compressorFor(values.compression, parts, (reason) => failAt("compression", reason)),
  );
  const network = networkOf(values);
  try {
    checkNetwork(network);
  } catch (error) {
    const { message } = error as Error;
    throw failAt(factorNames.find((name) => message.includes(name)) ?? "rtt", message);
  }
  const handshake: HandshakePlan = {
    group,
    suite,
    chain: kem === undefined ? chain : { ...chain, kem },
    mutual: values.mutual,
    storedKey: values.authentication === "stored-kem",
    resumed: values.resumed,
    earlyData: values.earlyData,
    hello: values.hello,
    request: values.request,
    payload: values.payload,
    ...(compressor && { compression: compressor }),
  };
  return {
    index,
    values,
    handshake,
    network,
    cpu: cpuTableFor(values, file.cpuTables ?? {}, parts.measured, (reason) =>
      failAt("cpu", reason),
    ),
    isRandom: isRandom(network) || values.load !== "none",
    sizeOnly: sizeOnlyOf(handshake, values),
  };
}

const isDeepEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function sizeOnlyOf({ group, chain, resumed }: HandshakePlan, values: FactorValues): string[] {
  const kems = group.kems.flatMap((kem) =>
    typeof kem !== "string" && "runs" in kem ? [kem.name] : [],
  );
  const { second } = chain;
  const slots = resumed
    ? []
    : [
        ...(chain.kem === undefined ? [chain.leaf] : []),
        ...certificatesAbove(chain),
        ...(second === undefined ? [] : [second.leaf, ...certificatesAbove(second)]),
      ].filter(({ scheme }) => scheme === undefined);
  return [
    ...new Set([
      ...kems,
      ...(chain.kem?.runs === false && !resumed ? [chain.kem.name] : []),
      ...slots.map(({ name }) => name),
      ...(second !== undefined && !resumed ? ["dual chains"] : []),
      ...(values.compression === "abridged" ? ["abridged certificates"] : []),
    ]),
  ];
}

const certificatesAbove = ({ intermediates, root }: Pick<ChainPlan, "intermediates" | "root">) => [
  ...intermediates,
  root,
];
