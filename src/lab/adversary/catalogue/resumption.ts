import type { AttackScenario } from "../scenario.ts";
import type { Edit } from "../step.ts";

const family = "resumption and 0-RTT";
const tickets = { server: { tickets: true } } as const;
const resumed = { earlier: true, ...tickets } as const;
const early = {
  earlier: true,
  client: { earlyData: 1000 },
  server: { tickets: true, earlyData: 1000 },
} as const;
const byServer = (code: string, alert = code) => ({ server: code, client: `told ${alert}` });
const byClient = (code: string, alert = code) => ({ client: code, server: `told ${alert}` });
const badBinder = { ...byServer("bad_binder", "decrypt_error"), findings: ["tampered"] } as const;
const noticed = {
  client: "bad_record_mac",
  server: "bad_record_mac",
  findings: ["tampered"],
} as const;
const hello = (...edit: Edit[]) => [{ from: "client", on: "client_hello", edit } as const];
const answer = (...edit: Edit[]) => [{ from: "server", on: "server_hello", edit } as const];
const psk = "extensions.pre_shared_key";

const endOfEarlyData = { from: "client", on: "end_of_early_data" } as const;
/** What an attacker could do who had the keys of the 0-RTT data. */
const withEarlyKeys = (
  name: string,
  does: string,
  { steps, expect }: Pick<AttackScenario, "steps" | "expect">,
): AttackScenario => ({
  name,
  family,
  does,
  section: "RFC 9846 §4.3.10, §4.6",
  ...early,
  keys: "traffic",
  steps,
  expect,
});

