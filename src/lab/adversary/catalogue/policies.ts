import type { AttackScenario } from "../scenario.ts";
import type { Step } from "../step.ts";
import { stripHybrid } from "./groups.ts";

const family = "policies";
const hybrid = "X25519MLKEM768";
const bothShares = { shares: [hybrid, "x25519"] };
/** What it takes to make both ends believe in a connection without the hybrid. */
const withServerKey: readonly Step[] = [
  ...stripHybrid,
  { from: "server", on: "certificate_verify", forge: "certificate_verify" },
  { from: "server", on: "finished", forge: "finished" },
  { from: "client", on: "finished", forge: "finished" },
];
const open = { client: "open", server: "open" } as const;

export const policyAttacks: readonly AttackScenario[] = [
  {
    name: "prefer-strip-with-server-key",
    family,
    does: "Strips the hybrid with the server's key, from a client that prefers one",
    section: "policy prefer-post-quantum",
    client: { ...bothShares, policy: "prefer-post-quantum" },
    keys: "server",
    steps: withServerKey,
    expect: { ...open, findings: ["hybrid-declined"] },
  },
  {
    name: "require-strip-with-server-key",
    family,
    does: "Strips the hybrid with the server's key, and answers a client that requires one with x25519",
    section: "policy require-post-quantum; RFC 9846 §4.3.8",
    client: { policy: "require-post-quantum" },
    keys: "server",
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [
          { set: "extensions.supported_groups", to: ["x25519"] },
          {
            set: "extensions.key_share",
            to: [{ group: "x25519", keyExchange: `09${"00".repeat(31)}` }],
          },
        ],
      },
    ],
    expect: { client: "illegal_parameter", server: "told illegal_parameter" },
  },
  {
    name: "remembered-strip-with-server-key",
    family,
    does: "Strips the hybrid with the server's key, from a client that had one before",
    section: "draft-sheffer-tls-pqc-continuity, for key exchange",
    client: { ...bothShares, history: true },
    keys: "server",
    earlier: true,
    steps: withServerKey,
    expect: { ...open, findings: ["continuity-lost", "hybrid-declined"] },
  },
  {
    name: "prefer-classical-server",
    family,
    does: "Leads a client that prefers a hybrid to a server that has none",
    section: "policy prefer-post-quantum",
    client: { policy: "prefer-post-quantum" },
    server: { groups: ["x25519"] },
    steps: [],
    expect: { ...open, findings: ["hybrid-declined", "retry-to-weaker"] },
  },
  {
    name: "require-classical-server",
    family,
    does: "Leads a client that requires a hybrid to a server that has none",
    section: "policy require-post-quantum",
    client: { policy: "require-post-quantum" },
    server: { groups: ["x25519"] },
    steps: [],
    expect: { client: "told handshake_failure", server: "no_common_group" },
  },
  {
    name: "server-requires-hybrid",
    family,
    does: "Leads a classical client to a server that requires a hybrid",
    section: "RFC 9846 §6.2",
    client: { groups: ["x25519"] },
    server: { policy: "require-post-quantum" },
    steps: [],
    expect: { client: "told insufficient_security", server: "insufficient_security" },
  },
  {
    name: "prefer-lost-hello",
    family,
    does: "Drops every ClientHello with a hybrid; the client prefers one, and falls back",
    section: "policy prefer-post-quantum",
    lostBefore: 1,
    client: { groups: ["x25519"], history: true, policy: "prefer-post-quantum" },
    steps: [],
    expect: { ...open, findings: ["fallback"] },
  },
  {
    name: "require-classical-session",
    family,
    does: "Gives a client a classical session before it requires a hybrid: it is not offered",
    section: "policy require-post-quantum",
    earlier: { groups: ["x25519"], policy: "compatible" },
    server: { tickets: true },
    client: { policy: "require-post-quantum" },
    steps: [],
    expect: { ...open, findings: [] },
  },
  {
    name: "suite-weaker-than-before",
    family,
    does: "Leads a client to a server of that name with a weaker suite than before",
    section: "detector weaker-than-before",
    earlier: { suites: ["TLS_AES_256_GCM_SHA384"] },
    client: { history: true },
    server: { suites: ["TLS_AES_128_GCM_SHA256"] },
    steps: [],
    expect: { ...open, findings: ["weaker-than-before"] },
  },
  {
    name: "category-weaker-than-before",
    family,
    does: "Leads a client from ML-KEM-1024 to ML-KEM-768",
    section: "detector weaker-than-before",
    both: { groups: ["SecP384r1MLKEM1024", hybrid] },
    earlier: { groups: ["SecP384r1MLKEM1024"] },
    client: { history: true },
    server: { groups: [hybrid] },
    steps: [],
    expect: { ...open, findings: ["weaker-than-before", "retry-to-weaker"] },
  },
  {
    name: "lazy-server",
    family,
    does: "Lets a client send its classical share first to a server that does not ask for the hybrid",
    section: "RFC 9846 §4.3.8",
    client: { shares: ["x25519"] },
    server: { retry: "if-needed" },
    steps: [],
    expect: { ...open, findings: ["hybrid-declined", "led-to-weaker"] },
  },
  {
    name: "honest",
    family,
    does: "Watches, and does nothing",
    section: "RFC 9846 §2",
    steps: [],
    expect: { ...open, findings: [] },
  },
];
