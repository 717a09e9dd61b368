import type { AttackScenario } from "../scenario.ts";
import type { Injection, Step, UnitName } from "../step.ts";
import { byClient, byServer, having, noticed, opened, tampered } from "./expectations.ts";

const family = "transcript";
const keys = "traffic" as const;

const server = (on: UnitName, action: Omit<Step, "from" | "on">): Step => ({
  from: "server",
  on,
  ...action,
});
const misplaced = (name: string, does: string, step: Step): AttackScenario => ({
  name,
  family,
  does,
  section: "RFC 9846 §4",
  keys,
  steps: [step],
  expect: step.from === "server" ? byClient("unexpected_message") : byServer("unexpected_message"),
});
const ticket: Injection = {
  message: "new_session_ticket",
  body: {
    ticketLifetime: 60,
    ticketAgeAdd: 0,
    ticketNonce: "00",
    ticket: "00",
    extensions: {},
  },
};
const keyUpdate: Injection = { message: "key_update", body: { requestUpdate: 0 } };
const handshake = (content: string): Injection => ({ record: "handshake", content });

export const transcript: readonly AttackScenario[] = [
  misplaced(
    "drop-encrypted-extensions",
    "Drops EncryptedExtensions",
    server("encrypted_extensions", { drop: true }),
  ),
  misplaced(
    "drop-certificate",
    "Drops the server's Certificate",
    server("certificate", { drop: true }),
  ),
  misplaced(
    "duplicate-encrypted-extensions",
    "Delivers EncryptedExtensions two times",
    server("encrypted_extensions", { duplicate: 1 }),
  ),
  misplaced(
    "duplicate-certificate",
    "Delivers the server's Certificate two times",
    server("certificate", { duplicate: 1 }),
  ),
  misplaced(
    "reorder-certificate-first",
    "Delivers EncryptedExtensions after the Certificate",
    server("encrypted_extensions", { hold: 1 }),
  ),
  misplaced(
    "reorder-certificate-verify-first",
    "Delivers the Certificate after its CertificateVerify",
    server("certificate", { hold: 1 }),
  ),
  misplaced(
    "ticket-in-handshake",
    "Sends a NewSessionTicket before the Certificate",
    server("certificate", { before: [ticket] }),
  ),
  misplaced(
    "key-update-in-handshake",
    "Sends a KeyUpdate before the Certificate",
    server("certificate", { before: [keyUpdate] }),
  ),
  misplaced("end-of-early-data-uninvited", "Sends an EndOfEarlyData before the client's Finished", {
    from: "client",
    on: "finished",
    before: [{ message: "end_of_early_data", body: {} }],
  }),
  misplaced(
    "hello-request-in-handshake",
    "Sends a HelloRequest of TLS 1.2 before the server's Finished",
    server("finished", { before: [handshake("00000000")] }),
  ),
  {
    ...misplaced(
      "hello-request",
      "Sends a HelloRequest of TLS 1.2 when the connection is open",
      server("application_data", { before: [handshake("00000000")] }),
    ),
    expect: having({ server: 1 }, byClient("unexpected_message")),
  },
  misplaced(
    "message-hash-on-the-wire",
    "Sends a message of type message_hash",
    server("certificate", { before: [handshake("fe00000100")] }),
  ),
  {
    ...misplaced("renegotiation", "Sends the ClientHello again when the connection is open", {
      from: "client",
      on: "application_data",
      before: [{ seen: { from: "client", on: "client_hello" } }],
    }),
    expect: having({ client: 1 }, byServer("unexpected_message")),
  },
  {
    name: "drop-client-hello",
    family,
    does: "Drops the ClientHello",
    section: "RFC 9846 §2",
    steps: [{ from: "client", on: "client_hello", drop: true }],
    expect: { client: "waiting", server: "waiting", findings: [] },
  },
  {
    name: "drop-server-hello",
    family,
    does: "Drops the ServerHello: what follows is encrypted",
    section: "RFC 9846 §5",
    steps: [server("server_hello", { drop: true })],
    expect: byClient("unexpected_message"),
  },
  {
    name: "duplicate-client-hello",
    family,
    does: "Delivers the ClientHello two times",
    section: "RFC 9846 §5",
    steps: [{ from: "client", on: "client_hello", duplicate: 1 }],
    expect: byServer("unexpected_message"),
  },
  {
    name: "duplicate-server-hello",
    family,
    does: "Delivers the ServerHello two times",
    section: "RFC 9846 §5",
    steps: [server("server_hello", { duplicate: 1 })],
    expect: byClient("unexpected_message"),
  },
  {
    name: "drop-server-finished",
    family,
    does: "Drops the server's Finished",
    section: "RFC 9846 §4.5.3",
    keys,
    steps: [server("finished", { drop: true })],
    expect: tampered(byClient("bad_record_mac")),
  },
  {
    name: "drop-client-finished",
    family,
    does: "Drops the client's Finished: its data comes under keys that the server may not use yet",
    section: "RFC 9846 §4.5.3",
    keys,
    steps: [{ from: "client", on: "finished", drop: true }],
    expect: having({ client: 1 }, tampered(byServer("bad_record_mac"))),
  },
  {
    name: "duplicate-server-finished",
    family,
    does: "Delivers the server's Finished two times: the second is under keys that are gone",
    section: "RFC 9846 §5.2",
    keys,
    steps: [server("finished", { duplicate: 1 })],
    expect: byClient("bad_record_mac"),
  },
  {
    name: "change-alpn",
    family,
    does: "Changes the protocol in EncryptedExtensions to another that was offered (ALPACA)",
    section: "RFC 9846 §4.5.2",
    both: { alpn: ["h2", "http/1.1"] },
    keys,
    steps: [
      server("encrypted_extensions", {
        edit: [{ set: "extensions.application_layer_protocol_negotiation", to: ["http/1.1"] }],
      }),
    ],
    expect: tampered(byClient("bad_signature", "decrypt_error")),
  },
  {
    name: "unoffered-alpn",
    family,
    does: "Changes the protocol in EncryptedExtensions to one that was not offered",
    section: "RFC 9846 §4.4.1",
    both: { alpn: ["h2"] },
    keys,
    steps: [
      server("encrypted_extensions", {
        edit: [{ set: "extensions.application_layer_protocol_negotiation", to: ["smtp"] }],
      }),
    ],
    expect: byClient("illegal_parameter"),
  },
  {
    name: "strip-alpn",
    family,
    does: "Takes ALPN out of the ClientHello",
    section: "RFC 9846 §4.5.3",
    both: { alpn: ["h2"] },
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ remove: "extensions.application_layer_protocol_negotiation" }],
      },
    ],
    expect: noticed,
  },
  {
    name: "unsolicited-extension",
    family,
    does: "Adds an extension that nobody asked for to EncryptedExtensions",
    section: "RFC 9846 §4.3",
    keys,
    steps: [server("encrypted_extensions", { edit: [{ set: "extensions.0xfe99", to: "00" }] })],
    expect: byClient("unsupported_extension"),
  },
  {
    name: "split-over-key-change",
    family,
    does: "Puts the beginning of another message behind the ServerHello, in the same record",
    section: "RFC 9846 §5.1",
    steps: [server("server_hello", { append: "080000" })],
    expect: byClient("unexpected_message"),
  },
  {
    name: "plaintext-message-behind-server-hello",
    family,
    does: "Puts an EncryptedExtensions in the clear behind the ServerHello, in the same record",
    section: "RFC 9846 §5.1",
    steps: [server("server_hello", { append: "080000020000" })],
    expect: byClient("unexpected_message"),
  },
  {
    name: "message-behind-finished",
    family,
    does: "Puts a KeyUpdate behind the client's Finished, in the same record",
    section: "RFC 9846 §5.1",
    keys,
    steps: [{ from: "client", on: "finished", append: "1800000100" }],
    expect: byServer("unexpected_message"),
  },
  {
    name: "split-server-hello",
    family,
    does: "Splits the ServerHello into records of one, two and three bytes, as it may",
    section: "RFC 9846 §5.1",
    steps: [server("server_hello", { split: [1, 2, 3] })],
    expect: opened(),
  },
  {
    name: "merge-flight",
    family,
    does: "Puts Certificate and CertificateVerify into one record, as it may",
    section: "RFC 9846 §5.1",
    keys,
    steps: [server("certificate", { join: true })],
    expect: opened(),
  },
  {
    name: "trailing-bytes",
    family,
    does: "Takes the last byte off EncryptedExtensions and says so in its length",
    section: "RFC 9846 §6.2",
    keys,
    steps: [server("encrypted_extensions", { truncate: { by: 1 } })],
    expect: byClient("malformed", "decode_error"),
  },
  {
    name: "huge-message",
    family,
    does: "Begins a message of 16 megabytes",
    section: "RFC 9846 §4",
    keys,
    steps: [server("certificate", { before: [handshake("0bffffff")] })],
    expect: byClient("message_too_long", "illegal_parameter"),
  },
];
