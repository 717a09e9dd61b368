/** What a probe found, for people: one screen, at any width. */
import { stripVTControlCharacters } from "node:util";
import type { ProbeFinding, ProbeReport, ProbeSeverity, ServerFacts } from "../../probe/index.ts";
import { counted } from "../render/counted.ts";
import { explain } from "../network.ts";
import { type Format, style } from "../style.ts";

const nameWidth = 14;

/** @param width columns of the terminal */
export function renderProbe(report: ProbeReport, width: number): string {
  const { facts, findings } = report;
  if (report.verdict === "not reached") return renderUnreached(report, width);
  const rows = rowsOf(facts).flatMap(([name, text]) =>
    text === undefined ? [] : wrap(style("dim", name.padEnd(nameWidth)) + text, width, nameWidth),
  );
  const missed = unaskedLines(Object.entries(report.unasked), width);
  return [
    ...headOf(report),
    "",
    ...rows,
    ...findings.flatMap((finding, index) => renderFinding(finding, width, findings[index - 1])),
    ...(missed.length === 0 ? [] : ["", ...missed]),
  ].join("\n");
}

const verdictFormat: Readonly<Record<ProbeReport["verdict"], Format>> = {
  ready: "green",
  "ready, with faults": "yellow",
  "not ready": "red",
  "not reached": "red",
};

function headOf(report: ProbeReport): string[] {
  const { verdict, score, connections, milliseconds, startTls } = report;
  const after = startTls === undefined ? "" : ` after ${startTls}`;
  const seconds = (milliseconds / 1000).toFixed(1);
  return [
    `${style("bold", placeOf(report))}${after}: ` +
      style(
        verdictFormat[verdict],
        verdict === "not reached" ? verdict : `${verdict} for post-quantum TLS`,
      ) +
      (score === null ? "" : `, ${score} of 100`),
    style("dim", `${counted(connections, "connection")} in ${seconds} s`),
  ];
}

/** `host:port`, with brackets around an IPv6 address. */
const placeOf = ({ host, port }: ProbeReport): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

function renderUnreached(report: ProbeReport, width: number): string {
  return [headOf(report)[0]!, ...wrap(reasonOf(report), width, 0)].join("\n");
}

function reasonOf(report: ProbeReport): string {
  const { reach } = report.facts;
  if (reach === undefined) return Object.values(report.unasked)[0] ?? "nothing was asked";
  const { state, said = "" } = reach;
  if (state === "unreachable") {
    return explain(Object.assign(new Error(said), { code: reach.code }), placeOf(report));
  }
  if (state === "silent") {
    return "the connection is there, and no ClientHello is answered; does a firewall or a stalled program stand there?";
  }
  if (state === "closes") {
    return "the connection is closed at every ClientHello, without an alert; is that a TLS server?";
  }
  const hint = hints.find(([pattern]) => pattern.test(said))?.[1];
  return `no TLS: the server says ${said}${hint === undefined ? "" : `; ${hint}`}`;
}

