import type { AttackScenario } from "../scenario.ts";
import type { Injection, Step, UnitName } from "../step.ts";
import { byClient, byServer, having, opened } from "./expectations.ts";

const family = "after the handshake";
const keys = "traffic" as const;
const authentication = "RFC 9846 §4.7.2";
/** The server asks once, and the client would answer. */
const asked = { client: { laterRequests: 0 }, server: { laterRequests: 1 } } as const;
const client = "client@example.org";
const keyUpdate = (requestUpdate: number): Injection => ({
  message: "key_update",
  body: { requestUpdate },
});
const ticket = (ticketLifetime: number, times = 1): Injection[] =>
  Array.from({ length: times }, () => ({
    message: "new_session_ticket",
    body: { ticketLifetime, ticketAgeAdd: 0, ticketNonce: "00", ticket: "00", extensions: {} },
  }));
const request = (context: string): Injection => ({
  message: "certificate_request",
  body: {
    certificateRequestContext: context,
    extensions: { signature_algorithms: ["ed25519"] },
  },
});

/** What is done to the client's answer, whose Finished is its second. */
const answer = (
  name: string,
  does: string,
  on: UnitName,
  action: Omit<Step, "from" | "on">,
  expect: AttackScenario["expect"],
): AttackScenario => ({
  name,
  family,
  does,
  section: authentication,
  keys,
  ...asked,
  steps: [{ from: "client", on, ...(on === "finished" ? { nth: 2 } : {}), ...action }],
  expect,
});

/** Sent when both are open, before the data of that end. */
const sent = (
  from: "client" | "server",
  name: string,
  does: string,
  injections: readonly Injection[],
  expect: AttackScenario["expect"],
  section = "RFC 9846 §4.7",
): AttackScenario => ({
  name,
  family,
  does,
  section,
  keys,
  steps: [{ from, on: "application_data", before: injections }],
  expect,
});
/** The other end has said its data before. */
const toClient = (code: string, alert = code) => having({ server: 1 }, byClient(code, alert));
const toServer = (code: string, alert = code) => having({ client: 1 }, byServer(code, alert));

