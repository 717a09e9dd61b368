import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Provider } from "../../../src/crypto/index.ts";
import { createTrustStore, parseCertificate, parseCrl } from "../../../src/identity/index.ts";
import { findValidPath } from "../../../src/identity/path/path-search.ts";
import { TlsError } from "../../../src/registry/index.ts";
import { providers } from "../../crypto/providers.ts";
import { loadText } from "../../vectors/load.ts";

/** NIST's Public Key Interoperability Test Suite: see `vectors/pkits/README.md`. */
interface Row {
  readonly name: string;
  /** File names, trust anchor first, end entity last; some in between only sign CRLs. */
  readonly certificates: readonly string[];
  readonly crls: readonly string[];
  readonly valid: boolean;
  readonly acceptable: readonly string[];
  readonly inhibitPolicyMapping: boolean;
  readonly requireExplicitPolicy: boolean;
  readonly inhibitAnyPolicy: boolean;
}

interface Suite {
  readonly rows: readonly Row[];
  /** DER in base64 by file name. */
  readonly certificates: Readonly<Record<string, string>>;
  readonly crls: Readonly<Record<string, string>>;
}

const suite = JSON.parse(loadText("pkits/pkits.json.gz")) as Suite;

/** The certificates of the suite end in 2030. */
const now = Date.UTC(2026, 10, 1);

const policies: Readonly<Record<string, string>> = {
  anyPolicy: "2.5.29.32.0",
  ...Object.fromEntries(
    [1, 2, 3, 6].map((n) => [`NIST-test-policy-${n}`, `2.16.840.1.101.3.2.1.48.${n}`]),
  ),
};

/** Why a row says nothing about us, whatever its outcome. */
const whySkipped = ({ name }: Row): string | undefined =>
  /^4\.1\.[456] /.test(name) ? "TLS 1.3 has no DSA, and neither have we" : undefined;

const bytes = (base64: string | undefined): Uint8Array => Buffer.from(base64 ?? "", "base64");

interface Outcome {
  /** `valid`, or the error's code. */
  readonly code: string;
  readonly message: string;
}

function outcomeOf(row: Row, provider: Provider, files: Suite = suite): Outcome {
  try {
    const [anchor, ...rest] = row.certificates.map((name) =>
      parseCertificate(bytes(files.certificates[name]), name),
    );
    const crls = row.crls.map((name) => parseCrl(bytes(files.crls[name]), name));
    findValidPath(
      {
        chain: rest.toReversed(),
        trust: createTrustStore([anchor!]),
        now,
        provider,
        revocation: { crls },
        policy: { ...row, acceptable: row.acceptable.map((name) => policies[name] ?? name) },
      },
      () => {},
    );
    return { code: "valid", message: "" };
  } catch (error) {
    if (error instanceof TlsError) return error;
    throw error;
  }
}

describe.each(providers)("NIST PKITS with $name", ({ provider }) => {
  it.for(suite.rows)("$name", (row, { skip }) => {
    const reason = whySkipped(row);
    if (reason !== undefined) skip(reason);
    const { code, message } = outcomeOf(row, provider);
    expect(code === "valid", `${code}: ${message}`).toBe(row.valid);
  });
});

/** The same files, where the BIT STRING of a 2048-bit signature says that none of its bits is unused. */
const wholeOctets = (files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([name, base64]) => {
      const der = Buffer.from(base64, "base64");
      const at = der.length - 257;
      if (der.subarray(at - 4, at).toString("hex") === "03820101") der[at] = 0;
      return [name, der.toString("base64")];
    }),
  );

describe.each(providers)("a bad signature of whole octets with $name", ({ provider }) => {
  const files = { certificates: wholeOctets(suite.certificates), crls: wholeOctets(suite.crls) };

  it.each(["4.1.2 ", "4.4.4 "])("is what %s is refused for", (number) => {
    const row = suite.rows.find(({ name }) => name.startsWith(number))!;
    expect(outcomeOf(row, provider).message).toMatch(/whole octets/);
    const { code, message } = outcomeOf(row, provider, { ...suite, ...files });
    expect(code).not.toBe("valid");
    expect(message).toMatch(/signature/);
  });
});

/** The page of the outcomes, made from the run itself. */
function page(): string {
  const { provider } = providers[0]!;
  const table = suite.rows.map((row) => {
    const reason = whySkipped(row);
    const { code, message } = outcomeOf(row, provider);
    const [why = ""] = message.split(/; | \(/);
    const ours = reason === undefined ? [code, why] : ["skipped", reason];
    return { row, skipped: reason !== undefined, right: (code === "valid") === row.valid, ours };
  });
  const ran = table.filter((each) => !each.skipped);
  const right = ran.filter((each) => each.right).length;
  return `${[
    "# NIST PKITS",
    "",
    "Path validation (RFC 5280 §6), policies and CRLs included, held against NIST's Public Key",
    "Interoperability Test Suite. `test/identity/path/pkits.test.ts` runs every row with every provider and",
    "makes this page: `KEMISTRY_WRITE_DOCS=1 npx vitest run test/identity/path/pkits.test.ts`.",
    "",
    `**${right} of ${suite.rows.length} rows as expected, ${ran.length - right} not, ${table.length - ran.length} skipped.**`,
    "",
    "In 4.1.2 and 4.4.4 the bad signature is no whole number of octets: its BIT STRING says that one bit is",
    "unused, and so it is refused before it is verified. With that octet set to zero both are refused since the",
    "signature is wrong, as 4.1.3 is; a test does so.",
    "",
    "| row | expected | ours | why |",
    "|---|---|---|---|",
    ...table.map(
      ({ row, ours }) =>
        `| ${row.name} | ${row.valid ? "valid" : "invalid"} | ${ours.join(" | ")} |`,
    ),
  ].join("\n")}\n`;
}

it("docs/pkits.md says what happened", () => {
  const path = fileURLToPath(new URL("../../../docs/pkits.md", import.meta.url));
  const text = page();
  if (process.env["KEMISTRY_WRITE_DOCS"] === "1") writeFileSync(path, text);
  expect(readFileSync(path, "utf8")).toBe(text);
});
