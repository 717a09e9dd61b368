import type { AttackScenario } from "../scenario.ts";
import type { Edit } from "../step.ts";
import { byClient, byServer, noticed, opened } from "./expectations.ts";

const family = "groups";
const hybrid = "X25519MLKEM768";
const bothShares = { shares: [hybrid, "x25519"] };
const clientHello = (...edit: Edit[]) => ({ from: "client", on: "client_hello", edit }) as const;
const serverHello = (...edit: Edit[]) => ({ from: "server", on: "server_hello", edit }) as const;

/** What takes the hybrid out of a ClientHello that has shares of both. */
export const stripHybrid = [
  clientHello(
    { set: "extensions.supported_groups", to: ["x25519"] },
    { remove: "extensions.key_share[0]" },
  ),
] as const;

export const groupAttacks: readonly AttackScenario[] = [
  {
    name: "strip-hybrid",
    family,
    does: "Takes the hybrid out of supported_groups and key_share; x25519 is left",
    section: "RFC 9846 §4.5.3",
    client: bothShares,
    steps: stripHybrid,
    expect: noticed,
  },
  {
    name: "strip-hybrid-forge-finished",
    family,
    does: "Takes the hybrid out and, with the traffic secrets, forges every Finished",
    section: "RFC 9846 §4.5.2",
    client: bothShares,
    keys: "traffic",
    steps: stripHybrid,
    expect: { client: "bad_signature", server: "told decrypt_error", findings: ["tampered"] },
  },
  {
    name: "strip-hybrid-with-server-key",
    family,
    does: "Takes the hybrid out; with the server's key it signs anew, and forges every Finished",
    section: "RFC 9846 §4.5.2",
    client: bothShares,
    keys: "server",
    steps: [
      ...stripHybrid,
      { from: "server", on: "certificate_verify", sign: {} },
      { from: "server", on: "finished", forge: "finished" },
      { from: "client", on: "finished", forge: "finished" },
    ],
    expect: opened({ group: "x25519", sameBinding: false }, "hybrid-declined"),
  },
  {
    name: "strip-hybrid-ask-again",
    family,
    does: "Takes the hybrid and its share out, so that the server asks for x25519, but forgets the second ClientHello",
    section: "RFC 9846 §4.2.2",
    steps: [
      clientHello(
        { set: "extensions.supported_groups", to: ["x25519"] },
        { set: "extensions.key_share", to: [] },
      ),
    ],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "strip-hybrid-twice",
    family,
    does: "Takes the hybrid out of both ClientHellos around the HelloRetryRequest",
    section: "RFC 9846 §4.5.3",
    steps: [
      clientHello(
        { set: "extensions.supported_groups", to: ["x25519"] },
        { set: "extensions.key_share", to: [] },
      ),
      { ...clientHello({ set: "extensions.supported_groups", to: ["x25519"] }), nth: 2 },
    ],
    expect: noticed,
  },
  {
    name: "drop-hybrid-share",
    family,
    does: "Takes the hybrid's share out and leaves its group: the server asks for what was there",
    section: "RFC 9846 §4.3.8",
    client: bothShares,
    steps: [clientHello({ remove: "extensions.key_share[0]" })],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "drop-hybrid-share-lazy-server",
    family,
    does: "Takes the hybrid's share out, before a server that does not ask again",
    section: "RFC 9846 §4.5.3",
    client: bothShares,
    server: { retry: "if-needed" },
    steps: [clientHello({ remove: "extensions.key_share[0]" })],
    expect: noticed,
  },
  {
    name: "reorder-groups",
    family,
    does: "Turns the order of the groups round",
    section: "RFC 9846 §4.5.3",
    steps: [clientHello({ reverse: "extensions.supported_groups" })],
    expect: noticed,
  },
  {
    name: "unknown-groups-only",
    family,
    does: "Leaves only a group that nobody knows",
    section: "RFC 9846 §4.2.1",
    steps: [
      clientHello(
        { set: "extensions.supported_groups", to: [0x1234] },
        { set: "extensions.key_share", to: [] },
      ),
    ],
    expect: byServer("no_common_group", "handshake_failure"),
  },
  {
    name: "remove-supported-groups",
    family,
    does: "Takes supported_groups out",
    section: "RFC 9846 §9.2",
    steps: [clientHello({ remove: "extensions.supported_groups" })],
    expect: byServer("missing_extension"),
  },
  {
    name: "remove-key-share",
    family,
    does: "Takes key_share out",
    section: "RFC 9846 §9.2",
    steps: [clientHello({ remove: "extensions.key_share" })],
    expect: byServer("missing_extension"),
  },
  {
    name: "group-twice",
    family,
    does: "Names a group twice in supported_groups",
    section: "RFC 9846 §4.3.7",
    steps: [clientHello({ insert: "extensions.supported_groups", value: "x25519" })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "share-twice",
    family,
    does: "Adds a second share of the hybrid",
    section: "RFC 9846 §4.3.8",
    steps: [
      clientHello({ insert: "extensions.key_share", value: { group: hybrid, keyExchange: "00" } }),
    ],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "share-of-unoffered-group",
    family,
    does: "Adds a share of a group that supported_groups does not name",
    section: "RFC 9846 §4.3.8",
    steps: [
      clientHello({
        insert: "extensions.key_share",
        value: { group: "secp256r1", keyExchange: "04" },
      }),
    ],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "swap-in-own-share",
    family,
    does: "Puts a share of its own in the x25519 share's place",
    section: "RFC 9846 §4.5.3",
    both: { groups: ["x25519"] },
    steps: [
      clientHello({
        set: "extensions.key_share[0].keyExchange",
        to: `09${"00".repeat(31)}`,
      }),
    ],
    expect: noticed,
  },
  {
    name: "replay-client-share",
    family,
    does: "Puts the client's share of an earlier connection in its place",
    section: "RFC 9846 §4.5.3",
    earlier: true,
    steps: [
      clientHello({
        copy: "extensions.key_share[0].keyExchange",
        fromEarlier: { from: "client", on: "client_hello" },
      }),
    ],
    expect: noticed,
  },
  ...["SecP256r1MLKEM768", "SecP384r1MLKEM1024", "MLKEM768"].map((group): AttackScenario => ({
    name: `${group.toLowerCase()}-share-said-again`,
    family,
    does: `Gives the server the client's ${group} share of an earlier connection again: it encapsulates anew`,
    section: "RFC 10024 §6",
    both: { groups: [group] },
    earlier: true,
    steps: [
      clientHello({
        copy: "extensions.key_share[0].keyExchange",
        fromEarlier: { from: "client", on: "client_hello" },
      }),
    ],
    expect: noticed,
  })),
  {
    name: "shares-of-two-connections",
    family,
    does: "Watches two connections of the same ends: randoms, keys and ciphertexts are new",
    section: "RFC 9846 §4.3.8, RFC 10024 §6",
    client: bothShares,
    earlier: true,
    steps: [],
    expect: opened(),
  },
  {
    name: "replay-server-share",
    family,
    does: "Puts the server's share of an earlier connection in its place",
    section: "RFC 9846 §4.5.3",
    earlier: true,
    steps: [
      serverHello({
        copy: "extensions.key_share.keyExchange",
        fromEarlier: { from: "server", on: "server_hello" },
      }),
    ],
    expect: noticed,
  },
  {
    name: "replay-server-hello",
    family,
    does: "Sends the whole ServerHello of an earlier connection",
    section: "RFC 9846 §4.2.3",
    earlier: true,
    both: { middleboxCompatibility: false },
    steps: [
      {
        from: "server",
        on: "server_hello",
        instead: [{ earlier: { from: "server", on: "server_hello" } }],
      },
    ],
    expect: noticed,
  },
  {
    name: "answer-unoffered-group",
    family,
    does: "Lets the server's share be of a group that was not offered",
    section: "RFC 9846 §4.3.8",
    steps: [serverHello({ set: "extensions.key_share.group", to: "secp256r1" })],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "answer-group-without-share",
    family,
    does: "Lets the server's share be of a group that was offered without a share",
    section: "RFC 9846 §4.3.8",
    steps: [
      serverHello({
        set: "extensions.key_share",
        to: { group: "x25519", keyExchange: `09${"00".repeat(31)}` },
      }),
    ],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "answer-other-share",
    family,
    does: "Answers with x25519, whose share was there beside the hybrid's",
    section: "RFC 9846 §4.5.3",
    client: bothShares,
    steps: [
      serverHello({
        set: "extensions.key_share",
        to: { group: "x25519", keyExchange: `09${"00".repeat(31)}` },
      }),
    ],
    expect: noticed,
  },
  {
    name: "remove-server-share",
    family,
    does: "Takes the server's share out",
    section: "RFC 9846 §9.2",
    steps: [serverHello({ remove: "extensions.key_share" })],
    expect: byClient("missing_extension"),
  },
  {
    name: "zero-x25519-client",
    family,
    does: "Sends the server zeros as the x25519 share",
    section: "RFC 9846 §7.4.2",
    both: { groups: ["x25519"] },
    steps: [clientHello({ fill: "extensions.key_share[0].keyExchange", with: 0 })],
    expect: byServer("bad_key_share", "illegal_parameter"),
  },
  {
    name: "invalid-curve-client",
    family,
    does: "Moves the client's P-256 share off the curve",
    section: "RFC 9846 §4.3.8.2",
    both: { groups: ["secp256r1"] },
    steps: [clientHello({ flip: "extensions.key_share[0].keyExchange", byte: -1 })],
    expect: byServer("bad_key_share", "illegal_parameter"),
  },
  {
    name: "invalid-curve-server",
    family,
    does: "Moves the server's P-384 share off the curve",
    section: "RFC 9846 §4.3.8.2",
    both: { groups: ["secp384r1"] },
    steps: [serverHello({ flip: "extensions.key_share.keyExchange", byte: -1 })],
    expect: byClient("bad_key_share", "illegal_parameter"),
  },
  {
    name: "non-reduced-mlkem",
    family,
    does: "Sends an ML-KEM-768 key whose coefficients are not reduced",
    section: "draft-ietf-tls-mlkem §4.2",
    both: { groups: ["MLKEM768"] },
    steps: [clientHello({ fill: "extensions.key_share[0].keyExchange", with: 0xff })],
    expect: byServer("bad_key_share", "illegal_parameter"),
  },
];
