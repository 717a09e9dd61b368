import { describe, expect, it } from "vitest";
import { createNoble, noble } from "../../../src/crypto/index.ts";
import { type Row, runCorpus } from "../../../src/lab/vectors/corpus.ts";
import {
  type JsonObject,
  objects,
  parseJson,
  UnreadableCorpus,
} from "../../../src/lab/vectors/json.ts";
import { readCorpus } from "../../../src/lab/vectors/read.ts";
import { loadText } from "../../vectors/load.ts";

const subject = {
  provider: noble,
  seeded: (random: typeof noble.random) => createNoble({ random }),
};

const run = (json: JsonObject): Row =>
  runCorpus("made-up", readCorpus("x.json", JSON.stringify(json)), subject);

/** A file's first tests of each group, each changed. */
function changed(name: string, change: (test: JsonObject) => JsonObject): JsonObject {
  const json = parseJson(loadText(`wycheproof/${name}_test.json.gz`));
  const testGroups = objects(json, "testGroups")
    .slice(0, 6)
    .map((group) => ({
      ...group,
      tests: objects(group, "tests").slice(0, 4).map(change),
    }));
  return { ...json, numberOfTests: undefined, testGroups };
}

const inverted = (test: JsonObject): JsonObject => ({
  ...test,
  result: test["result"] === "valid" ? "invalid" : "valid",
});

/** Wycheproof's own verdict turned around must fail wherever the right one passes. */
describe("a corpus that says the opposite", () => {
  it.each([
    "aes_gcm",
    "chacha20_poly1305",
    "ecdh_secp256r1_ecpoint",
    "ecdsa_secp256r1_sha256",
    "ed25519",
    "hkdf_sha256",
    "hmac_sha256",
    "mldsa_44_verify",
    "mlkem_512",
    "rsa_pss_2048_sha256_mgf1_32",
    "rsa_pss_2048_sha256_mgf1_32_params",
    "rsa_signature_2048_sha256",
  ])("%s", (name) => {
    const right = run(changed(name, (test) => test));
    const wrong = run(changed(name, inverted));
    expect(right.failed).toBe(0);
    expect(right.passed).toBeGreaterThan(0);
    expect(wrong.passed).toBe(0);
    expect(wrong.failed).toBe(right.passed);
  });
});

describe("a valid vector with another output", () => {
  it.each([
    ["aes_gcm", "ct", "rejected, but it is valid"],
    ["chacha20_poly1305", "msg", "opened to another plaintext"],
    ["ecdh_secp256r1_ecpoint", "shared", "computed another secret"],
    ["hkdf_sha256", "okm", "derived other bytes"],
    ["mldsa_44_sign_seed", "sig", "made another signature"],
    ["mlkem_512", "K", "computed another secret"],
    ["mlkem_512", "ek", "made another encapsulation key"],
    ["x25519", "shared", "computed another secret"],
  ])("%s, %s", (name, member, problem) => {
    const flipped = (test: JsonObject): JsonObject => {
      const value = String(test[member]);
      if (test["result"] !== "valid" || value === "") return test;
      return { ...test, [member]: `${value.startsWith("0") ? "1" : "0"}${value.slice(1)}` };
    };
    const { failures } = run(changed(name, flipped));
    expect(failures.map((failure) => failure.problem).join("; ")).toContain(problem);
  });
});

describe("what TLS is stricter about", () => {
  const acceptable = (name: string, flag: string, result: string) => {
    const json = parseJson(loadText(`wycheproof/${name}_test.json.gz`));
    const testGroups = objects(json, "testGroups").map((group) => ({
      ...group,
      tests: objects(group, "tests")
        .filter((test) => test["result"] === "acceptable" && String(test["flags"]).includes(flag))
        .map((test) => ({ ...test, result })),
    }));
    return run({ ...json, numberOfTests: undefined, testGroups });
  };

  it.each([
    ["x25519", "ZeroSharedSecret", "invalid"],
    ["ecdh_secp256r1_ecpoint", "CompressedPoint", "invalid"],
    ["rsa_signature_2048_sha256", "MissingNull", "invalid"],
  ])("%s: %s is refused, though acceptable to Wycheproof", (name, flag, result) => {
    const row = acceptable(name, flag, result);
    expect(row.passed).toBeGreaterThan(0);
    expect(row.failed).toBe(0);
    expect(acceptable(name, flag, "acceptable").passed).toBe(row.passed);
    expect(acceptable(name, flag, "valid").failed).toBe(row.passed);
  });
});

describe("a file that is not as it should be", () => {
  const hmac = () => changed("hmac_sha256", (test) => test);
  const firstGroup = (change: object) => {
    const [first, ...others] = objects(hmac(), "testGroups");
    return { testGroups: [{ ...first, ...change }, ...others] };
  };
  const firstTest = (change: object) => {
    const [first, ...others] = objects(objects(hmac(), "testGroups")[0]!, "tests");
    return firstGroup({ tests: [{ ...first, ...change }, ...others] });
  };

  it.each([
    [
      "a kind of group that nobody knows",
      firstGroup({ type: "MacTests" }),
      /^testGroups\[0\]\.type: expected one of /,
    ],
    ["another result", firstTest({ result: "maybe" }), /^testGroups\[0\]\.tests\[0\]\.result: /],
    [
      "a member that is missing",
      firstTest({ msg: undefined }),
      /^testGroups\[0\]\.tests\[0\]: msg: expected text/,
    ],
    [
      "bytes that are none",
      firstTest({ tag: "0g" }),
      /^testGroups\[0\]\.tests\[0\]: tag: expected bytes/,
    ],
    ["a size that is none", firstGroup({ tagSize: "256" }), /^testGroups\[0\]: tagSize: /],
  ])("is unreadable: %s", (_, change, problem) => {
    const json = { ...hmac(), numberOfTests: undefined, ...change };
    expect(() => run(json)).toThrow(UnreadableCorpus);
    expect(() => run(json)).toThrow(problem);
  });

  it("is unreadable without all of its tests", () => {
    const tests = objects(hmac(), "testGroups").flatMap((group) => objects(group, "tests"));
    expect(run({ ...hmac(), numberOfTests: tests.length }).cases).toBe(tests.length);
    expect(() => run({ ...hmac(), numberOfTests: tests.length + 1 })).toThrow(/^numberOfTests: /);
  });
});

describe("what is left out", () => {
  it("is skipped with its reason, and never passed", () => {
    const json = changed("ecdsa_secp256r1_sha256", (test) => test);
    const testGroups = objects(json, "testGroups").map((group) => ({
      ...group,
      type: "DsaVerify",
    }));
    const row = run({ ...json, testGroups });
    expect(row).toMatchObject({ passed: 0, failed: 0, skipped: row.cases });
    expect(row.reasons).toEqual([
      { reason: "DsaVerify of ECDSA: TLS 1.3 has no use for it", cases: row.cases },
    ]);
  });

  it("are given keys, where a provider takes none", () => {
    const json = changed("x25519", (test) => test);
    const corpus = readCorpus("x.json", JSON.stringify(json));
    const { importKeyPair: _, ...x25519 } = noble.kems.x25519;
    const keyless = { ...noble, kems: { ...noble.kems, x25519 } };
    const row = runCorpus("made-up", corpus, { provider: keyless });
    expect(row).toMatchObject({ passed: 0, skipped: row.cases });
    expect(row.reasons[0]?.reason).toBe("this back end takes no given private keys");
  });
});
