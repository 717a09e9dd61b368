import type { FindingKind } from "../../../detection/index.ts";
import type { Agreement, AttackScenario } from "../scenario.ts";
import type { EndPlan } from "../../plan/plan.ts";
import type { Edit, Signing, Step } from "../step.ts";
import { opened } from "./expectations.ts";

const family = "with the server's key";
const section = "RFC 9846 §4.5.2, Appendix F.1";
const [strong, weak] = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"] as const;
const [large, small] = ["SecP384r1MLKEM1024", "X25519MLKEM768"] as const;
const alpn = "extensions.application_layer_protocol_negotiation";

/** With which both ends believe what the adversary has made of their messages. */
const forged = (sign: Signing = {}): readonly Step[] => [
  { from: "server", on: "certificate_verify", sign },
  { from: "server", on: "finished", forge: "finished" },
  { from: "client", on: "finished", forge: "finished" },
];
const hello = (...edit: Edit[]): Step => ({ from: "client", on: "client_hello", edit });

interface Downgrade {
  readonly does: string;
  readonly steps: readonly Step[];
  readonly both?: EndPlan;
  readonly client?: EndPlan;
  readonly server?: EndPlan;
  readonly earlier?: EndPlan;
  readonly agreed: Partial<Agreement>;
  /** Where the server is not told. */
  readonly serverBelieves?: Partial<Agreement>;
  readonly sign?: Signing;
}

/** What an attacker with the server's key can bring about; what the client is told of it is `finding`. */
const downgrades: Readonly<Record<string, Downgrade>> = {
  suite: {
    does: "Takes the suite with the longer key out of the ClientHello",
    both: { suites: [strong, weak] },
    steps: [hello({ set: "cipherSuites", to: [weak] })],
    agreed: { suite: weak },
  },
  "suite-order": {
    does: "Turns the order of the suites round, before a server that follows it",
    both: { suites: [strong, weak] },
    server: { preference: "client" },
    steps: [hello({ reverse: "cipherSuites" })],
    agreed: { suite: weak },
  },
  "kem-level": {
    does: "Takes ML-KEM-1024 out of the ClientHello, and leaves ML-KEM-768",
    both: { groups: [large, small] },
    client: { shares: [large, small] },
    steps: [
      hello(
        { set: "extensions.supported_groups", to: [small] },
        { remove: "extensions.key_share[0]" },
      ),
    ],
    agreed: { group: small },
  },
  "group-order": {
    does: "Turns the order of two groups of one category round, before a server that follows it",
    both: { groups: [small, "SecP256r1MLKEM768"] },
    client: { shares: [small, "SecP256r1MLKEM768"] },
    server: { preference: "client" },
    steps: [hello({ reverse: "extensions.supported_groups" })],
    agreed: { group: "SecP256r1MLKEM768" },
  },
  signature: {
    does: "Answers with another certificate of the server, whose key is no ML-DSA",
    client: { schemes: ["mldsa44", "ed25519"] },
    server: { credential: "post-quantum" },
    earlier: { credential: "own" },
    steps: [
      {
        from: "server",
        on: "certificate",
        instead: [{ earlier: { from: "server", on: "certificate" } }],
      },
    ],
    sign: { key: "own", scheme: "ed25519" },
    agreed: { signature: "ed25519" },
  },
  alpn: {
    does: "Takes the better protocol out of the ClientHello (ALPACA)",
    both: { alpn: ["h2", "http/1.1"] },
    steps: [hello({ set: alpn, to: ["http/1.1"] })],
    agreed: { alpn: "http/1.1" },
  },
  "chosen-alpn": {
    does: "Lets the server choose the other protocol (ALPACA)",
    both: { alpn: ["h2", "http/1.1"] },
    steps: [
      { from: "server", on: "encrypted_extensions", edit: [{ set: alpn, to: ["http/1.1"] }] },
    ],
    agreed: { alpn: "http/1.1" },
    serverBelieves: { alpn: "h2" },
  },
  "no-alpn": {
    does: "Takes ALPN out of the ClientHello",
    both: { alpn: ["h2"] },
    steps: [hello({ remove: alpn })],
    agreed: { alpn: null },
  },
};

const finding: FindingKind = "preference-declined";

