/** What the engine knows, as a page: from the same tables that the engine uses. */
import { kemParameters, schemes, noble, suites } from "../../src/crypto/index.ts";
import { groups, isHybrid, isPostQuantum, shareSizes } from "../../src/groups/index.ts";

const code = (value: number): string => `0x${value.toString(16).padStart(4, "0")}`;
const table = (
  titles: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string =>
  [titles, titles.map((_, at) => (at === 0 ? "---" : "---:")), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");

/** The page, as Markdown. */
export const builtIn = (): string => `# What is built in

Groups, suites and signatures that the engine knows by name; [algorithms](algorithms.md) has candidates and costs beside them. Sizes are in bytes. A group, suite or scheme of [your own](own-parts.md) stands beside
these. \`kemistry groups\`, \`kemistry suites\` and \`kemistry signatures\` say which back end has each.

## Groups

${table(
  ["group", "code point", "kind", "parts", "client's share", "server's share", "secret"],
  groups.map((group) => {
    const { client, server, secret } = shareSizes(group, noble);
    const parts = group.kems.map((kem) => (typeof kem === "string" ? kem : kem.name)).join(" ‖ ");
    const kind = isHybrid(group) ? "hybrid" : isPostQuantum(group) ? "post-quantum" : "classical";
    return [group.name, code(group.code), kind, parts, client, server, secret];
  }),
)}

The order of the parts is that of the shares and of the secret: ML-KEM first where X25519 is the other, and last beside
the NIST curves (RFC 10024 §4).

## Key exchanges

${table(
  ["name", "public key", "ciphertext", "secret", "post-quantum"],
  Object.entries(kemParameters).map(([name, kem]) => [
    name,
    kem.publicKeyLength,
    kem.ciphertextLength,
    kem.sharedSecretLength,
    kem.postQuantum ? "yes" : "no",
  ]),
)}

## Cipher suites

${table(
  ["suite", "code point", "AEAD", "hash"],
  suites.map(({ name, code: point, aead, hash }) => [name, code(point), aead, hash]),
)}

## Signature schemes

${table(
  ["scheme", "code point", "signs handshakes"],
  schemes.map(({ name, code: point, inHandshake }) => [
    name,
    code(point),
    inHandshake ? "yes" : "certificates only",
  ]),
)}
`;
