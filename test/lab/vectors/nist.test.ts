import { describe, expect, it } from "vitest";
import { createNoble, noble } from "../../../src/crypto/index.ts";
import { runCorpus } from "../../../src/lab/vectors/corpus.ts";
import { parseJson } from "../../../src/lab/vectors/json.ts";
import { readCorpus } from "../../../src/lab/vectors/read.ts";
import { fromHex, toHex } from "../../../src/wire/index.ts";
import { loadText } from "../../vectors/load.ts";

const subject = {
  provider: noble,
  seeded: (random: typeof noble.random) => createNoble({ random }),
};

const run = (name: string, text: string, expected?: string) =>
  runCorpus(name, readCorpus(name, text, expected), subject);

/** Turns the first hexadecimal digit of a member's every value into another. */
const flip = (text: string, pattern: RegExp): string =>
  text.replace(pattern, (_, head: string, digit: string) => head + (digit === "0" ? "1" : "0"));

describe("an answer that is wrong", () => {
  it.each([
    ["nist/SHA256ShortMsg.rsp.gz", /^(MD = )(.)/gm, "gave another digest"],
    ["nist/kat_MLKEM_512.rsp.gz", /^(pk = )(.)/gm, "made another public key"],
    ["nist/kat_MLKEM_512.rsp.gz", /^(ss = )(.)/gm, "computed another secret"],
    ["nist/kat_MLKEM_512.rsp.gz", /^(ss_n = )(.)/gm, "secret for a damaged ciphertext"],
    ["nist/ML-KEM-keyGen-FIPS203.json.gz", /("ek":")(.)/g, "made another encapsulation key"],
    ["nist/ML-DSA-keyGen-FIPS204.json.gz", /("pk":")(.)/g, "made another public key"],
    ["nist/ML-DSA-keyGen-FIPS204.json.gz", /("sk":")(.)/g, "made another private key"],
    ["nist/ML-KEM-encapsulation-FIPS203.json.gz", /("c":")(.)/g, "made another ciphertext"],
    ["nist/ML-KEM-encapsulation-FIPS203.json.gz", /("k":")(.)/g, "computed another secret"],
    ["nist/SLH-DSA-keyGen-FIPS205.json.gz", /("pk":")(.)/g, "made another public key"],
    ["nist/SLH-DSA-keyGen-FIPS205.json.gz", /("sk":".{20})(.)/g, "made another private key"],
    ["nist/SLH-DSA-sigGen-FIPS205.json.gz", /("signature":")(.)/g, "rejected"],
    ["nist/TLS13-KDF.json.gz", /("output":")(.)/g, "derived other bytes"],
  ])("in %s at %s fails every case", { timeout: 300_000 }, (file, pattern, problem) => {
    const row = run(file, flip(loadText(file), pattern));
    expect(row.passed).toBe(0);
    expect(row.failed).toBe(row.cases);
    expect(row.failures[0]?.problem).toContain(problem);
  });
});

describe("ACVP in two files", () => {
  const whole = parseJson(loadText("nist/ML-KEM-keyGen-FIPS203.json.gz"));
  const without = (members: readonly string[]) =>
    JSON.stringify(whole, (key, value: unknown) => (members.includes(key) ? undefined : value));

  it("reads the answers of the second", () => {
    const row = run("prompt.json", without(["ek", "dk"]), without(["d", "z"]));
    expect(row).toMatchObject({ passed: row.cases, failed: 0 });
  });

  it("reads what a server sends: a version, and the file behind it", () => {
    const wrapped = (text: string) => `[{"acvVersion":"1.0"},${text}]`;
    const [prompt, expected] = [without(["ek", "dk"]), without(["d", "z"])].map(wrapped);
    const row = run("prompt.json", prompt!, expected);
    expect(row).toMatchObject({ passed: row.cases, failed: 0 });
    expect(() => run("prompt.json", '[{"acvVersion":"1.0"}]')).toThrow("the file is not an object");
  });

  it("fails without them", () => {
    const row = run("prompt.json", without(["ek", "dk"]));
    expect(row).toMatchObject({ passed: 0, failed: row.cases });
    expect(row.failures[0]?.problem).toBe("UnreadableCorpus: ek is not a string");
  });
});

describe("ACVP of a kind that nobody knows", () => {
  const text = loadText("nist/ML-KEM-encapsulation-FIPS203.json.gz");

  it.each([
    [
      "a function",
      /"function":"encapsulation"/g,
      '"function":"encapsulate"',
      /^tcId 1: function: /,
    ],
    ["a parameter set", /"ML-KEM-512"/g, '"ML-KEM-256"', /^tcId 1: parameterSet: expected one of /],
    ["a mode", /"mode":"encapDecap"/g, '"mode":"decaps"', /^no reader for ACVP ML-KEM decaps$/],
  ])("is unreadable, and not skipped: %s", (_, pattern, value, problem) => {
    const changed = text.replace(pattern, value);
    expect(changed).not.toBe(text);
    expect(() => run("x.json", changed)).toThrow(problem);
    expect(run("x.json", text).failed).toBe(0);
  });
});

describe("ACVP's check of encapsulation keys", () => {
  const corpus = (ek: string, testPassed: boolean) => {
    const group = { parameterSet: "ML-KEM-512", function: "encapsulationKeyCheck" };
    const header = { vsId: 42, algorithm: "ML-KEM", mode: "encapDecap" };
    const test = { tcId: 1, ek, testPassed };
    return JSON.stringify({ ...header, testGroups: [{ ...group, tests: [test] }] });
  };
  const reduced = "00".repeat(800);
  const notReduced = "ff".repeat(800);

  it.each([
    [reduced, true, 1],
    [reduced, false, 0],
    [notReduced, false, 1],
    [notReduced, true, 0],
  ])("%.4s… with testPassed %s", (ek, testPassed, passed) => {
    expect(run("a.json", corpus(ek, testPassed))).toMatchObject({ passed, failed: 1 - passed });
  });
});

describe("response files of digests", () => {
  const toy = (title: string, ...lines: string[]) =>
    [`#  "${title}" information`, "[L = 32]", ...lines, ""].join("\n");

  // CAVS 11.1, SHA-256 Monte
  const seed = "6d1e72ad03ddeb5de891e572e2396f8da015d899ef0e79503152d6010a3fe691";
  const [first, second] = [
    "e93c330ae5447738c8aa85d71a6c80f2a58381d05872d26bdd39f1fcd4f2b788",
    "2e78f8c8772ea7c9331d41ed3f9cdf27d8f514a99342ee766ee3b8b0d0b121c0",
  ];
  const monte = (...digests: (string | undefined)[]) =>
    toy(
      "SHA-256 Monte",
      `Seed = ${seed}`,
      ...digests.flatMap((digest, count) => [`COUNT = ${count}`, `MD = ${digest}`]),
    );

  it("go through a Monte Carlo test, from one record to the next", () => {
    expect(run("a.rsp", monte(first, second))).toMatchObject({ cases: 2, passed: 2 });
    const { passed, failures } = run("a.rsp", monte(first, seed, second));
    expect([passed, failures.map(({ id }) => id)]).toEqual([1, ["record 1", "record 2"]]);
  });

  it("are told by their titles, since SHA-512/256 is as long as SHA-256", () => {
    const empty = ["Len = 0", "Msg = 00"];
    const sha256 = "MD = e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(run("a.rsp", toy("SHA-256 ShortMsg", ...empty, sha256)).passed).toBe(1);
    expect(run("a.rsp", toy("SHA-512/256 ShortMsg", ...empty, sha256))).toMatchObject({
      algorithm: "SHA-512/256",
      skipped: 1,
    });
    expect(run("a.rsp", ["[L = 32]", ...empty, sha256].join("\n"))).toMatchObject({
      algorithm: "sha256",
      passed: 1,
    });
  });
});

describe("response files of AES-GCM", () => {
  const heading = "[Keylen = 128]\n[IVlen = 96]\n[Taglen = 128]\n";
  // Test case 3 of the GCM specification, without its additional data
  const fields = {
    Key: "feffe9928665731c6d6a8f9467308308",
    IV: "cafebabefacedbaddecaf888",
    PT: "d9313225f88406e5a55909c5aff5269a",
    AAD: "",
    CT: "42831ec2217774244b7221b784d0d49c",
  };
  const tag = toHex(
    noble.aeads["aes-128-gcm"]
      .importKey(fromHex(fields.Key))
      .seal(fromHex(fields.IV), new Uint8Array(), fromHex(fields.PT), new Uint8Array())
      .at(-1)!,
  ).slice(-32);
  const record = (changes: object) =>
    Object.entries({ Count: 0, ...fields, Tag: tag, ...changes })
      .map(([name, value]) => `${name} = ${value}\n`)
      .join("");
  const forged = { Tag: "00".repeat(16) };

  it.each([
    ["a right record", heading + record({}), undefined],
    ["a forged one that must not open", `${heading}${record(forged)}FAIL\n`, undefined],
    ["another plaintext", heading + record({ PT: "00".repeat(16) }), "did not open"],
    ["a forged one that must open", heading + record(forged), "did not open"],
    ["a right one that must not open", `${heading}${record({})}FAIL\n`, "opened what is forged"],
  ])("%s", (_, text, problem) => {
    expect(run("a.rsp", text).failures.map((failure) => failure.problem)).toEqual(
      problem === undefined ? [] : [problem],
    );
  });

  it.each([
    ["Keylen = 128", "Keylen = 192", "TLS 1.3 has no use for 192-bit keys"],
    ["IVlen = 96", "IVlen = 8", "TLS 1.3 has nonces of 96 bits only"],
    ["Taglen = 128", "Taglen = 64", "TLS 1.3 has tags of 128 bits only"],
  ])("leave out what TLS 1.3 has not: %s as %s", (from, to, reason) => {
    const row = run("a.rsp", heading.replace(from, to) + record({}));
    expect(row.reasons).toEqual([{ reason, cases: 1 }]);
  });
});

describe("response files of ML-DSA", () => {
  it("sign with an empty context, and only check the key pair otherwise", () => {
    const xi = "01".repeat(32);
    const key = createNoble({ random: () => new Uint8Array(32).fill(1) }).generateKey("ML-DSA-44");
    const record = (ctx: string) =>
      `count = 0\nxi = ${xi}\npk = ${toHex(key.publicKey)}\nsk = ${toHex(key.privateKey)}\nmsg = 00\nsm = 00\nctx = ${ctx}\n`;
    expect(run("a.rsp", record("00")).reasons).toEqual([
      { reason: "the key is right; TLS 1.3 has no context", cases: 1 },
    ]);
    expect(run("a.rsp", record("")).failures).toEqual([
      { id: "record 0", problem: "made another signature" },
    ]);
  });
});
