import type { AttackScenario } from "../scenario.ts";
import type { Edit } from "../step.ts";
import { noticed, opened } from "./expectations.ts";

const family = "middleboxes";
/** A ClientHello that does not fit into one TCP segment. */
const large = { from: "client", on: "client_hello", longerThan: 1400 } as const;
/** What a client offers that has such a one. */
const offersMuch = { shares: ["X25519MLKEM768", "x25519"], alpn: ["h2", "http/1.1"] } as const;
const silence = { client: "waiting", server: "waiting", findings: [] } as const;
const rewritten = (name: string, does: string, ...edit: Edit[]): AttackScenario => ({
  name,
  family,
  does,
  section: "RFC 9846 §9.3, §4.5.3",
  client: { grease: true, alpn: ["h2"] },
  steps: [{ from: "client", on: "client_hello", edit }],
  expect: noticed,
});

/** What tldr.fail and the field report of large ClientHellos. */
export const middleboxes: readonly AttackScenario[] = [
  {
    name: "reads-once",
    family,
    does: "Passes on only the first segment of a ClientHello that needs two",
    section: "RFC 9846 §4",
    client: offersMuch,
    steps: [{ ...large, truncate: { by: 300, keepLength: true } }],
    expect: silence,
  },
  {
    name: "drops-large-hello",
    family,
    does: "Drops a ClientHello that needs two segments",
    section: "RFC 9846 §4",
    client: { ...offersMuch, history: true },
    steps: [{ ...large, drop: true }],
    expect: silence,
  },
  {
    name: "resets-large-hello",
    family,
    does: "Resets the connection at a ClientHello that needs two segments",
    section: "RFC 9846 §6.1",
    client: offersMuch,
    steps: [{ ...large, cut: "before" }],
    expect: { client: "truncated", server: "truncated", findings: [] },
  },
  {
    name: "rejects-unknown-groups",
    family,
    does: "Answers a ClientHello with groups that it does not know with handshake_failure",
    section: "RFC 9846 §9.3",
    steps: [
      { from: "client", on: "client_hello", back: [{ alert: "handshake_failure" }] },
      { from: "client", on: "client_hello", drop: true },
    ],
    expect: { client: "told handshake_failure", server: "waiting" },
  },
  {
    name: "lost-hello-then-classical",
    family,
    does: "Drops every ClientHello with a hybrid, until the client offers classical groups only",
    section: "draft-sheffer-tls-pqc-continuity, the issue that it solves",
    lost: [{ times: 2 }],
    client: { groups: ["x25519"], history: true },
    steps: [],
    expect: opened({ group: "x25519" }, "fallback"),
  },
  {
    name: "splits-hello-into-records",
    family,
    does: "Splits the ClientHello into three records, as it may",
    section: "RFC 9846 §5.1",
    steps: [{ from: "client", on: "client_hello", split: [100, 1000] }],
    expect: opened(),
  },
  {
    name: "drops-change-cipher-spec",
    family,
    does: "Drops the change_cipher_spec records of the compatibility mode",
    section: "RFC 9846 Appendix E.4",
    steps: [
      { from: "client", on: "change_cipher_spec", drop: true },
      { from: "server", on: "change_cipher_spec", drop: true },
    ],
    expect: opened(),
  },
  rewritten("strips-sni", "Takes server_name out", { remove: "extensions.server_name" }),
  rewritten("changes-sni", "Changes server_name", {
    set: "extensions.server_name[0].name",
    to: "other.example",
  }),
  rewritten(
    "reorders-extensions",
    "Puts server_name at the end",
    { remove: "extensions.server_name" },
    {
      set: "extensions.server_name",
      to: [{ nameType: 0, name: "server.example" }],
    },
  ),
  rewritten("adds-extension", "Adds an extension of its own", {
    set: "extensions.0xfe99",
    to: "00",
  }),
  rewritten("adds-padding", "Pads the ClientHello", {
    set: "extensions.padding",
    to: "00".repeat(64),
  }),
  rewritten("strips-alpn", "Takes ALPN out", {
    remove: "extensions.application_layer_protocol_negotiation",
  }),
  {
    name: "terminates",
    family,
    does: "Ends the connection in itself, and answers with a certificate that it made",
    section: "RFC 9846 §9.3",
    server: { groups: ["x25519"], credential: "unknown-ca" },
    steps: [],
    expect: { client: "unknown_ca", server: "told unknown_ca" },
  },
];
