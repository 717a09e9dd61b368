import { describe, expect, it } from "vitest";
import { createNoble } from "../../../src/crypto/index.ts";
import { createNative } from "../../../src/crypto/native.ts";
import { runAttack, runHonestly } from "../../../src/lab/adversary/attack.ts";
import { usual } from "../../../src/lab/adversary/catalogue/complete.ts";
import { catalogue } from "../../../src/lab/adversary/catalogue/index.ts";
import { places } from "../../../src/lab/adversary/catalogue/places.ts";
import { judge } from "../../../src/lab/adversary/judge.ts";
import {
  type EndReport,
  endsOf,
  expectationOf,
  families,
} from "../../../src/lab/adversary/scenario.ts";
import { type ClientHello, decodeMessage } from "../../../src/messages/index.ts";
import { recordHeaderLength } from "../../../src/record/index.ts";
import { alertOf } from "../../../src/registry/index.ts";

describe("the catalogue", () => {
  it("has at least 400 scenarios with names of their own, of every family", () => {
    expect(catalogue.length).toBeGreaterThanOrEqual(400);
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
    expect(new Set(catalogue.map(({ family }) => family))).toEqual(new Set(families));
  });

  it.each(catalogue)("says all of $name that can be said", (scenario) => {
    const { agreed, findings } = scenario.expect;
    expect(findings).toBeDefined();
    for (const role of endsOf) {
      const { outcome, where, section, rule, data } = expectationOf(scenario, role);
      expect(data).toBeDefined();
      if (outcome in alertOf) expect(where ?? section ?? rule).toBeDefined();
      if (outcome.startsWith("open")) expect(Object.keys(agreed ?? {})).toEqual(Object.keys(usual));
    }
  });

  it.each([
    ["suite", (hello: ClientHello) => hello.cipherSuites, 0x5a5a],
    ["version", ({ extensions }: ClientHello) => extensions.supported_versions, 0xfafa],
    ["group", ({ extensions }: ClientHello) => extensions.supported_groups, 0x3a3a],
    ["extension", ({ extensions }: ClientHello) => Object.keys(extensions), "0x6a6a"],
  ] as const)(
    "lets a %s be selected that is there to be ignored (RFC 8701)",
    (what, offered, value) => {
      const name = what === "extension" ? "grease-extension-answered" : `grease-${what}-selected`;
      const grease = catalogue.find((entry) => entry.name === name)!;
      const sent: Uint8Array[] = [];
      runAttack(grease, {
        makeProvider: createNative,
        tape: ({ from, bytes }) => from === "client" && sent.push(bytes),
      });
      const hello = decodeMessage("client_hello", sent[0]!.subarray(recordHeaderLength)).body;
      expect(offered(hello)).toContain(value);
      expect(JSON.stringify(grease.steps)).toContain(`${value}`);
    },
  );

  it("knows places of scenarios that exist, and no others", () => {
    const names = new Set(catalogue.map(({ name }) => name));
    expect([...places.keys()].filter((name) => !names.has(name))).toEqual([]);
  });

  describe.each([
    ["native", createNative],
    ["noble", createNoble],
  ] as const)("with %s", (_, makeProvider) => {
    // A few send 2^16 records
    it.each(catalogue)("$family: $name", { timeout: 60_000 }, (scenario) => {
      expect(runAttack(scenario, { makeProvider }).problems).toEqual([]);
    });
  });
});

