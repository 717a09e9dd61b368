import { Ajv2020 as Ajv } from "ajv/dist/2020.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { factorNames } from "../../../src/lab/experiment/factors.ts";
import { ExperimentError, readExperiment } from "../../../src/lab/experiment/read.ts";
import { resolveExperiment } from "../../../src/lab/experiment/resolve.ts";
import { experimentJsonSchema } from "../../../src/lab/experiment/schema.ts";

const refusal = (text: string): ExperimentError => {
  try {
    resolveExperiment(readExperiment(text));
  } catch (error) {
    if (error instanceof ExperimentError) return error;
    throw error;
  }
  throw new Error("it was taken");
};

describe("an experiment file", () => {
  it("has no factor that its page does not name", () => {
    const page = readFileSync(join(import.meta.dirname, "../../../docs/lab.md"), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("| `"));
    const named = rows.flatMap((row) => (row.split("|")[1] ?? "").match(/\w+/g) ?? []);
    expect(named.toSorted()).toEqual(factorNames.toSorted());
  });

  it("is YAML or JSON, and says the same in both", () => {
    const yaml = readExperiment(
      "name: a\nfactors:\n  rtt: [10, 20]\n  loss: { up: 0, down: 0.1 }\n",
    );
    const json = readExperiment(
      '{"name":"a","factors":{"rtt":[10,20],"loss":{"up":0,"down":0.1}}}',
    );
    expect(yaml.file).toEqual(json.file);
  });

  it.each([
    [
      "a typo in a factor",
      "name: a\nfactors:\n  groop: x25519\n",
      3,
      10,
      "factors.groop",
      "did you mean group?",
    ],
    ["a typo at the top", "name: a\nfactor: {}\n", 2, 1, "factor", "did you mean factors?"],
    [
      "a negative value",
      "name: a\nfactors:\n  loss: [0, -0.1]\n",
      3,
      13,
      "factors.loss[1]",
      "expected a number from 0",
    ],
    [
      "a probability above one",
      "name: a\nfactors:\n  loss: 2\n",
      3,
      9,
      "factors.loss",
      "expected at most 1",
    ],
    [
      "a rate of nought",
      "name: a\nfactors:\n  rate: 0\n",
      3,
      9,
      "factors.rate",
      "expected a number above 0",
    ],
    [
      "what is wrong in one direction",
      "name: a\nfactors:\n  loss: { up: 0, down: nope }\n",
      3,
      24,
      "factors.loss.down",
      "expected a number",
    ],
    [
      "a wrong type",
      '{\n"name": "a", "factors": {"mutual": "yes"}}',
      2,
      36,
      "factors.mutual",
      "expected true or false",
    ],
    [
      "a name that nobody knows",
      "name: a\nfactors:\n  group: [x25519, X25519MLKEM78]\n",
      3,
      19,
      "factors.group[1]",
      "did you mean X25519MLKEM768?",
    ],
    [
      "a signature that nobody knows",
      "name: a\nfactors: { signature: mldsa64 }\n",
      2,
      23,
      "factors.signature",
      "did you mean mldsa65?",
    ],
    [
      "a signature that signs no handshake",
      "name: a\nfactors: { signature: rsa_pkcs1_sha256 }\n",
      2,
      23,
      "factors.signature",
      "signs no server's handshake",
    ],
    [
      "a suite that nobody knows",
      "name: a\nfactors: { suite: TLS_AES_128_GCM_SHA25 }\n",
      2,
      19,
      "factors.suite",
      "did you mean TLS_AES_128_GCM_SHA256?",
    ],
    [
      "a link that nobody knows",
      "name: a\nfactors: { link: lann }\n",
      2,
      18,
      "factors.link",
      "did you mean lan?",
    ],
    [
      "a link with another round trip",
      "name: a\nfactors: { link: lan, rtt: 3 }\n",
      2,
      28,
      "factors.rtt",
      "leave out link or rtt",
    ],
    [
      "a chain that nobody knows",
      "name: a\nfactors: { chain: two }\n",
      2,
      19,
      "factors.chain",
      "expected one of direct, intermediate",
    ],
    [
      "a slot that nobody knows",
      "name: a\nfactors:\n  chain: { leaf: same, inter: same }\n",
      3,
      31,
      "factors.chain.inter",
      "expected no such member",
    ],
    [
      "a kernel that nobody knows",
      "name: a\nfactors: { kernel: linux-7 }\n",
      2,
      20,
      "factors.kernel",
      "linux-6.1",
    ],
    [
      "a CPU table that nobody wrote",
      "name: a\nfactors: { cpu: mine }\n",
      2,
      17,
      "factors.cpu",
      "expected one of zero, measured",
    ],
    [
      "measured times without a benchmark",
      "name: a\nfactors: { cpu: measured }\n",
      2,
      17,
      "factors.cpu",
      "kemistry bench",
    ],
    [
      "early data without a session",
      "name: a\nfactors: { earlyData: 9 }\n",
      2,
      23,
      "factors.earlyData",
      "write resumed: true",
    ],
    [
      "the clock of a payload that nobody sends",
      "name: a\nfactors: { timer: last-byte }\n",
      2,
      19,
      "factors.timer",
      "write payload",
    ],
    [
      "QUIC with jitter",
      "name: a\nfactors: { transport: quic, jitter: 1 }\n",
      2,
      37,
      "factors.jitter",
      "no jitter",
    ],
    [
      "QUIC with a kernel",
      "name: a\nfactors: { transport: quic, kernel: linux-5.4 }\n",
      2,
      37,
      "factors.kernel",
      "no kernel",
    ],
    [
      "QUIC with segments",
      "name: a\nfactors: { transport: quic, mss: 1300 }\n",
      2,
      34,
      "factors.mss",
      "no mss",
    ],
    [
      "QUIC with an initial window for each end",
      "name: a\nfactors: { transport: quic, initialWindow: { client: 10, server: 20 } }\n",
      2,
      29,
      "factors.initialWindow",
      "one for both ends",
    ],
    [
      "QUIC with a retry",
      "name: a\nfactors: { transport: quic, hello: retry }\n",
      2,
      36,
      "factors.hello",
      "take transport: tcp",
    ],
    [
      "QUIC with a clock of TCP's",
      "name: a\nfactors: { transport: quic, timer: acknowledged }\n",
      2,
      36,
      "factors.timer",
      "knows handshake, server-handshake, last-byte",
    ],
    [
      "a share that TLS has no room for",
      "name: a\nfactors: { group: Classic-McEliece-348864 }\n",
      2,
      19,
      "factors.group",
      "room for 65535",
    ],
    [
      "intermediates that are left out and not there",
      "name: a\nfactors:\n  chain: { send: leaf }\n",
      3,
      3,
      "factors.chain",
      "no intermediates",
    ],
    [
      "a slot of a second chain that nobody knows",
      "name: a\nfactors:\n  chain: { second: { leaf: same, ocsp: true } }\n",
      3,
      40,
      "factors.chain.second.ocsp",
      "expected no such member",
    ],
    [
      "a second chain whose leaf signs nothing",
      "name: a\nfactors:\n  chain: { second: { leaf: Merkle-proof } }\n",
      3,
      3,
      "factors.chain",
      "it can be root",
    ],
    [
      "a second chain beside a key that encapsulates",
      "name: a\nfactors: { chain: dual, authentication: kem }\n",
      2,
      19,
      "factors.chain",
      "leave out second",
    ],
    [
      "load where computing takes no time",
      "name: a\nfactors: { load: { perSecond: 9, cores: 1 } }\n",
      2,
      12,
      "factors.load",
      "write cpu",
    ],
    [
      "load without cores",
      "name: a\nfactors: { load: { perSecond: 9 } }\n",
      2,
      12,
      "factors.load.cores",
      "expected a number",
    ],
    [
      "QUIC under load",
      "name: a\nfactors: { transport: quic, cpu: t, load: { parallel: 9, cores: 1 } }\ncpuTables: { t: {} }\n",
      2,
      37,
      "factors.load",
      "no load",
    ],
    [
      "a study that nobody wrote",
      "name: a\npreset: paquin202\n",
      2,
      9,
      "preset",
      "did you mean paquin2020?",
    ],
    [
      "a mistake in one case",
      "name: a\ncases:\n  - rtt: 1\n  - rtt: -1\n",
      4,
      10,
      "cases[1].rtt",
      "expected a number from 0",
    ],
    [
      "more cells than anybody runs",
      `name: a\nfactors:\n  rtt: [${Array.from({ length: 1001 }, (_, at) => at + 1).join(",")}]\n  request: [${Array.from({ length: 1000 }, (_, at) => at).join(",")}]\n`,
      2,
      1,
      "factors",
      "1001000 cells",
    ],
    ["what is no YAML", "name: [a\n", 2, 1, "", "not YAML"],
    ["two values of one name", "name: a\nname: b\n", 2, 1, "", "not YAML"],
  ])("is refused with its place for %s", (_, text, line, column, path, reason) => {
    const error = refusal(text);
    expect(error).toMatchObject({ line, column, path });
    expect(error.message).toContain(reason);
  });

  // At the end of the parser's stack Node ends the process, where it compiles a pattern just then
  it.each([
    ["brackets", "{".repeat(100_000)],
    ["brackets behind others", `${"]".repeat(300)}${"[".repeat(300)}`],
    ["dashes", "- ".repeat(10_000)],
    ["questions", "? ".repeat(300)],
    ["lines", Array.from({ length: 300 }, (_, at) => `${" ".repeat(at)}a:\n`).join("")],
  ])("is not nested without end, by %s", (_, text) => {
    expect(refusal(text).message).toBe("nested deeper than 256, our limit");
  });

  it("may have brackets that nest nothing", () => {
    const many = "[".repeat(300);
    const text = `name: "${many}"\n# ${many}\ntitle: |\n  ${many}\n  ${" ".repeat(300)}x\n`;
    expect(refusal(text).message).not.toContain("nested");
    expect(refusal(`title: [${"[1],".repeat(300)}]\n${"- 1\n".repeat(300)}`).message).not.toContain(
      "nested",
    );
  });

  it("has each key once, which is not found by comparing each with each", () => {
    expect(refusal("title: a\nseed: 1\ntitle: b\n").message).toBe(
      "line 3, column 1: not YAML: Map keys must be unique",
    );
    const text = Array.from({ length: 1000 }, (_, at) => `k${at}: 1\n`).join("");
    const original: (this: unknown[], ...given: never[]) => boolean = Array.prototype.some;
    let compared = 0;
    const spy = vi.spyOn(Array.prototype, "some").mockImplementation(function (
      this: unknown[],
      ...given
    ) {
      compared += this.length;
      return Reflect.apply(original, this, given);
    });
    const error = refusal(text);
    spy.mockRestore();
    expect(error.path).not.toBe("");
    expect(compared).toBeLessThan(10_000);
  });

  it("does not unfold aliases without end", () => {
    const layers = Array.from(
      { length: 9 },
      (_, at) => `l${at + 1}: &l${at + 1} [${"*l" + at + ","}${"*l" + at + ","}*l${at}]`,
    );
    expect(() => readExperiment(`l0: &l0 [a,a,a]\n${layers.join("\n")}\n`)).toThrow(
      ExperimentError,
    );
  });
});

describe("the published schema", () => {
  const schema = experimentJsonSchema();

  it("is the file that is published", () => {
    const file = join(import.meta.dirname, "../../../src/lab/experiment/experiment.schema.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(schema);
  });

  it("takes what is taken, and refuses what is refused", () => {
    const validate = new Ajv({ strict: false }).compile(schema);
    const takes = (text: string): boolean => validate(parse(text));
    expect(takes("name: a\nfactors: { rtt: [1, 2], chain: { leaf: ed25519 } }\n")).toBe(true);
    expect(takes("name: a\nfactors: { groop: x25519 }\n")).toBe(false);
    expect(takes("name: a\nfactors: { rtt: -1 }\n")).toBe(false);
    expect(takes("factors: { rtt: 1 }\n")).toBe(false);
  });
});
