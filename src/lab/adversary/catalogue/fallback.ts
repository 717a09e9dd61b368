import type { AlertName } from "../../../registry/index.ts";
import type { AttackScenario, LostHello } from "../scenario.ts";
import type { Injection } from "../step.ts";
import { opened } from "./expectations.ts";

const family = "fallback";
const section = "RFC 9846 §6.2, Appendix F.1";
const remembers = { groups: ["x25519"], history: true } as const;
const classical = opened({ group: "x25519" }, "fallback");

/** Hybrid ClientHellos are answered by somebody else, until the client offers x25519 alone. */
const answered = (name: string, does: string, ...back: Injection[]): AttackScenario => ({
  name: `hybrid-answered-with-${name}`,
  family,
  does: `Answers a ClientHello with a hybrid with ${does}, until the client offers classical groups only`,
  section,
  lost: [{ back }],
  client: remembers,
  steps: [],
  expect: classical,
});

const alerts: readonly AlertName[] = [
  "handshake_failure",
  "internal_error",
  "protocol_version",
  "insufficient_security",
  "illegal_parameter",
  "decode_error",
  "unexpected_message",
  "unrecognized_name",
  "close_notify",
];
const forged: LostHello = { back: [{ alert: "handshake_failure" }] };
const zeros = "00".repeat(32);

export const fallbacks: readonly AttackScenario[] = [
  ...alerts.map((alert) =>
    answered(alert.replaceAll("_", "-"), `a forged ${alert} in the clear`, { alert }),
  ),
  answered("http", "a page of HTTP", { bytes: "485454502f312e3120343030204261640d0a0d0a" }),
  answered("garbage", "a record of a type that does not exist", { bytes: "63030300010a" }),
  answered("half-a-message", "the beginning of a message, and nothing more", {
    record: "handshake",
    content: "0200",
  }),
  answered("tls12", "a ServerHello of TLS 1.2", {
    message: "server_hello",
    body: {
      legacyVersion: 0x0303,
      random: zeros,
      legacySessionIdEcho: "",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      legacyCompressionMethod: 0,
      extensions: {},
    },
  }),
  answered("wrong-group", "a ServerHello for a group that was not offered", {
    message: "server_hello",
    body: {
      legacyVersion: 0x0303,
      random: zeros,
      legacySessionIdEcho: "",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      legacyCompressionMethod: 0,
      extensions: {
        supported_versions: "TLS 1.3",
        key_share: { group: "secp256r1", keyExchange: "04" },
      },
    },
  }),
  {
    name: "memory-flooded-with-failures",
    family,
    does: "Drops a hybrid ClientHello once, and answers 20 classical ones with a forged alert, to push it out",
    section,
    lost: [{}, { groups: ["x25519"], times: 20, back: [{ alert: "internal_error" }] }],
    client: remembers,
    steps: [],
    expect: classical,
  },
  {
    name: "forged-alert-after-hybrid",
    family,
    does: "Forges an alert for a client that had a hybrid before, until it offers classical groups only",
    section,
    earlier: { groups: ["X25519MLKEM768"] },
    lost: [forged],
    client: remembers,
    server: { groups: ["x25519"] },
    steps: [],
    expect: opened({ group: "x25519" }, "fallback", "continuity-lost", "weaker-than-before"),
  },
  {
    name: "forged-alert-to-smaller-kem",
    family,
    does: "Forges an alert for every offer of ML-KEM-1024, until the client offers ML-KEM-768",
    section,
    lost: [{ ...forged, groups: ["SecP384r1MLKEM1024"] }],
    client: { groups: ["X25519MLKEM768"], history: true },
    steps: [],
    expect: opened({}, "fallback"),
  },
  {
    name: "forged-alert-and-refused-fallback",
    family,
    does: "Forges an alert for a client whose policy refuses to fall back",
    section: "policy fallback",
    lost: [forged],
    client: { ...remembers, policy: { fallback: "post-quantum" } },
    steps: [],
    expect: {
      client: { outcome: "insufficient_security", rule: "fallback" },
      server: "told insufficient_security",
      findings: ["fallback"],
    },
  },
  {
    name: "forged-alert-and-refused-finding",
    family,
    does: "Forges an alert for a client whose policy refuses the finding of a fallback",
    section: "policy findings",
    lost: [forged],
    client: { ...remembers, policy: { refuse: ["fallback"] } },
    steps: [],
    expect: {
      client: { outcome: "insufficient_security", rule: "findings" },
      server: "told insufficient_security",
      findings: ["fallback"],
    },
  },
  {
    name: "forged-alert-and-the-same-offer",
    family,
    does: "Forges an alert for a client that offers the same again: nothing is lost",
    section,
    lost: [forged],
    client: { history: true },
    steps: [],
    expect: opened(),
  },
  {
    name: "forged-alert-to-larger-kem",
    family,
    does: "Forges an alert for an offer of ML-KEM-768; the next one is of ML-KEM-1024",
    section,
    lost: [forged],
    both: { groups: ["SecP384r1MLKEM1024"] },
    client: { history: true },
    steps: [],
    expect: opened({ group: "SecP384r1MLKEM1024" }),
  },
];
