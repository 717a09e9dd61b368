/** The page that a browser is sent to: it comes again until every experiment was made, and shows what came of them. */

/** Requests of the page, at most: a browser may need several for one experiment. */
const mostRequests = 60;

/** Its own script and style, its own server, and nothing else. */
export const policy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:";

export const clientPage = (): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>What this browser offers · kemistry</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1 id="verdict">Asking this browser…</h1>
<p id="state" role="status">It connects once for each experiment.</p>
<section><h2>What it offers</h2><dl id="offer"></dl></section>
<section><h2>What it accepts</h2><table id="results"></table></section>
<footer>The same as data: <a href="/report.json">/report.json</a></footer>
</main>
<script>${script}</script>
</body>
</html>
`;

/** Everything goes into the page as text. */
const script = `
const verdicts = {
  share: "This browser begins with a post-quantum key share",
  offered: "This browser knows a post-quantum exchange, and waits to be asked",
  none: "This browser has no post-quantum key exchange",
};
const add = (parent, tag, text) => {
  const element = document.createElement(tag);
  // Long names may break behind an underscore
  text.split("_").forEach((part, at) => {
    if (at > 0) element.append("_", document.createElement("wbr"));
    element.append(part);
  });
  return parent.appendChild(element);
};
const show = ({ hello, results, left }) => {
  document.getElementById("verdict").textContent = verdicts[hello.postQuantum];
  const offer = document.getElementById("offer");
  const rows = {
    "Key shares": hello.shares.map(({ group, bytes }) => group + " (" + bytes + " bytes)"),
    Groups: hello.groups, Versions: hello.versions, Suites: hello.suites,
    Signatures: hello.schemes, Extensions: hello.extensions, ALPN: hello.alpn,
    Compression: hello.compression,
    Other: [hello.grease && "GREASE", hello.ech && "ECH or its GREASE", hello.ocsp && "OCSP", hello.scts && "SCT"].filter(Boolean),
    ClientHello: [hello.bytes + " bytes"], JA4: [hello.ja4],
  };
  offer.replaceChildren();
  for (const [name, values] of Object.entries(rows)) {
    if (values.length === 0) continue;
    add(offer, "dt", name);
    add(offer, "dd", values.join(", "));
  }
  const table = document.getElementById("results");
  table.replaceChildren();
  for (const { name, passed, outcome } of results) {
    const row = add(table, "tr", "");
    row.className = passed ? "passed" : "failed";
    add(row, "th", name);
    add(row, "td", outcome);
  }
  document.getElementById("state").textContent =
    left > 0 ? left + " experiments to come" : "All experiments are made.";
  document.body.dataset.left = left;
  return left;
};
const ask = async () => {
  for (let request = 0; request < ${mostRequests}; request++) {
    try {
      const response = await fetch("/report.json", { cache: "no-store" });
      if (show(await response.json()) === 0) return;
    } catch {
      // An experiment that this browser does not take: the server knows
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};
ask();
`;

const style = `
:root { --ink: #1c2024; --soft: #60646c; --line: #d9dade; --paper: #fcfcfd; --good: #0b6e4f; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --soft: #a3a7b0; --line: #34373d;
  --paper: #111214; --good: #4fc69b; --bad: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .3rem 1rem; margin: 0 }
dt, footer, #state { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; font-weight: 400; padding: .25rem 1rem .25rem 0;
  border-top: 1px solid var(--line); overflow-wrap: anywhere }
.passed td { color: var(--good) }
.failed td { color: var(--bad) }
footer { margin: 1.5rem 0 }
a { color: inherit }
`;