export const resumption: readonly AttackScenario[] = [
  {
    name: "change-binder",
    family,
    does: "Changes a bit of the PSK's binder",
    section: "RFC 9846 §4.3.11.2",
    ...resumed,
    steps: hello({ flip: `${psk}.binders[0]` }),
    expect: badBinder,
  },
  {
    name: "stretch-binder",
    family,
    does: "Puts a byte behind the PSK's binder",
    section: "RFC 9846 §4.3.11.2",
    ...resumed,
    steps: hello({ extend: `${psk}.binders[0]`, by: 1 }),
    expect: badBinder,
  },
  {
    name: "extra-binder",
    family,
    does: "Adds a binder without an identity",
    section: "RFC 9846 §4.3.11",
    ...resumed,
    steps: hello({ insert: `${psk}.binders`, value: "00".repeat(32) }),
    expect: byServer("illegal_parameter"),
  },
  {
    name: "change-ticket-age",
    family,
    does: "Changes the age of the ticket, which the binder covers",
    section: "RFC 9846 §4.3.11.2",
    ...resumed,
    steps: hello({ set: `${psk}.identities[0].obfuscatedTicketAge`, to: 1 }),
    expect: badBinder,
  },
  {
    name: "strip-hybrid-from-resumption",
    family,
    does: "Takes the hybrid's share out of a ClientHello with a PSK, which the binder covers",
    section: "RFC 9846 §4.3.11.2",
    earlier: true,
    ...tickets,
    client: { shares: ["X25519MLKEM768", "x25519"] },
    steps: hello({ remove: "extensions.key_share[0]" }),
    expect: badBinder,
  },
  {
    name: "change-ticket",
    family,
    does: "Changes a bit of the ticket: the server does not know it, and goes on without",
    section: "RFC 9846 §4.5.3",
    ...resumed,
    steps: hello({ flip: `${psk}.identities[0].identity` }),
    expect: noticed,
  },
  {
    name: "strip-psk",
    family,
    does: "Takes the PSK out of the ClientHello, to force a full handshake",
    section: "RFC 9846 §4.5.3",
    ...resumed,
    steps: hello({ remove: psk }),
    expect: noticed,
  },
  {
    name: "extension-behind-psk",
    family,
    does: "Puts an extension behind pre_shared_key",
    section: "RFC 9846 §4.3.11",
    ...resumed,
    steps: hello({ set: "extensions.0xfe99", to: "00" }),
    expect: byServer("illegal_parameter"),
  },
  {
    name: "strip-psk-modes",
    family,
    does: "Takes psk_key_exchange_modes out",
    section: "RFC 9846 §4.3.9",
    ...resumed,
    steps: hello({ remove: "extensions.psk_key_exchange_modes" }),
    expect: byServer("missing_extension"),
  },
  {
    name: "psk-without-exchange",
    family,
    does: "Asks for the PSK without a key exchange (psk_ke), to take forward secrecy away",
    section: "RFC 9846 §4.5.3",
    ...resumed,
    steps: hello({ set: "extensions.psk_key_exchange_modes", to: [0] }),
    expect: noticed,
  },
  {
    name: "drop-share-of-resumed-answer",
    family,
    does: "Takes the server's share out, as if the PSK were used without a key exchange",
    section: "RFC 9846 §4.3.9",
    ...resumed,
    steps: answer({ remove: "extensions.key_share" }),
    expect: byClient("missing_extension"),
  },
  {
    name: "select-other-psk",
    family,
    does: "Lets the server select a PSK that was not offered",
    section: "RFC 9846 §4.3.11",
    ...resumed,
    steps: answer({ set: psk, to: 1 }),
    expect: byClient("illegal_parameter"),
  },
  {
    name: "psk-with-other-hash",
    family,
    does: "Lets the server select a suite whose hash is not the PSK's",
    section: "RFC 9846 §4.3.11",
    ...resumed,
    steps: answer({ set: "cipherSuite", to: "TLS_AES_256_GCM_SHA384" }),
    expect: byClient("illegal_parameter"),
  },
  {
    name: "unsolicited-psk",
    family,
    does: "Lets the server select a PSK where none was offered",
    section: "RFC 9846 §4.3",
    steps: answer({ set: psk, to: 0 }),
    expect: byClient("unsupported_extension"),
  },
  {
    name: "deny-resumption",
    family,
    does: "Takes the server's choice of the PSK out of its answer",
    section: "RFC 9846 §4.5.3",
    ...resumed,
    steps: answer({ remove: psk }),
    expect: noticed,
  },
  {
    name: "ticket-of-another-name",
    family,
    does: "Leads a client that asks for one name to a server that shares its tickets with another",
    section: "RFC 9846 §4.7.1",
    earlier: { serverName: "server.example", credential: "own" },
    client: { serverName: "other.example" },
    server: { tickets: true, credential: "other-name" },
    steps: [],
    expect: { client: "open", server: "open", findings: [] },
  },
  {
    name: "expired-ticket",
    family,
    does: "Waits eight days before the session is used",
    section: "RFC 9846 §4.7.1",
    earlier: { clockOffset: 0 },
    both: { clockOffset: 8 * 24 * 3600 * 1000 },
    ...tickets,
    steps: [],
    expect: { client: "open", server: "open", findings: [] },
  },
  {
    name: "classical-session",
    family,
    does: "Leads a client to resume a session whose key was classical",
    section: "RFC 9846 §2.2",
    earlier: { groups: ["x25519"] },
    ...tickets,
    steps: [],
    expect: { client: "open", server: "open", findings: ["classical-resumption"] },
  },
  {
    name: "replay-early-data",
    family,
    does: "Sends the client's first flight with 0-RTT data to the server a second time",
    section: "RFC 9846 §8",
    ...early,
    replays: 1,
    steps: [],
    expect: { client: "absent", server: "waiting" },
  },
  {
    name: "delay-early-data",
    family,
    does: "Holds 0-RTT data back for a minute: it is refused, and the client sends it again itself",
    section: "RFC 9846 §8.3",
    ...early,
    server: { tickets: true, earlyData: 1000, clockOffset: 60_000 },
    earlier: { clockOffset: 0 },
    steps: [],
    expect: { client: "open", server: "open without data", findings: [] },
  },
  {
    name: "strip-early-data",
    family,
    does: "Takes early_data out of the ClientHello, which the binder covers",
    section: "RFC 9846 §4.3.11.2",
    ...early,
    steps: hello({ remove: "extensions.early_data" }),
    expect: byServer("bad_binder", "decrypt_error"),
  },
  {
    name: "early-data-without-psk",
    family,
    does: "Adds early_data to a ClientHello without a PSK",
    section: "RFC 9846 §4.3.10",
    steps: hello({ set: "extensions.early_data", to: true }),
    // The server takes what it cannot open for early data, and skips it
    expect: { client: "bad_record_mac", server: "waiting", findings: ["tampered"] },
  },
  {
    name: "change-early-data",
    family,
    does: "Changes a bit of the 0-RTT data",
    section: "RFC 9846 §5.2",
    ...early,
    steps: [{ from: "client", on: "sealed", flip: { byte: 9 } }],
    expect: byServer("bad_record_mac"),
  },
  {
    name: "drop-early-data",
    family,
    does: "Drops the record with the 0-RTT data",
    section: "RFC 9846 §5.2",
    ...early,
    steps: [{ from: "client", on: "sealed", drop: true }],
    expect: byServer("bad_record_mac"),
  },
  {
    name: "early-data-and-retry",
    family,
    does: "Nothing: a HelloRetryRequest ends the 0-RTT data, which is not taken",
    section: "RFC 9846 §4.3.10",
    ...early,
    client: { ...early.client, groups: ["x25519", "X25519MLKEM768"] },
    server: { ...early.server, groups: ["X25519MLKEM768"] },
    earlier: { groups: ["X25519MLKEM768"] },
    steps: [],
    expect: { client: "open", server: "open without data", findings: [] },
  },
  withEarlyKeys("drop-end-of-early-data", "Drops EndOfEarlyData", {
    steps: [{ ...endOfEarlyData, drop: true }],
    expect: byServer("bad_record_mac"),
  }),
  withEarlyKeys("repeat-end-of-early-data", "Sends EndOfEarlyData twice under the early keys", {
    steps: [{ ...endOfEarlyData, duplicate: 1 }],
    expect: byServer("bad_record_mac"),
  }),
  withEarlyKeys("end-of-early-data-with-body", "Gives EndOfEarlyData a byte of content", {
    steps: [{ ...endOfEarlyData, instead: [{ record: "handshake", content: "0500000100" }] }],
    expect: byServer("malformed", "decode_error"),
  }),
  withEarlyKeys(
    "end-of-early-data-joined",
    "Puts a message behind EndOfEarlyData into its record",
    {
      steps: [{ ...endOfEarlyData, append: "1400002000" }],
      expect: byServer("unexpected_message"),
    },
  ),
  withEarlyKeys("finished-under-early-keys", "Sends a Finished instead of EndOfEarlyData", {
    steps: [
      {
        ...endOfEarlyData,
        instead: [{ message: "finished", body: { verifyData: "00".repeat(32) } }],
      },
    ],
    expect: byServer("unexpected_message"),
  }),
  withEarlyKeys("key-update-under-early-keys", "Sends a KeyUpdate among the 0-RTT data", {
    steps: [{ ...endOfEarlyData, before: [{ message: "key_update", body: { requestUpdate: 0 } }] }],
    expect: byServer("unexpected_message"),
  }),
  withEarlyKeys("more-early-data-than-allowed", "Sends more 0-RTT data than the ticket allows", {
    steps: [
      {
        ...endOfEarlyData,
        before: [{ record: "application_data", content: "00".repeat(1000) }],
      },
    ],
    expect: byServer("too_many_records", "unexpected_message"),
  }),
  withEarlyKeys("early-data-after-its-end", "Sends 0-RTT data behind EndOfEarlyData", {
    steps: [{ ...endOfEarlyData, after: [{ record: "application_data", content: "00" }] }],
    expect: byServer("bad_record_mac"),
  }),
  withEarlyKeys("refuse-accepted-early-data", "Tells the client that its 0-RTT data was refused", {
    steps: [
      {
        from: "server",
        on: "encrypted_extensions",
        edit: [{ remove: "extensions.early_data" }],
      },
    ],
    // The client's alert is under its next keys already
    expect: { client: "bad_finished", server: "bad_record_mac", findings: ["tampered"] },
  }),
  {
    name: "accept-early-data-that-was-not-sent",
    family,
    does: "Tells a client that sent no 0-RTT data that it was accepted",
    section: "RFC 9846 §4.3.10",
    ...resumed,
    keys: "traffic",
    steps: [
      {
        from: "server",
        on: "encrypted_extensions",
        edit: [{ set: "extensions.early_data", to: true }],
      },
    ],
    expect: byClient("unsupported_extension"),
  },
  {
    name: "external-psk-change-identity",
    family,
    does: "Changes the identity of an external PSK",
    section: "RFC 9846 §4.3.11.2",
    both: { externalKey: "5a".repeat(32) },
    steps: hello({ flip: `${psk}.identities[0].identity` }),
    expect: badBinder,
  },
  {
    name: "selfie",
    family,
    does: "Sends a client with an external PSK its own ClientHello back (Selfie)",
    section: "RFC 9846 Appendix F.1, RFC 9257 §4.1",
    both: { externalKey: "5a".repeat(32) },
    steps: [
      {
        from: "client",
        on: "client_hello",
        back: [{ seen: { from: "client", on: "client_hello" } }],
      },
      { from: "client", on: "client_hello", drop: true },
    ],
    expect: byClient("unexpected_message"),
  },
];
