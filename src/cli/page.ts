/** The page that `serve` shows: one file without anything from elsewhere. */
import type { Flight, Ledger, MessageEntry, NegotiatedFacts } from "../lab.ts";

export interface PageFacts {
  readonly negotiated: NegotiatedFacts;
  readonly ledger: Ledger;
  /** From 1: how many requests this connection has carried. */
  readonly request: number;
}

export function page({ negotiated, ledger, request }: PageFacts): string {
  const { group, postQuantum, hybrid } = negotiated;
  const verdict = postQuantum
    ? `Post-quantum${hybrid ? ", hybrid" : ""} key exchange`
    : "Classical key exchange";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(group ?? "PSK")} · kemistry</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<header class="${postQuantum ? "good" : "plain"}">
<p>${verdict}</p>
<h1>${escape(group ?? "pre-shared key")}</h1>
<p class="why">${why(negotiated)}</p>
</header>
${section("This connection", connectionTable(negotiated, request))}
${section("The handshake, byte by byte", ledgerTable(ledger))}
${section("Echo", echoForm)}
<footer>The same as data: <a href="/negotiated.json">/negotiated.json</a></footer>
</main>
</body>
</html>
`;
}

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Long names may break where their parts do. */
const breakable = (text: string): string => escape(text).replaceAll("_", "_<wbr>");

const section = (title: string, content: string): string =>
  `<section><h2>${title}</h2>${content}</section>`;

function why({ postQuantum, hybrid }: NegotiatedFacts): string {
  if (!postQuantum) {
    return "Whoever records this connection today can read it once they have a large quantum computer.";
  }
  return hybrid
    ? "An attacker must break both components, the classical one and ML‑KEM, to read this."
    : "ML‑KEM alone: safe from quantum computers as far as is known, and with nothing beside it.";
}

function connectionTable(facts: NegotiatedFacts, request: number): string {
  const rows: [string, string | null][] = [
    ["Protocol", facts.version],
    ["Cipher suite", facts.cipherSuite],
    ["Signature", facts.signatureScheme],
    ["Client certificate", facts.peer === null ? null : facts.peer.subject],
    ["ALPN", facts.alpn],
    ["Server name", facts.serverName],
    ["Retried", facts.retried ? "yes, after a HelloRetryRequest" : "no"],
    ["Resumed", facts.resumed ? "yes" : "no"],
    ["Request", `${request} on this connection`],
    ["Client's groups", facts.peerGroups.join(", ")],
    ["Back ends", [...new Set(Object.values(facts.backends).flat().filter(Boolean))].join(", ")],
  ];
  const cells = rows
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `<dt>${name}</dt><dd>${breakable(value ?? "")}</dd>`);
  return `<dl>${cells.join("")}</dl>`;
}

function ledgerTable({ flights, totals }: Ledger): string {
  const rows = [...flights.flatMap(flightRows), row("flight", "in all, bytes", totals.both.bytes)];
  return `<table>${rows.join("\n")}</table>`;
}

function flightRows({ from, bytes, segments, messages, messageBytes }: Flight): string[] {
  const title = from === "client" ? "client → server" : "server → client";
  return [
    row("flight", title, bytes, `${segments} TCP segment${segments === 1 ? "" : "s"}`),
    ...messages.map((message) => row("message", message.type, message.bytes, detailOf(message))),
    row("overhead", "record layer", bytes - messageBytes),
  ];
}

const row = (kind: string, name: string, bytes: number, detail = ""): string =>
  `<tr class="${kind}"><th>${escape(name)} <small>${escape(detail)}</small></th><td>${bytes}</td></tr>`;

function detailOf({ keyShares, signature }: MessageEntry): string {
  if (signature !== undefined) return `${signature.scheme} ${signature.bytes}`;
  const shares = keyShares?.map(({ group, bytes }) => `${group} ${bytes}`) ?? [];
  return shares.length === 0 ? "" : `key share ${shares.join(", ")}`;
}

const echoForm = `<form method="post" action="/echo" enctype="text/plain">
<label>Text <input name="text" value="Hello, ML-KEM" autocomplete="off"></label><button>Send</button>
</form>`;

const style = `
:root { --ink: #1c2024; --soft: #60646c; --line: #d9dade; --paper: #fcfcfd; --card: #fff;
  --good: #0b6e4f; --plain: #9a5b00 }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #a3a7b0; --line: #34373d;
  --paper: #111214; --card: #18191c; --good: #0c5f45; --plain: #7d4b00 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100% }
main { max-width: 46rem; margin: 0 auto; padding: 1rem }
header { color: #fff; border-radius: .75rem; padding: 1.25rem 1.5rem; margin: .5rem 0 1.5rem }
header.good { background: var(--good) }
header.plain { background: var(--plain) }
header p { margin: 0 }
h1 { margin: .1rem 0 .4rem; font-size: clamp(1.5rem, 7vw, 2.5rem); line-height: 1.15;
  letter-spacing: -.02em; overflow-wrap: anywhere }
.why { max-width: 34rem }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1rem 1.5rem; margin: 0 0 1rem }
h2 { font-size: 1rem; margin: 0 0 .5rem }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1.25rem; margin: 0 }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 400; padding: .1rem 0 .1rem 1rem; overflow-wrap: anywhere }
td { text-align: right; vertical-align: top; padding: .1rem 0 .1rem 1rem;
  font-variant-numeric: tabular-nums }
small { color: var(--soft); font-size: .875rem; font-weight: 400; margin-left: .75rem }
.flight > * { font-weight: 600; padding: .6rem 0 .1rem }
.flight:first-child > * { padding-top: 0 }
.overhead { color: var(--soft) }
form { display: flex; gap: .75rem; flex-wrap: wrap; align-items: end }
label { flex: 1 1 12rem; color: var(--soft); font-size: .875rem }
input { display: block; width: 100%; margin-top: .2rem }
input, button { font: inherit; font-size: 1rem; padding: .5rem .75rem; color: inherit;
  border: 1px solid var(--line); border-radius: .5rem; background: var(--paper) }
input { color: var(--ink) }
button { cursor: pointer }
a { color: inherit }
footer { color: var(--soft); padding: 0 .25rem 1.5rem }
@media (max-width: 34rem) {
  section, header { padding: 1rem }
  dl { font-size: .9375rem; column-gap: .75rem; grid-template-columns: minmax(5.5rem, max-content) 1fr }
  small { display: block; margin: 0 }
}
`;
