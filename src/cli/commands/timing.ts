import { type Command, InvalidArgumentError } from "commander";
import type { Leakage } from "../../../bench/timing/leakage.ts";
import type { ProviderTest } from "../../../bench/timing/tests.ts";
import { examples, wholeNumber } from "../options.ts";
import { note, print, printJson, table } from "../output.ts";
import { loadProviders } from "../provider.ts";

interface Options {
  readonly provider: "noble" | "native" | "both";
  readonly samples: number;
  readonly seed: number;
  readonly json?: true;
  readonly markdown?: true;
}

/** One test, and what came of it. */
export interface TimingRow extends Pick<ProviderTest, "name" | "classes" | "backend">, Leakage {
  /** Absent for what needs none. */
  readonly provider?: string;
}

export function define(command: Command): void {
  command
    .option("-p, --provider <name>", "noble, native, or both", choose, "both" as const)
    .option("-n, --samples <n>", "of each test", wholeNumber(1000, 100_000_000), 5000)
    .option("-s, --seed <n>", "of the order of inputs", wholeNumber(0, 2 ** 31 - 1), 1)
    .option("--json", "plain data")
    .option("--markdown", "as a page")
    .action(act);
  examples(command, [
    ["timing", "a minute or two for both providers"],
    ["timing --provider native --samples 1000000", "small differences need many samples"],
  ]);
}

async function act(options: Options): Promise<void> {
  const { comparisons, testsOf } = await import("../../../bench/timing/tests.ts");
  const { measureLeakage } = await import("../../../bench/timing/leakage.ts");
  const providers = Object.values(await loadProviders()).filter(({ name }) =>
    ["both", name].includes(options.provider),
  );
  const tests: readonly (readonly [ProviderTest, string?])[] = [
    ...comparisons.map((test) => [test] as const),
    ...providers.flatMap((provider) =>
      testsOf(provider).map((test) => [test, provider.name] as const),
    ),
  ];
  const rows = tests.map(([test, provider], at): TimingRow => {
    const { name, classes, backend } = test;
    note(`${at + 1} of ${tests.length}: ${provider === undefined ? "" : `${provider}, `}${name}`);
    const leakage = measureLeakage(test, options.samples, options.seed);
    return { ...(provider === undefined ? {} : { provider }), name, classes, backend, ...leakage };
  });
  if (options.json) printJson(rows);
  else if (options.markdown) {
    const { timingPage } = await import("../../../bench/timing/page.ts");
    print(timingPage(rows).trimEnd());
  } else print(render(rows));
}

function choose(text: string): Options["provider"] {
  if (text === "noble" || text === "native" || text === "both") return text;
  throw new InvalidArgumentError("Allowed choices are noble, native, both.");
}

const render = (rows: readonly TimingRow[]): string =>
  [
    table(
      [
        { title: "operation" },
        { title: "provider" },
        { title: "|t|", align: "right" },
        { title: "ns", align: "right" },
        { title: "ns", align: "right" },
        { title: "" },
      ],
      rows.map(({ name, provider = "", t, medians, verdict }) => [
        name,
        provider,
        t.toFixed(1),
        ...medians.map((value) => value.toFixed(0)),
        verdict,
      ]),
    ),
    "",
    "|t| above 4.5: the two classes of input hardly take the same time. Below: no",
    "difference was seen, which proves nothing. The first row is to differ.",
  ].join("\n");
