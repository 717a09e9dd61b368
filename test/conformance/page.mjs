const older = /negotiates TLS 1\.2 or below/;

/** docs/conformance.md, from what a run gave. */
export function conformancePage(run) {
  const reasons = disabledByReason(run);
  const outside = reasons.filter(({ reason }) => older.test(reason));
  const inside = reasons.filter(({ reason }) => !older.test(reason));
  const notRun = countFlags(run);
  return `# Held to BoringSSL's test runner

Made by \`node test/conformance/run.mjs --docs\`; do not edit. The runner is BoringSSL's \`ssl/test/runner\`,
revision ${run.revision}, its shim is [test/conformance/shim](../test/conformance/shim), on Node
${run.node}, with the native provider. Error names are compared through the \`ErrorMap\` of
[config.json](../test/conformance/config.json), alerts by the runner itself.

| | tests |
|---|---:|
| **passed** | **${run.passed.length}** |
| **failed** | **${run.failed.length}** |
| disabled, for the reasons below | ${count(inside)} |
| disabled, because they negotiate TLS 1.2 or below | ${count(outside)} |
| not run, for the reasons below | ${run.unimplemented.length} |
| all tests of the runner (DTLS, QUIC and older versions included) | ${run.names.length} |

${run.failed.length === 0 ? "" : `## Failed\n\n${run.failed.map((name) => `- ${name}`).join("\n")}\n\n`}## Disabled

| tests | reason | which |
|---:|---|---|
${inside.map(({ names, reason }) => `| ${names.length} | ${reason} | ${shown(names)} |`).join("\n")}

## Not run

The shim says so by exit code 89, at the first flag that it does not implement.

| tests | reason | flags |
|---:|---|---|
${notRun.map(({ reason, number, flags }) => `| ${number} | ${reason} | ${flags.join(", ")} |`).join("\n")}

## How to run it

Get BoringSSL's source and the test binary of its \`ssl/test/runner\`; that is Go, and needs nothing of
BoringSSL's own library. Then:

\`\`\`sh
node test/conformance/run.mjs --runner PATH --source DIR/ssl/test/runner --docs
\`\`\`
`;
}

function disabledByReason({ names, disabled }) {
  const byReason = new Map();
  for (const name of names) {
    const pattern = Object.keys(disabled).find((glob) => name === glob || matches(name, glob));
    if (pattern === undefined) continue;
    const reason = disabled[pattern];
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  return [...byReason]
    .map(([reason, found]) => ({ reason, names: found }))
    .toSorted((a, b) => b.names.length - a.names.length);
}

/** The runner's globs know only the asterisk here. */
function matches(name, glob) {
  const parts = glob.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

function count(reasons) {
  return reasons.reduce((sum, { names }) => sum + names.length, 0);
}

/** The flags that stopped the shim, by the reason why it does not implement them. */
function countFlags({ unimplemented, reasons }) {
  const known = Object.entries(reasons).map(([reason, text]) => [reason, new RegExp(text)]);
  const byReason = new Map();
  for (const line of unimplemented) {
    const [reason] = known.find(([, pattern]) => pattern.test(line)) ?? ["no reason is known"];
    const entry = byReason.get(reason) ?? { reason, number: 0, flags: new Set() };
    entry.number += 1;
    entry.flags.add(`\`${line}\``);
    byReason.set(reason, entry);
  }
  return [...byReason.values()]
    .map(({ flags, ...entry }) => ({ ...entry, flags: [...flags].toSorted() }))
    .toSorted((a, b) => b.number - a.number);
}

function shown(names) {
  const few = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${few}, …` : few;
}
