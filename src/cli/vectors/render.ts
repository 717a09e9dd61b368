import type { Row } from "../../lab/vectors/index.ts";
import { counted } from "../render/counted.ts";
import { pad } from "../render/pad.ts";
import { style } from "../style.ts";

/** What came of one file on one provider. */
export interface ProviderRow extends Row {
  readonly provider: string;
}

export interface Widths {
  readonly file: number;
  readonly provider: number;
}

/** One line, and below it the cases that failed. */
export function renderRow(row: ProviderRow, widths: Widths): string {
  const { file, provider, algorithm, cases, passed, failed, skipped } = row;
  const count = (number: number, what: string): string => `${pad(String(number), -5)} ${what}`;
  const failures = count(failed, "failed");
  const line = [
    pad(file, widths.file),
    pad(provider, widths.provider),
    count(cases, cases === 1 ? "case " : "cases"),
    count(passed, "passed"),
    failed > 0 ? style("red", failures) : failures,
    count(skipped, "skipped"),
    algorithm,
  ].join("  ");
  return [line + reasons(row), ...problems(row)].join("\n");
}

function reasons({ reasons: all }: Row): string {
  const [only, ...others] = all;
  if (only === undefined) return "";
  const text =
    others.length === 0
      ? only.reason
      : all.map(({ reason, cases }) => `${cases} × ${reason}`).join("; ");
  return style("dim", `; skipped: ${text}`);
}

const shown = 5;

function problems({ failures }: Row): string[] {
  const lines = failures.slice(0, shown).map(({ id, problem }) => `    ${id}: ${problem}`);
  const more = failures.length - shown;
  return more > 0 ? [...lines, `    and ${more} more`] : lines;
}

/** One line a provider. */
export function renderTotals(rows: readonly ProviderRow[]): string {
  const names = [...new Set(rows.map(({ provider }) => provider))];
  return names
    .map((name) => {
      const { files, cases, passed, failed, skipped } = totalsOf(rows, name);
      const failures = `${failed} failed`;
      return `${name}: ${counted(files, "file")}, ${counted(cases, "case")}: ${passed} passed, ${
        failed > 0 ? style("red", failures) : failures
      }, ${skipped} skipped`;
    })
    .join("\n");
}

/** Files that may be right and hold nothing to check: schemas, say. */
export function renderIgnored(names: readonly string[]): string {
  const listed = names.slice(0, shown).join(", ");
  const rest = names.length > shown ? ", …" : "";
  return `Files without vectors of a known format: ${names.length} (${listed}${rest})`;
}

export interface Totals {
  readonly files: number;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function totalsOf(rows: readonly ProviderRow[], provider: string): Totals {
  const own = rows.filter((row) => row.provider === provider);
  const sum = (member: "cases" | "passed" | "failed" | "skipped"): number =>
    own.reduce((total, row) => total + row[member], 0);
  return {
    files: own.length,
    cases: sum("cases"),
    passed: sum("passed"),
    failed: sum("failed"),
    skipped: sum("skipped"),
  };
}