/** By what the other protocol says at first. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/^"HTTP\//, "that is plain HTTP, and HTTPS is on another port, usually 443"],
  [/^"SSH-/, "that is SSH, which has no TLS"],
  [/^"220[ -]/, "for mail servers add --starttls smtp"],
  [/^"\* OK/, "add --starttls imap"],
  [/^"\+OK/, "add --starttls pop3"],
];

type Row = readonly [name: string, text: string | undefined];

function rowsOf(facts: ServerFacts): Row[] {
  return [
    ["versions", versionsOf(facts)],
    ["TLS 1.2 has", olderSuitesOf(facts)],
    ["key exchange", exchangeOf(facts)],
    ["suites", facts.suites && ordered(facts.suites.accepted, facts.suites.preference)],
    ["signs with", facts.schemes?.join(", ")],
    ["chain", chainOf(facts)],
    ["sessions", sessionsOf(facts)],
    ["besides", besidesOf(facts)],
    ["ClientHello", helloOf(facts)],
    ["shares", sharesOf(facts)],
    ["refuses", refusalsOf(facts)],
  ];
}

function versionsOf({ versions }: ServerFacts): string | undefined {
  const names = (accepted: boolean): string =>
    (versions ?? [])
      .filter((each) => each.accepted === accepted)
      .map(({ version }) => version)
      .join(", ");
  if (versions === undefined) return undefined;
  return `${names(true) || "none"}; refuses ${names(false) || "none"}`;
}

/** How many of them, and what is wrong with some: by their names they would fill the screen. */
function olderSuitesOf({ tls12 }: ServerFacts): string | undefined {
  if (tls12 === undefined) return undefined;
  const { accepted } = tls12;
  const old = accepted.filter((name) => !/^TLS_(EC)?DHE_\w+_(GCM|CHACHA20)_/.test(name));
  const rest = old.length === 0 ? "all of forward secrecy and AEAD" : `${old.length} of them old`;
  return `${accepted.length} cipher suites, ${rest}; best liked ${accepted[0] ?? "none"}`;
}

function ordered(names: readonly string[], preference: "server" | "client" | "unknown"): string {
  if (names.length === 0) return "none that is known here";
  if (preference === "unknown") return names.join(", ");
  return `${names.join(", ")} (the ${preference}'s order decides)`;
}

function exchangeOf({ groups, hybrid }: ServerFacts): string | undefined {
  if (groups === undefined) return undefined;
  const has = hybrid !== undefined && hybrid.group !== null;
  const mode = has ? `; post-quantum ${modes[hybrid.mode]}` : "";
  return `${ordered(groups.accepted, groups.preference)}${mode}`;
}

const modes = {
  "at once": "at once",
  "at once, or by retry": "at once, or by a retry",
  "by retry": "only by a retry",
  not: "not taken",
} as const;

function chainOf({ handshake }: ServerFacts): string | undefined {
  if (handshake === undefined) return undefined;
  const { chain, chainBytes, trusted, daysLeft, flightBytes, fitsInitialWindow } = handshake;
  return [
    `${chain.map(({ key }) => key).join(" + ") || "none"}, ${chainBytes} bytes`,
    ...(trusted === undefined ? [] : [trusted === true ? "trusted" : "not trusted"]),
    ...(daysLeft === null ? [] : [daysLeft < 0 ? "expired" : `${counted(daysLeft, "day")} left`]),
    `first flight ${flightBytes} bytes, ${fitsInitialWindow ? "in" : "over"} the first window`,
  ].join("; ");
}

function sessionsOf({ sessions }: ServerFacts): string | undefined {
  if (sessions === undefined) return undefined;
  if (sessions.tickets === 0) return "no tickets";
  const { tickets, lifetime = 0, resumed, earlyData } = sessions;
  return [
    `${counted(tickets, "ticket")} for ${duration(lifetime)}`,
    resumed ? `resumed with ${sessions.group ?? "no key exchange"}` : "not resumed",
    earlyData === undefined ? "no 0-RTT" : `0-RTT ${earlyData.replaceAll("_", " ")}`,
  ].join("; ");
}

const duration = (seconds: number): string => {
  if (seconds >= 2 * 86_400) return `${Math.round(seconds / 86_400)} days`;
  return seconds >= 7200 ? `${Math.round(seconds / 3600)} hours` : `${seconds} seconds`;
};

