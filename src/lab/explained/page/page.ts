/** An explained handshake as HTML: one file, or the part of a page that shows it. */
import { type Markup, markup } from "../../../report/html.ts";
import { exact } from "../../../report/numbers.ts";
import { shell } from "../../../report/page/shell.ts";
import { baseStyle } from "../../../report/page/style.ts";
import { otherRole, type Role } from "../../../schedule/index.ts";
import type { EndOutcome, Explained, ExplainedFlight, SeenRecord } from "../explain.ts";
import { behave } from "./behave.ts";
import { exchangeFigure } from "./exchange.ts";
import { hexOf, itemHtml } from "./item.ts";
import { flightBar } from "./flight-bar.ts";
import { scheduleFigure } from "./schedule.ts";
import { explainedStyle } from "./style.ts";

/** Writes an explained handshake as one HTML file, which loads nothing. */
export const explainedPage = (explained: Explained): string =>
  shell({
    title: titleOf(explained),
    generator: "explained handshake",
    style: baseStyle + explainedStyle,
    script: `(${behave.toString()})(document.body)`,
    body: markup`<main class="explained">
<header><p class="kicker">A TLS 1.3 handshake, byte by byte</p>
<h1>${titleOf(explained)}</h1></header>
${explainedHtml(explained)}
<footer><p>Made by kemistry. Secrets on this page are those of one finished handshake: whoever has the page can read
that connection. Sections are those of the RFCs; RFC 9846 is TLS 1.3 as revised in 2026.</p></footer>
</main>`,
  });

const titleOf = ({ facts }: Explained): string =>
  facts.group ?? (facts.resumed ? "A pre-shared key alone" : "A handshake that failed");

/** What such a page shows below its title. Whoever puts it into a page calls `behave` for it. */
export function explainedHtml(explained: Explained): Markup {
  const { flights, exchange, schedule, ends, maximumSegmentSize } = explained;
  const longest = Math.max(1, ...flights.map(({ bytes }) => bytes));
  return markup`${factsHtml(explained)}
${endsHtml(ends)}
<fieldset class="view"><legend>Seen by</legend>
<label><input type="radio" name="view" value="ends" id="view-ends" checked> the two ends</label>
<label><input type="radio" name="view" value="path" id="view-path"> an attacker on the path</label>
</fieldset>
<section aria-labelledby="flights-title"><h2 id="flights-title">What is sent</h2>
<p class="ends">Open a message, then point at a field: its bytes light up, and the other way round. Arrow keys go from field to field; each field is a link.</p>
<p class="path">Only the hellos can be read, and of everything else the type and length of records. Nobody on the path sees a certificate.</p>
<div class="lanes">
<div class="heads" aria-hidden="true"><b>Client</b><b>Server</b></div>
${flights.map((flight) => flightHtml(flight, { longest, maximumSegmentSize }))}</div>
</section>
${exchange === null ? "" : exchangeFigure(exchange)}
${schedule.length === 0 ? "" : scheduleFigure(schedule, exchange)}`;
}

function factsHtml({ facts, flights, exchange }: Explained): Markup {
  const bytes = flights.reduce((sum, flight) => sum + flight.bytes, 0);
  const chips = [
    exchange === null
      ? undefined
      : exchange.parts.some(({ postQuantum }) => postQuantum)
        ? exchange.isHybrid
          ? "hybrid: safe while either part is"
          : "post-quantum"
        : "classical: a quantum computer could read it later",
    facts.version,
    facts.cipherSuite,
    facts.serverSignature,
    facts.clientSignature === null ? undefined : `client: ${facts.clientSignature}`,
    ...authenticatedByKem(flights),
    facts.resumed ? "resumed" : undefined,
    facts.retried ? "with a HelloRetryRequest" : undefined,
    facts.earlyData === "not offered" ? undefined : `0-RTT data ${facts.earlyData}`,
    `${exact(bytes)} bytes in ${flights.length} flights`,
  ].filter((chip) => typeof chip === "string");
  return markup`<ul class="chips facts">${chips.map((chip) => markup`<li>${chip}</li>`)}</ul>`;
}

/** Who showed a key that encapsulates: the other end sent what was encapsulated to it. */
const authenticatedByKem = (flights: readonly ExplainedFlight[]): string[] =>
  (["client", "server"] as const).flatMap((from) =>
    flights.some(({ items }) =>
      items.some((item) => item.from === from && item.name === "kem_encapsulation"),
    )
      ? [`${otherRole(from)} authenticated by KEM`]
      : [],
  );

function endsHtml(ends: Explained["ends"]): Markup {
  const all = Object.entries(ends) as [Role, EndOutcome][];
  if (all.length === 0) return markup``;
  return markup`<div class="outcomes">${all.map(([role, end]) => {
    const isOpen = end.outcome.startsWith("open");
    return markup`<p class="${isOpen ? "reached" : "missed"}"><b>${role}</b> ${end.outcome}${
      end.alert ? markup`, alert <code>${end.alert}</code>` : ""
    }${end.section ? markup` <cite>${end.section}</cite>` : ""}${
      end.error
        ? markup`<small>${end.error}${end.where && !end.error.includes(end.where) ? markup` (<code>${end.where}</code>)` : ""}</small>`
        : ""
    }</p>`;
  })}</div>`;
}

interface Scale {
  readonly longest: number;
  readonly maximumSegmentSize: number;
}

function flightHtml(flight: ExplainedFlight, { longest, maximumSegmentSize }: Scale): Markup {
  const { number, from, bytes, items, records, at } = flight;
  const segments = Math.ceil(bytes / maximumSegmentSize);
  const to = otherRole(from);
  return markup`<section class="flight ${from}" aria-label="Flight ${number}, from ${from} to ${to}">
<header><span class="arrow" aria-hidden="true"></span>
<p><b>${from} → ${to}</b> ${exact(bytes)} bytes, ${segments} TCP segment${segments === 1 ? "" : "s"}${
    at > 0 ? `, at ${Number(at.toPrecision(3))} ms` : ""
  }</p>
${flightBar(flight, { longest, maximumSegmentSize })}</header>
<div class="ends">${items.map(itemHtml)}</div>
<ul class="path records">${records.map(recordHtml)}</ul>
</section>
`;
}

function recordHtml({ type, raw, isProtected, carries }: SeenRecord): Markup {
  const inside = isProtected
    ? "encrypted: neither what it is nor how long it really is can be seen"
    : `in the clear: ${carries.join(", ") || "part of a message"}`;
  return markup`<li class="${isProtected ? "sealed" : "open-record"}"><b>${type}</b> <span>${exact(raw.length)} bytes, ${inside}</span>
<code>${hexOf(raw.subarray(0, 24))}${raw.length > 24 ? " …" : ""}</code></li>
`;
}