describe("the judge", () => {
  const scenario = (name: string) => catalogue.find((entry) => entry.name === name)!;
  const problemsOf = (name: string, expected: object) =>
    runAttack(
      { ...scenario(name), expect: { client: "open", server: "open", ...expected } },
      { makeProvider: createNative },
    ).problems;

  it("says what was predicted and what it is", () => {
    expect(problemsOf("strip-tls13", {})).toEqual([
      "client: open was predicted, told protocol_version it is",
      "server: open was predicted, protocol_version it is",
    ]);
  });

  it("looks at where an error is and by which section, at what was agreed, and how often data came", () => {
    const client = "told illegal_parameter";
    const server = {
      outcome: "illegal_parameter",
      where: "client_hello",
      section: "RFC 1",
      data: 2,
    };
    expect(problemsOf("share-twice", { client, server })).toEqual([
      "server, where: client_hello was predicted, client_hello.extensions.key_share it is",
      "server, section: RFC 1 was predicted, RFC 9846 §4.3.8 it is",
      "server, data: 2 was predicted, 0 it is",
    ]);
    expect(problemsOf("honest", { agreed: { psk: "resumption", alpn: "h2" } })).toEqual([
      "client, alpn: h2 was predicted, null it is",
      "client, psk: resumption was predicted, null it is",
      "server, alpn: h2 was predicted, null it is",
      "server, psk: resumption was predicted, null it is",
    ]);
    const refused = { outcome: "insufficient_security", rule: "groups" };
    expect(
      problemsOf("forged-alert-and-refused-fallback", {
        client: refused,
        server: "told insufficient_security",
      }),
    ).toEqual(["client, rule: groups was predicted, fallback it is"]);
  });

  it("misses findings, and does not put up with those that have no reason", () => {
    expect(problemsOf("honest", { findings: ["tampered"] })).toEqual(["nobody found tampered"]);
    expect(problemsOf("prefer-classical-server", { findings: [] })).toEqual([
      "found without a reason: hybrid-declined, retry-to-weaker",
    ]);
  });

  it("calls it a problem that an end says in two connections what must be new", () => {
    const watched = scenario("shares-of-two-connections");
    // RFC 9846 §4.3.8: a key pair that is kept, and the ciphertext that goes with it
    const makeProvider: typeof createNoble = (options) => {
      const provider = createNoble(options);
      const { x25519 } = provider.kems;
      const pair = { ...x25519.generate(), wipe: () => {} };
      return {
        ...provider,
        kems: { ...provider.kems, x25519: { ...x25519, generate: () => pair } },
      };
    };
    expect(runAttack(watched, { makeProvider }).problems).toEqual([
      expect.stringMatching(/^the client said in two connections: share [\da-f]+$/),
    ]);
    // What a malicious end says again is no fault of the other's
    expect(runAttack({ ...watched, malicious: "client" }, { makeProvider }).problems).toEqual([]);
  });

  describe("calls a weaker exchange that nobody finds a problem, whatever is predicted", () => {
    /** What is left of a scenario's problems when no end has found anything, or only what both together could. */
    const silently = (name: string, findings: EndReport["findings"] = []): string[] => {
      const attacked = scenario(name);
      const { client, server } = runAttack(attacked, { makeProvider: createNative });
      const reports = { client: { ...client, findings }, server: { ...server, findings } };
      const { findings: _, ...unasked } = attacked.expect;
      const honest = () => runHonestly(attacked, { makeProvider: createNative });
      return judge({ ...attacked, expect: unasked }, reports, {
        honest,
        before: undefined,
        attacked: honest(),
      });
    };
    const [strong, weak] = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"];

    it.each([
      ["strip-hybrid-with-server-key", "X25519MLKEM768 could have been, x25519 it is"],
      ["hybrid-order-with-server-key", "X25519MLKEM768 could have been, x25519 it is"],
      ["kem-level-with-server-key", "SecP384r1MLKEM1024 could have been, X25519MLKEM768 it is"],
      ["group-order-with-server-key", "X25519MLKEM768 could have been, SecP256r1MLKEM768 it is"],
      ["suite-with-server-key", `${strong} could have been, ${weak} it is`],
      ["suite-order-with-server-key", `${strong} could have been, ${weak} it is`],
      ["signature-with-server-key", "mldsa44 could have been, ed25519 it is"],
      ["alpn-with-server-key", "h2 could have been, http/1.1 it is"],
      ["no-alpn-with-server-key", "h2 could have been, nothing it is"],
      ["lost-hello-then-classical", "X25519MLKEM768 could have been, x25519 it is"],
      ["lazy-server", "X25519MLKEM768 could have been, x25519 it is"],
    ])("%s", (name, lost) => {
      const [problem, ...others] = silently(name);
      expect(problem).toContain("a weaker exchange came about, and nobody said so");
      expect(problem).toContain(lost);
      expect(others).toEqual([]);
      // What only a party that sees both ends could say does not count, what an end says does
      const kind = (finding: EndReport["findings"][number]["kind"]) => [
        { kind: finding, evidence: "" },
      ];
      expect(silently(name, kind("ends-disagree"))).toEqual([problem]);
      expect(silently(name, kind("preference-declined"))).toEqual([]);
    });

    it.each(["honest", "random-with-server-key", "psk-with-server-key", "external-key"])(
      "and not %s, where nothing is weaker",
      (name) => expect(silently(name)).toEqual([]),
    );
  });
});