function besidesOf({ handshake, extensions, dns }: ServerFacts): string | undefined {
  if (handshake === undefined && extensions === undefined) return undefined;
  const { compression = [], recordSizeLimit = null, ech = false } = extensions ?? {};
  const published = (dns?.records ?? []).some((record) => record.ech.length > 0);
  const has = [
    typeof handshake?.alpn === "string" ? `ALPN ${handshake.alpn}` : undefined,
    handshake?.ocsp === true ? "OCSP stapled" : undefined,
    handshake === undefined || handshake.scts === 0
      ? undefined
      : `${counted(handshake.scts, "SCT")} stapled`,
    compression.length > 0 ? `compresses by ${compression.join(", ")}` : undefined,
    recordSizeLimit === null ? undefined : `record_size_limit ${recordSizeLimit}`,
    ech ? `ECH${published ? ", in the DNS too" : ""}` : undefined,
    !ech && published ? "ECH in the DNS alone" : undefined,
    handshake?.asksForCertificate === true ? "asks for a client certificate" : undefined,
  ].filter((each) => each !== undefined);
  return has.length === 0 ? "nothing of ALPN, OCSP, SCT, compression, ECH" : has.join("; ");
}

const passed = (trials: readonly { readonly passed: boolean }[]): string =>
  `${trials.filter((each) => each.passed).length} of ${trials.length}`;

function helloOf({ delivery, tolerance }: ServerFacts): string | undefined {
  if (delivery === undefined) return undefined;
  const strange = tolerance === undefined ? "" : `; strange ones taken: ${passed(tolerance)}`;
  return `understood however it is cut: ${passed(delivery)}${strange}`;
}

function sharesOf({ reuse }: ServerFacts): string | undefined {
  if (reuse === undefined) return undefined;
  const count = Math.max(0, ...Object.values(reuse.seen));
  const repeated = reuse.repeated.map(({ component }) => component).join(", ");
  return repeated === "" ? `none repeated, of up to ${count} of a kind` : `${repeated} repeated`;
}

function refusalsOf({ alerts }: ServerFacts): string | undefined {
  if (alerts === undefined) return undefined;
  const right = alerts.filter(({ verdict }) => verdict === "right").length;
  const refused = alerts.filter(({ verdict }) => verdict !== "not refused").length;
  return `${refused} of ${alerts.length} wrong hellos, ${right} by the alert of the standard`;
}

const severityFormat: Readonly<Record<ProbeSeverity, Format>> = {
  critical: "red",
  serious: "yellow",
  minor: "bold",
  note: "dim",
};

/** Its severity once for all that have it. */
function renderFinding(
  { rule, severity, evidence, advice, section }: ProbeFinding,
  width: number,
  before?: ProbeFinding,
): string[] {
  const where = section === undefined ? "" : ` (${section})`;
  return [
    ...(before?.severity === severity ? [] : ["", style(severityFormat[severity], severity)]),
    ...wrap(`  ${style("bold", rule)}  ${evidence}${where}`, width, 4),
    ...wrap(`    do: ${advice}`, width, 8),
  ];
}

/** Where there is nothing to ask them for, nobody misses them. */
const aside = new Set(["dns", "tls12"]);

function unaskedLines(unasked: readonly (readonly [string, string])[], width: number): string[] {
  const byReason = new Map<string, string[]>();
  for (const [name, reason] of unasked) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  const reasons = [...byReason].filter(([, names]) => !names.every((name) => aside.has(name)));
  return reasons.flatMap(([reason, names]) =>
    wrap(`${style("dim", "not asked")}  ${names.join(", ")}: ${reason}`, width, 4),
  );
}

/** Breaks between words; what is longer than a line stays whole. */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  const lead = /^ */.exec(stripVTControlCharacters(text))![0];
  let line = "";
  let length = 0;
  for (const word of text.trimStart().split(" ")) {
    const size = stripVTControlCharacters(word).length;
    if (line === "") {
      line = (lines.length === 0 ? lead : " ".repeat(indent)) + word;
      length = (lines.length === 0 ? lead.length : indent) + size;
    } else if (length + 1 + size > width) {
      lines.push(line.trimEnd());
      line = " ".repeat(indent) + word;
      length = indent + size;
    } else {
      line += ` ${word}`;
      length += 1 + size;
    }
  }
  return [...lines, line.trimEnd()];
}