function scenarioOf(name: string, downgrade: Downgrade): AttackScenario {
  const { does, steps, agreed, sign = {}, serverBelieves, ...ends } = downgrade;
  const expected = opened({ ...agreed, sameBinding: false }, finding);
  return {
    name: `${name}-with-server-key`,
    family,
    does: `${does}; with the server's key it signs anew, and forges every Finished`,
    section,
    keys: "server",
    ...ends,
    steps: [...steps, ...forged(sign)],
    expect:
      serverBelieves === undefined
        ? expected
        : {
            ...expected,
            server: { outcome: "open", agreed: serverBelieves },
            findings: [finding, "ends-disagree"],
          },
  };
}

/** The same from a client whose policy does not put up with it. */
function refused(name: string, downgrade: Downgrade): AttackScenario {
  const scenario = scenarioOf(name, downgrade);
  return {
    ...scenario,
    name: `${name}-with-server-key-refused`,
    does: `${scenario.does}; the client's policy refuses what is weaker than its first choice`,
    section: "policy findings",
    client: { ...scenario.client, policy: { refuse: [finding] } },
    expect: {
      client: { outcome: "insufficient_security", rule: "findings" },
      server: "told insufficient_security",
      findings: [finding],
    },
  };
}

/** The same from a client that had the better before. */
function remembered(name: string, downgrade: Downgrade): AttackScenario {
  const scenario = scenarioOf(name, downgrade);
  return {
    ...scenario,
    name: `${name}-with-server-key-remembered`,
    does: `${scenario.does}; the client had better before`,
    section: "detector weaker-than-before",
    client: { ...scenario.client, history: true },
    earlier: scenario.earlier ?? true,
    expect: {
      ...scenario.expect,
      findings: [...(scenario.expect.findings ?? []), "weaker-than-before"],
    },
  };
}

const of = (...names: string[]): [string, Downgrade][] =>
  names.map((name) => [name, downgrades[name]!]);

export const serverKey: readonly AttackScenario[] = [
  ...Object.entries(downgrades).map(([name, downgrade]) => scenarioOf(name, downgrade)),
  ...of("suite", "kem-level", "group-order", "alpn").map(([name, each]) => refused(name, each)),
  ...of("suite", "suite-order", "kem-level", "alpn", "no-alpn").map(([name, each]) =>
    remembered(name, each),
  ),
  {
    name: "sni-with-server-key",
    family,
    does: "Asks the server for another name that its certificate has; only who sees both ends can say so",
    section: "RFC 6066 §3",
    keys: "server",
    server: { credential: "both-names" },
    steps: [hello({ set: "extensions.server_name[0].name", to: "other.example" }), ...forged()],
    expect: opened({ sameBinding: false }, "ends-disagree"),
  },
  {
    name: "random-with-server-key",
    family,
    does: "Changes the client's random: nothing is weaker, and only channel binding can tell",
    section: "RFC 9266 §4.2",
    keys: "server",
    steps: [hello({ flip: "random" }), ...forged()],
    expect: opened({ sameBinding: false }),
  },
  {
    name: "psk-with-server-key",
    family,
    does: "Takes the session out of the ClientHello: a full handshake is no weaker",
    section: "RFC 9846 §2.2",
    keys: "server",
    earlier: {},
    server: { tickets: true },
    steps: [hello({ remove: "extensions.pre_shared_key" }), ...forged()],
    expect: opened({ sameBinding: false }),
  },
  {
    name: "hybrid-order-with-server-key",
    family,
    does: "Turns the order of hybrid and x25519 round, before a server that follows it",
    section,
    keys: "server",
    client: { shares: [small, "x25519"] },
    server: { preference: "client" },
    steps: [hello({ reverse: "extensions.supported_groups" }), ...forged()],
    expect: opened({ group: "x25519", sameBinding: false }, "hybrid-declined"),
  },
  {
    name: "suite-with-server-key-not-offered",
    family,
    does: "Offers the server a suite that the client's policy does not allow",
    section: "RFC 9846 §4.2.3",
    keys: "server",
    both: { suites: [strong, weak] },
    client: { policy: { suites: [strong] } },
    steps: [hello({ set: "cipherSuites", to: [weak] })],
    expect: { client: "illegal_parameter", server: "told illegal_parameter" },
  },
];
