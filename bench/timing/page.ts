/** docs/timing.md, from what `kemistry timing` measured. */
import { environment } from "../environment.ts";
import type { Leakage } from "./leakage.ts";
import type { ProviderTest } from "./tests.ts";

type Row = Pick<ProviderTest, "name" | "classes" | "backend"> &
  Leakage & { readonly provider?: string };

export function timingPage(rows: readonly Row[]): string {
  const { node, openssl, cpu, date, load } = environment();
  const samples = Math.min(...rows.map((row) => row.samples));
  return `# Does time tell secrets apart?

Made by \`kemistry timing --markdown\`; do not edit. Measured on ${date.slice(0, 10)} with Node ${node},
OpenSSL ${openssl}, ${cpu}, load ${load.toFixed(1)}; at least ${samples} samples of each test.

## The method

Each operation is timed with two classes of input, in random order (Reparaz, Balasch, Verbauwhede: "Dude, is
my code constant time?", 2017). |t| is Welch's statistic of the difference of their means, the largest over
all samples and over the fastest 99, 90, 75 and 50 per cent. Above 4.5 the difference is hardly chance, above
10 it is none. The control is a comparison that one must not write: if its row does not differ, the run is
worth nothing.

## What was seen

| operation | provider | classes | ns, ns | \\|t\\| | verdict |
|---|---|---|---:|---:|---|
${rows.map(line).join("\n")}

## What JavaScript can promise, and what it cannot

- **No constant time.** The engine compiles a function again when its inputs look otherwise, collects garbage
  when it likes, and may take a shortcut for small numbers. A run without a difference says that none was seen
  with these inputs, this version and this machine.
- **Comparisons** of Finished, binders and cookies look at every byte. Tags of tickets and records are
  compared by the AEAD: in OpenSSL by \`CRYPTO_memcmp\`, in noble by a loop without an early end.
- **ML-KEM** in JavaScript has branches that depend on data, so the time of a decapsulation depends on the
  ciphertext where noble does it (Node 20's native provider included: OpenSSL has ML-KEM from 3.5 on). To use
  that, an attacker has to send many ciphertexts under **one** key; key shares here are made for one
  connection each, which leaves one ciphertext a key.
- **Diffie-Hellman** meets one share of the peer with each private key, for the same reason.
- **Signatures** are not in the table. ML-DSA signs by rejection, so its time varies by design and not with the
  key (FIPS 204 §3.3); RSA and ECDSA keys of long-running servers belong to the native provider or to a token.
- Where timing matters, use the \`native\` provider, and read in \`negotiated.backends\` what filled each slot.
`;
}

const line = ({ name, provider, classes, medians, t, verdict }: Row): string =>
  `| ${[
    name,
    provider ?? "–",
    classes.join(" / "),
    medians.map((value) => Math.round(value)).join(", "),
    t.toFixed(1),
    verdict === "differs" ? "**differs**" : verdict,
  ].join(" | ")} |`;
