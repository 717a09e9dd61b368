/** Figures of an authority, in the text format of Prometheus. */
import { counts, type PkiDirectory } from "../../authority/index.ts";

/** What is counted, and what of it. */
const counters = {
  requests: "requests by what came of them",
  enrolled: "first certificates of registered names",
  renewed: "next certificates of registered names",
  refused: "requests for certificates that were refused",
  lists: "lists of what is revoked that were made",
  responses: "OCSP responses that were signed",
  failed: "what failed by no fault of who asked",
} as const;

export type Counter = keyof typeof counters;

export class Metrics {
  readonly #counts = new Map<Counter, number>();

  count(what: Counter): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  print(pki: PkiDirectory, waiting: number): string {
    const { records, head } = pki;
    const now = Date.now();
    const authorities = pki.authorities();
    const lines = Object.entries(counters).map(([name, help]) =>
      metric(`${name}_total`, "counter", help, [["", this.#counts.get(name as Counter) ?? 0]]),
    );
    const ends = authorities.map(({ name, notAfter }) => sample(name, Date.parse(notAfter) / 1000));
    const numbers = authorities.map(({ name }) => sample(name, records.listsOf(name).last));
    const ages = authorities.flatMap(({ name }) => {
      const { complete } = records.listsOf(name);
      return complete === undefined ? [] : [sample(name, (now - Date.parse(complete.at)) / 1000)];
    });
    return [
      ...lines,
      metric("registrations", "gauge", "names that are registered", [
        ["", records.registrations.length],
      ]),
      metric("names_valid", "gauge", "names whose current certificate counts", [
        ["", records.names.filter((name) => counts(pki.current(name), now)).length],
      ]),
      metric("requests_waiting", "gauge", "requests that wait for a person", [["", waiting]]),
      metric("journal_lines", "gauge", "lines of the journal", [["", head.lines]]),
      metric("authority_end_seconds", "gauge", "when an authority's certificate ends", ends),
      metric("list_number", "gauge", "the number of an authority's last list", numbers),
      metric("list_age_seconds", "gauge", "how old an authority's last complete list is", ages),
    ].join("");
  }
}

type Sample = readonly [labels: string, value: number];

const sample = (issuer: string, value: number): Sample => [
  `{issuer="${issuer.replaceAll(/["\\\n]/g, "_")}"}`,
  value,
];

function metric(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const full = `kemistry_authority_${name}`;
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} ${type}`,
    ...samples.map(([labels, value]) => `${full}${labels} ${value}`),
    "",
  ].join("\n");
}