export const later: readonly AttackScenario[] = [
  {
    name: "later-authentication",
    family,
    does: "Watches a client say who it is after the handshake",
    section: authentication,
    ...asked,
    steps: [],
    expect: opened({ client }),
  },
  {
    name: "later-authentication-twice",
    family,
    does: "Watches a client say so twice, with everything opened and sealed again on the way",
    section: authentication,
    keys,
    client: { laterRequests: 0, updateKeys: true },
    server: { laterRequests: 2 },
    steps: [],
    expect: opened({ client }),
  },
  sent(
    "server",
    "later-request-unasked",
    "Asks a client for a certificate that did not offer to answer",
    [request("00")],
    toClient("unexpected_message"),
    authentication,
  ),
  sent(
    "client",
    "later-certificate-unasked",
    "Sends the server a certificate that it did not ask for",
    [{ message: "certificate", body: { certificateRequestContext: "00", certificateList: [] } }],
    toServer("unexpected_message"),
    authentication,
  ),
  {
    name: "later-request-without-schemes",
    family,
    does: "Takes signature_algorithms out of a later request",
    section: "RFC 9846 §4.4.2",
    keys,
    ...asked,
    steps: [
      {
        from: "server",
        on: "certificate_request",
        edit: [{ remove: "extensions.signature_algorithms" }],
      },
    ],
    expect: having({ server: 1 }, byClient("missing_extension")),
  },
  {
    name: "later-request-repeated",
    family,
    does: "Delivers a later request two times: the second answer has no question",
    section: authentication,
    keys,
    ...asked,
    steps: [{ from: "server", on: "certificate_request", duplicate: 1 }],
    expect: having({ client: 1, server: 1 }, byServer("unexpected_message")),
  },
  {
    name: "later-request-other-context",
    family,
    does: "Changes the context of a later request",
    section: authentication,
    keys,
    ...asked,
    steps: [
      {
        from: "server",
        on: "certificate_request",
        edit: [{ flip: "certificateRequestContext" }],
      },
    ],
    expect: having({ client: 1, server: 1 }, byServer("unexpected_message")),
  },
  {
    name: "later-answers-reordered",
    family,
    does: "Changes the contexts of two answers: each proves another request",
    section: authentication,
    keys,
    client: { laterRequests: 0 },
    server: { laterRequests: 2 },
    steps: [
      {
        from: "client",
        on: "certificate",
        edit: [{ set: "certificateRequestContext", to: "00".repeat(16) }],
      },
    ],
    expect: having({ client: 1, server: 1 }, byServer("unexpected_message")),
  },
  answer(
    "later-answer-context",
    "Changes the context of the client's answer",
    "certificate",
    { edit: [{ flip: "certificateRequestContext" }] },
    having({ client: 1, server: 1 }, byServer("unexpected_message")),
  ),
  answer(
    "later-answer-without-signature",
    "Drops the CertificateVerify of the client's answer",
    "certificate_verify",
    { drop: true },
    having({ client: 1, server: 1 }, byServer("unexpected_message")),
  ),
  answer(
    "later-answer-signature",
    "Changes a bit of the signature in the client's answer",
    "certificate_verify",
    { edit: [{ flip: "signature", byte: 9 }] },
    having({ client: 1, server: 1 }, byServer("bad_signature", "decrypt_error")),
  ),
  answer(
    "later-answer-finished",
    "Changes a bit of the Finished of the client's answer",
    "finished",
    { edit: [{ flip: "verifyData" }] },
    having({ client: 1, server: 1 }, byServer("bad_finished", "decrypt_error")),
  ),
  answer(
    "later-answer-without-finished",
    "Drops the Finished of the client's answer: nothing is proved",
    "finished",
    { drop: true },
    having({ client: 1, server: 1 }, { client: "open", server: "open" }),
  ),
  answer(
    "later-answer-broken-by-update",
    "Puts a KeyUpdate into the client's answer",
    "certificate_verify",
    { before: [keyUpdate(0)] },
    having({ client: 1, server: 1 }, byServer("unexpected_message")),
  ),
  answer(
    "later-answer-empty",
    "Empties the client's answer, and leaves its signature",
    "certificate",
    { edit: [{ set: "certificateList", to: [] }] },
    having({ client: 1, server: 1 }, byServer("unexpected_message")),
  ),
  answer(
    "later-answer-repeated",
    "Sends the client's answer a second time",
    "finished",
    { after: [{ seen: { from: "client", on: "certificate" } }] },
    having({ client: 1, server: 1 }, byServer("unexpected_message")),
  ),
  answer(
    "later-answer-of-the-handshake",
    "Sends the Finished of the handshake as that of the answer",
    "finished",
    { instead: [{ seen: { from: "client", on: "finished" } }] },
    having({ client: 1, server: 1 }, byServer("bad_finished", "decrypt_error")),
  ),

  {
    name: "key-update-reflected",
    family,
    does: "Sends a server's KeyUpdate back to it: it waits for keys that its client does not have",
    section: "RFC 9846 §4.7.3",
    keys,
    server: { updateKeys: true },
    steps: [
      {
        from: "server",
        on: "key_update",
        back: [{ seen: { from: "server", on: "key_update" } }],
      },
    ],
    expect: opened(),
  },
  {
    name: "key-update-dropped-with-keys",
    family,
    does: "Drops a KeyUpdate and writes on under the old keys: nobody can tell who has them",
    section: "RFC 9846 §4.7.3",
    keys,
    server: { updateKeys: true },
    steps: [{ from: "server", on: "key_update", drop: true }],
    expect: opened(),
  },
  {
    name: "key-updates-of-both",
    family,
    does: "Watches both ends change their keys",
    section: "RFC 9846 §4.7.3",
    both: { updateKeys: true },
    steps: [],
    expect: opened(),
  },
  sent(
    "client",
    "key-update-flood-to-server",
    "Sends the server 40 KeyUpdates",
    Array.from({ length: 40 }, () => keyUpdate(0)),
    toServer("too_many_key_updates", "unexpected_message"),
    "RFC 9846 §4.7.3",
  ),
  sent(
    "server",
    "key-update-storm",
    "Sends the client 40 KeyUpdates that each ask for one",
    Array.from({ length: 40 }, () => keyUpdate(1)),
    toClient("too_many_key_updates", "unexpected_message"),
    "RFC 9846 §4.7.3",
  ),
  sent(
    "client",
    "key-update-value-to-server",
    "Sends the server a KeyUpdate with an unknown request",
    [keyUpdate(2)],
    toServer("illegal_parameter"),
    "RFC 9846 §4.7.3",
  ),
  sent(
    "server",
    "key-update-with-more-behind",
    "Puts data of a message behind a KeyUpdate, in its record",
    [{ record: "handshake", content: "180000010004" }],
    toClient("unexpected_message"),
    "RFC 9846 §5.1",
  ),
  sent(
    "server",
    "key-update-with-two-bytes",
    "Gives a KeyUpdate two bytes",
    [{ record: "handshake", content: "180000020000" }],
    toClient("malformed", "decode_error"),
    "RFC 9846 §6.2",
  ),

  {
    ...sent(
      "server",
      "later-request-flood",
      "Asks a client 17 times who it is, which costs it a signature each",
      Array.from({ length: 17 }, (_, at) => request(`${10 + at}`)),
      {
        client: {
          outcome: "too_many_records",
          where: "certificate_request",
          section: authentication,
        },
        server: {
          outcome: "unexpected_message",
          where: "certificate.certificateRequestContext",
          section: authentication,
          data: 1,
        },
      },
      authentication,
    ),
    client: { laterRequests: 0 },
  },
  sent(
    "client",
    "key-update-flood-with-answers",
    "Sends the server 40 KeyUpdates that each ask for one",
    Array.from({ length: 40 }, () => keyUpdate(1)),
    toServer("too_many_key_updates", "unexpected_message"),
    "RFC 9846 §4.7.3",
  ),
  sent(
    "server",
    "key-update-flood-with-empty-data",
    "Sends the client 40 KeyUpdates with empty records between them, which are no data",
    Array.from({ length: 40 }, () => [
      keyUpdate(0),
      { record: "application_data" as const, content: "" },
    ]).flat(),
    toClient("too_many_key_updates", "unexpected_message"),
    "RFC 9846 §4.7.3",
  ),
  sent(
    "server",
    "ticket-flood",
    "Sends the client 100 tickets: it keeps some, and forgets the rest",
    ticket(60, 100),
    opened(),
    "RFC 9846 §4.7.1",
  ),
  sent(
    "server",
    "ticket-for-no-time",
    "Sends the client a ticket that has ended already",
    ticket(0),
    opened(),
    "RFC 9846 §4.7.1",
  ),
  sent(
    "server",
    "ticket-without-content",
    "Sends the client a ticket of no bytes",
    [{ record: "handshake", content: "0400000d0000003c000000000000000000" }],
    toClient("malformed", "decode_error"),
    "RFC 9846 §4.7.1",
  ),
  sent(
    "client",
    "ticket-to-server",
    "Sends the server a ticket",
    ticket(60),
    toServer("unexpected_message"),
    "RFC 9846 §4.7.1",
  ),
  ...(["encrypted_extensions", "server_hello", "certificate", "finished"] as const).map((on) =>
    sent(
      "server",
      `${on.replaceAll("_", "-")}-when-open`,
      `Sends the client the ${on} of its handshake again when the connection is open`,
      [{ seen: { from: "server", on } }],
      toClient("unexpected_message"),
      "RFC 9846 §4",
    ),
  ),
  sent(
    "client",
    "client-finished-when-open",
    "Sends the server the client's Finished again when the connection is open",
    [{ seen: { from: "client", on: "finished" } }],
    toServer("unexpected_message"),
    "RFC 9846 §4",
  ),
  sent(
    "client",
    "end-of-early-data-when-open",
    "Sends the server an EndOfEarlyData when the connection is open",
    [{ message: "end_of_early_data", body: {} }],
    toServer("unexpected_message"),
    "RFC 9846 §4",
  ),
  sent(
    "server",
    "data-after-close-notify",
    "Sends data behind a close_notify, which is ignored",
    [{ alert: "close_notify" }],
    having({ server: 1 }, { client: "open without data", server: "open" }),
    "RFC 9846 §6.1",
  ),
  sent(
    "client",
    "alert-of-unknown-number",
    "Sends the server an alert that nobody knows",
    [{ record: "alert", content: "02fd" }],
    having({ client: 1 }, { client: "open", server: "told 0xfd" }),
    "RFC 9846 §6.2",
  ),
];
