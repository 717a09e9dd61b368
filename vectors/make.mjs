#!/usr/bin/env node
/**
 * Makes the chosen subsets again from the published corpora, whose folders are given; downloads
 * nothing. `vectors/README.md` says which package carries which.
 *
 *   node vectors/make.mjs --wycheproof <testvectors_v1> --rfc8448 <rfc8448.txt[.gz]>
 *     --cryptography <cryptography_vectors> --fips203 <nist_vectors> --openssl <30-test_evp_data>
 *     [--check]
 *
 * A corpus that is not given is left as it is. With --check nothing is written, and the exit code
 * is 1 if a file would change.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  evpKeyGeneration,
  evpSlhDsaKeyGeneration,
  evpSlhDsaSignatures,
  evpTls13Kdf,
} from "./make/evp.mjs";
import { encapsulations, firstKats, firstOfEachGroup } from "./make/nist.mjs";
import { readTraces } from "./make/rfc8448.mjs";
import { trim } from "./make/wycheproof.mjs";
import { readArguments } from "../test/support/arguments.mjs";

const here = dirname(fileURLToPath(import.meta.url));

const { values: options } = readArguments("node vectors/make.mjs", {
  options: {
    wycheproof: { type: "string" },
    rfc8448: { type: "string" },
    cryptography: { type: "string" },
    fips203: { type: "string" },
    openssl: { type: "string" },
    check: { type: "boolean", default: false },
  },
});

const manifestPath = join(here, "manifest.json");
const manifest = existsSync(manifestPath) ? JSON.parse(readFileSync(manifestPath, "utf8")) : {};
let changed = 0;

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const unpacked = (path) => {
  const bytes = readFileSync(path);
  return path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
};

/** Writes one file of a subset, packed if its name ends in `.gz`, and notes where it came from. */
function emit(file, content, source, cases, of = cases) {
  const path = join(here, file);
  const text = Buffer.from(content);
  manifest[file] = { from: basename(source), fromSha256: sha256(unpacked(source)), cases, of };
  manifest[file].sha256 = sha256(text);
  if (existsSync(path) && unpacked(path).equals(text)) return;
  changed++;
  console.log(`${options.check ? "would change" : "wrote"} ${file}: ${cases} of ${of} cases`);
  if (options.check) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, file.endsWith(".gz") ? gzipSync(text, { level: 9 }) : text);
}

if (options.wycheproof !== undefined) {
  const chosen = JSON.parse(readFileSync(join(here, "make/wycheproof.json"), "utf8"));
  for (const [name, perKind] of Object.entries(chosen)) {
    const source = join(options.wycheproof, `${name}_test.json`);
    const corpus = JSON.parse(readFileSync(source, "utf8"));
    const subset = trim(corpus, perKind === "all" ? Infinity : perKind);
    const file = `wycheproof/${name}_test.json.gz`;
    emit(file, JSON.stringify(subset), source, subset.numberOfTests, corpus.numberOfTests);
  }
}

if (options.rfc8448 !== undefined) {
  const { keys, traces } = readTraces(unpacked(options.rfc8448).toString("utf8"));
  const pretty = (value) => `${JSON.stringify(value, undefined, 1)}\n`;
  emit("rfc8448/server-key.json", pretty(keys), options.rfc8448, 1);
  for (const trace of traces) {
    emit(`rfc8448/${trace.name}.json`, pretty(trace), options.rfc8448, trace.steps.length);
  }
}

if (options.cryptography !== undefined) {
  for (const size of [256, 384, 512]) {
    const source = join(options.cryptography, `hashes/SHA2/SHA${size}ShortMsg.rsp`);
    const text = readFileSync(source, "utf8").replaceAll("\r", "");
    emit(`nist/SHA${size}ShortMsg.rsp.gz`, text, source, text.match(/^MD = /gm).length);
  }
  for (const size of [512, 768, 1024]) {
    const source = join(options.cryptography, `asymmetric/MLKEM/kat_MLKEM_${size}.rsp`);
    const { text, cases, of } = firstKats(readFileSync(source, "utf8"), 10);
    emit(`nist/kat_MLKEM_${size}.rsp.gz`, text, source, cases, of);
  }
}

if (options.fips203 !== undefined) {
  const source = join(options.fips203, "ML-KEM-keyGen-FIPS203/internalProjection.json");
  const { json, cases, of } = firstOfEachGroup(JSON.parse(readFileSync(source, "utf8")), 10);
  emit("nist/ML-KEM-keyGen-FIPS203.json.gz", JSON.stringify(json), source, cases, of);
  const use = join(options.fips203, "ML-KEM-encapDecap-FIPS203/internalProjection.json");
  const encapsulation = encapsulations(JSON.parse(readFileSync(use, "utf8")), 5);
  const file = "nist/ML-KEM-encapsulation-FIPS203.json.gz";
  emit(file, JSON.stringify(encapsulation.json), use, encapsulation.cases, encapsulation.of);
}

if (options.openssl !== undefined) {
  const keyGeneration = join(options.openssl, "evppkey_ml_dsa_keygen.txt");
  const all = evpKeyGeneration(readFileSync(keyGeneration, "utf8"));
  const { json, cases, of } = firstOfEachGroup(all, 5);
  emit("nist/ML-DSA-keyGen-FIPS204.json.gz", JSON.stringify(json), keyGeneration, cases, of);
  const hashBased = join(options.openssl, "evppkey_slh_dsa_keygen.txt");
  const slhDsa = firstOfEachGroup(evpSlhDsaKeyGeneration(readFileSync(hashBased, "utf8")), 2);
  const made = "nist/SLH-DSA-keyGen-FIPS205.json.gz";
  emit(made, JSON.stringify(slhDsa.json), hashBased, slhDsa.cases, slhDsa.of);
  const signing = join(options.openssl, "evppkey_slh_dsa_siggen.txt");
  const signatures = evpSlhDsaSignatures(readFileSync(signing, "utf8"));
  const signed = "nist/SLH-DSA-sigGen-FIPS205.json.gz";
  emit(signed, JSON.stringify(signatures.json), signing, signatures.cases, signatures.of);
  const kdf = join(options.openssl, "evpkdf_tls13_kdf.txt");
  const derived = evpTls13Kdf(readFileSync(kdf, "utf8"));
  emit("nist/TLS13-KDF.json.gz", JSON.stringify(derived), kdf, derived.tests.length);
}

if (!options.check) {
  const sorted = Object.fromEntries(
    Object.entries(manifest).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  writeFileSync(manifestPath, `${JSON.stringify(sorted, undefined, 1)}\n`);
}
console.log(changed === 0 ? "every file is as it would be made" : `${changed} files differ`);
process.exitCode = options.check && changed > 0 ? 1 : 0;
