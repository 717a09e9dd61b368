/** Results as a document, with a section for each suite. */
import type { Block, Document, Section } from "../../src/report/document.ts";
import { notes, paragraph } from "../../src/report/document.ts";
import { joined, plural } from "../../src/report/numbers.ts";
import { labelled, type NamedResults, type Run } from "./runs.ts";
import { costBlocks } from "./sections/cost.ts";
import { environmentBlocks, methodBlocks } from "./sections/method.ts";
import { quantityBlocks, quantityTable } from "./sections/quantities.ts";
import { hasGoal, noiseNotes, ratioBlocks } from "./sections/ratios.ts";
import { sizeBlocks } from "./sections/sizes.ts";
import { notesOf, slug, type SuiteRuns, suiteRuns } from "./sections/suite-runs.ts";
import { withoutGoals } from "../goals.ts";
import { warningsOf } from "./sections/warnings.ts";

/** What a report has beside what was measured. */
export interface ReportOptions {
  /** This project's own goals, before all else. Default: they are left out. */
  readonly goals?: boolean;
}

export function reportOf(
  files: readonly NamedResults[],
  { goals = false }: ReportOptions = {},
): Document {
  const runs = labelled(goals ? files : files.map(strangers));
  const suites = suiteRuns(runs);
  const sections = [
    ...goalSection(suites),
    ...suites.map(suiteSection),
    { id: "method", title: "Method", blocks: methodBlocks(runs, goals) },
    { id: "environment", title: "Environment", blocks: environmentBlocks(runs) },
  ];
  const unlikeOthers = distinctIds();
  return {
    title: goals ? "What a hybrid handshake costs" : titleOf(suites),
    lead: leadOf(runs),
    warnings: warningsOf(runs),
    sections: sections.map((section) => ({
      ...section,
      blocks: section.blocks.map(unlikeOthers),
    })),
  };
}

const strangers = ({ name, results }: NamedResults): NamedResults => ({
  name,
  results: { ...results, suites: results.suites.map(withoutGoals) },
});

const titleOf = (suites: readonly SuiteRuns[]): string =>
  suites.length === 1 ? suites[0]!.title : "What was measured";

/** Figures whose ids come out alike get a number: ids name files. */
function distinctIds(): (block: Block) => Block {
  const known = new Set<string>();
  const rename = (block: Block): Block => {
    if (block.kind === "more") return { ...block, blocks: block.blocks.map(rename) };
    if (block.kind !== "figure") return block;
    const { id } = block.figure;
    let [own, count] = [id, 1];
    while (known.has(own)) own = slug(id, String(++count));
    known.add(own);
    return { ...block, figure: { ...block.figure, id: own } };
  };
  return rename;
}

/** What runs have in common is said once. */
function leadOf(runs: readonly Run[]): string[] {
  const nodesAt = new Map<string, string[]>();
  for (const { results } of runs) {
    const { version, node, openssl, cpu, cores, date } = results.environment;
    const place = `kemistry ${version}, ${cpu}, ${plural(cores, "core")}, ${day(date)}`;
    nodesAt.set(place, [...(nodesAt.get(place) ?? []), `Node ${node} with OpenSSL ${openssl}`]);
  }
  return [...nodesAt].map(([place, nodes]) => `${place}: ${joined(nodes)}.`);
}

const day = (date: string): string =>
  Number.isNaN(Date.parse(date))
    ? date
    : new Date(date).toLocaleDateString("en-GB", { dateStyle: "long", timeZone: "UTC" });

/** What was asked for, before all else. */
function goalSection(suites: readonly SuiteRuns[]): Section[] {
  const blocks = [
    ...ratioBlocks(suites, "goals", "Ratios with a goal", hasGoal),
    ...quantityTable(suites, hasGoal),
    ...notes(noiseNotes(suites, hasGoal)),
  ];
  return blocks.length === 0 ? [] : [{ id: "summary", title: "What was asked for", blocks }];
}

function suiteSection(suite: SuiteRuns): Section {
  const blocks: Block[] = [
    ...costBlocks(suite),
    ...ratioBlocks([suite], slug(suite.id, "ratios"), "Comparisons"),
    ...sizeBlocks(suite),
    ...quantityBlocks(suite),
  ];
  return {
    id: `suite-${suite.id}`,
    title: suite.title,
    blocks: [
      ...(blocks.length === 0 ? [paragraph("Nothing was measured.")] : blocks),
      ...notes([...notesOf(suite), ...noiseNotes([suite], (ratio) => !hasGoal(ratio))]),
    ],
  };
}
