#!/usr/bin/env node
/**
 * Makes `pkits.json.gz` from its two sources, whose paths are given; downloads nothing.
 *
 *   node vectors/pkits/make.mjs <nist-pkits/vectors.json> <x509/PKITS_data>
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readArguments } from "../../test/support/arguments.mjs";

const { positionals, refuse } = readArguments(
  "node vectors/pkits/make.mjs <nist-pkits/vectors.json> <x509/PKITS_data>",
  { allowPositionals: true },
);
const [vectors, data] = positionals;
if (vectors === undefined || data === undefined) refuse("two paths are needed");

const rows = JSON.parse(readFileSync(vectors, "utf8")).map((row) => ({
  name: row.Name,
  certificates: row.CertPath,
  crls: row.CRLPath,
  valid: row.ShouldValidate,
  acceptable: row.InitialPolicySet,
  inhibitPolicyMapping: row.InitialPolicyMappingInhibit,
  requireExplicitPolicy: row.InitialExplicitPolicy,
  inhibitAnyPolicy: row.InitialAnyPolicyInhibit,
}));

/** The files that the rows name, in base64. */
function files(folder, field) {
  const names = new Set(rows.flatMap((row) => row[field]));
  const read = (name) => readFileSync(join(data, folder, name)).toString("base64");
  return Object.fromEntries([...names].map((name) => [name, read(name)]));
}

const content = { rows, certificates: files("certs", "certificates"), crls: files("crls", "crls") };
const packed = gzipSync(JSON.stringify(content), { level: 9 });
writeFileSync(new URL("pkits.json.gz", import.meta.url), packed);
