/** docs/tlsfuzzer.md, from what a run gave. */
export function tlsfuzzerPage({ results, leftOut, revision, node, openssl }) {
  const differing = results.flatMap((result) => result.differing);
  const failed = results.flatMap(({ script, failed: names }) =>
    names.map((name) => `- ${script}: ${name}`),
  );
  const reasons = [...new Set(differing.map(({ reason }) => reason))]
    .map((reason) => ({
      reason,
      probes: differing.filter((each) => each.reason === reason).length,
    }))
    .toSorted((a, b) => b.probes - a.probes);
  return `# Held to tlsfuzzer

Made by \`node test/conformance/tlsfuzzer/run.mjs --docs\`; do not edit. The scripts are tlsfuzzer's
for TLS 1.3, revision ${revision}. The
[servers](../test/conformance/tlsfuzzer/servers.ts) that they talk to over TCP are those of \`kemistry/node\`,
on Node ${node} with OpenSSL ${openssl}. Where a script has more probes than it runs by itself, it picks some at
random.

| | probes |
|---|---:|
| **passed** | **${sum(results.map(({ passed }) => passed))}** |
| **failed** | **${failed.length}** |
| differ, for the reasons below | ${differing.length} |

${failed.length === 0 ? "" : `## Failed\n\n${failed.join("\n")}\n\n`}## Where we differ

| probes | reason |
|---:|---|
${reasons.map(({ reason, probes }) => `| ${probes} | ${reason} |`).join("\n")}

## Scripts

| script | passed | differ |
|---|---:|---:|
${results.map(({ script, passed, differing: own }) => `| ${script} | ${passed} | ${own.length} |`).join("\n")}

Left out:

| script | reason |
|---|---|
${Object.entries(leftOut)
  .map(([script, reason]) => `| ${script} | ${reason} |`)
  .join("\n")}

## How to run it

Get tlsfuzzer's source, and a Python with \`tlslite-ng\` (as its \`requirements.txt\` says) and \`kyber-py\`.
Then:

\`\`\`sh
node test/conformance/tlsfuzzer/run.mjs --source DIR --python PATH --docs
\`\`\`
`;
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
