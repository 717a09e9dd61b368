import type { AttackScenario } from "../scenario.ts";
import type { EndPlan } from "../../plan/plan.ts";
import type { Edit, Step } from "../step.ts";
import { byClient, byServer, having, noticed, opened, tampered } from "./expectations.ts";

const family = "resumption and 0-RTT";
const hour = 3600 * 1000;
const psk = "extensions.pre_shared_key";
const kinds = [
  ["stored", true],
  ["sealed", "sealed"],
] as const;
const resumedOnes = opened({ psk: "resumption" });
const early = { client: { earlyData: 1000 }, server: { earlyData: 1000 } } as const;
const [large, small] = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"] as const;
const hello = (nth: number, ...edit: Edit[]): Step => ({
  from: "client",
  on: "client_hello",
  nth,
  edit,
});

/** A session that must not go on; `lax` is the end that would let it. */
function stale(
  name: string,
  does: string,
  ends: Pick<AttackScenario, "both" | "client" | "server" | "earlier">,
  expect: AttackScenario["expect"],
): AttackScenario[] {
  return kinds.flatMap(([kind, tickets]) =>
    (["client", "server"] as const).map((lax): AttackScenario => ({
      name: `${name}-${kind}-lax-${lax}`,
      family,
      does: `${does}; only the ${lax === "client" ? "server" : "client"} looks`,
      section: "RFC 9846 §4.7.1",
      ...ends,
      earlier: ends.earlier ?? {},
      client: { ...ends.client, ...(lax === "client" && { lax: true }) },
      server: { ...ends.server, tickets, ...(lax === "server" && { lax: true }) },
      steps: [],
      expect,
    })),
  );
}

const retried: Pick<AttackScenario, "earlier" | "client" | "server"> = {
  earlier: { groups: ["X25519MLKEM768"], shares: ["X25519MLKEM768"] },
  // Else the session's share would go along, and nothing be asked again
  client: { groups: ["x25519", "X25519MLKEM768"], shares: ["x25519"] },
  server: { groups: ["X25519MLKEM768"], tickets: true },
};

const replayed = (
  name: string,
  does: string,
  more: Partial<AttackScenario>,
  times: number,
  tickets: EndPlan["tickets"] = "sealed",
): AttackScenario => ({
  name,
  family,
  does,
  section: "RFC 9846 §8",
  earlier: true,
  client: early.client,
  server: { ...early.server, tickets },
  replays: 1,
  steps: [],
  expect: having({ server: times }, { client: "absent", server: "waiting" }),
  ...more,
});

/** 0-RTT data that is not taken; the client's session goes on. */
const refusedEarly = (
  name: string,
  does: string,
  ends: Pick<AttackScenario, "both" | "client" | "server" | "earlier">,
  agreed: NonNullable<AttackScenario["expect"]["agreed"]>,
): AttackScenario => ({
  name,
  family,
  does,
  section: "RFC 9846 §4.3.10",
  ...ends,
  steps: [],
  expect: { client: "open", server: "open without data", agreed },
});

const inResumed = (
  name: string,
  does: string,
  step: Step,
  expect: AttackScenario["expect"],
): AttackScenario => ({
  name,
  family,
  does,
  section: "RFC 9846 §4.5",
  keys: "traffic",
  earlier: true,
  server: { tickets: true },
  steps: [step],
  expect,
});

const external = { externalKey: "5a".repeat(32) } as const;
/** The server did not sign: it has the key. */
const byKey = { signature: null, server: null } as const;

export const sessions: readonly AttackScenario[] = [
  ...stale(
    "other-name",
    "Leads a client with a session to another name of a server that has both in its certificate",
    {
      client: { serverName: "other.example" },
      server: { credential: "both-names" },
      earlier: { serverName: "server.example" },
    },
    opened(),
  ),
  ...stale(
    "after-its-lifetime",
    "Waits three hours, one more than the ticket lives, before the session is used",
    { both: { clockOffset: 3 * hour }, earlier: { clockOffset: 0 } },
    opened(),
  ),
  {
    name: "session-goes-on",
    family,
    does: "Watches a session go on with a sealed ticket, within its time",
    section: "RFC 9846 §2.2",
    earlier: { clockOffset: 0 },
    both: { clockOffset: hour },
    server: { tickets: "sealed" },
    steps: [],
    expect: resumedOnes,
  },
  {
    name: "session-of-other-hash",
    family,
    does: "Leads a client with a session of SHA-384 to a server that has only SHA-256 left",
    section: "RFC 9846 §4.3.11",
    earlier: { suites: [large] },
    server: { suites: [small], tickets: "sealed" },
    steps: [],
    expect: opened(),
  },
  {
    name: "session-and-retry",
    family,
    does: "Watches a session go on across a HelloRetryRequest, with binders made anew",
    section: "RFC 9846 §4.2.2",
    ...retried,
    steps: [],
    expect: opened({ retried: true, psk: "resumption" }),
  },
  {
    name: "session-dropped-with-retry",
    family,
    does: "Takes the session out of the second ClientHello",
    section: "RFC 9846 §4.2.2",
    ...retried,
    steps: [hello(2, { remove: psk })],
    expect: byServer("missing_extension"),
  },
  {
    name: "binder-changed-after-retry",
    family,
    does: "Changes the binder of the second ClientHello",
    section: "RFC 9846 §4.3.11.2",
    ...retried,
    steps: [hello(2, { flip: `${psk}.binders[0]`, byte: -1 })],
    expect: tampered(byServer("bad_binder", "decrypt_error")),
  },
  {
    name: "binder-changed-before-retry",
    family,
    does: "Changes the binder of a ClientHello that is to be asked again",
    section: "RFC 9846 §4.3.11.2",
    ...retried,
    steps: [hello(1, { flip: `${psk}.binders[0]` })],
    expect: tampered(byServer("bad_binder", "decrypt_error")),
  },
  {
    name: "identity-changed-with-retry",
    family,
    does: "Changes the ticket in the second ClientHello",
    section: "RFC 9846 §4.2.2",
    ...retried,
    steps: [hello(2, { flip: `${psk}.identities[0].identity` })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "early-data-in-second-hello",
    family,
    does: "Adds early_data to the second ClientHello",
    section: "RFC 9846 §4.3.10",
    ...retried,
    steps: [hello(2, { remove: psk }, { set: "extensions.early_data", to: true })],
    expect: byServer("illegal_parameter"),
  },

  replayed(
    "replay-early-data-sealed",
    "Sends a first flight with 0-RTT data and a ticket that can be opened again to the server a second time",
    {},
    1,
  ),
  replayed(
    "replay-early-data-three-times",
    "Sends the first flight with 0-RTT data to the server three times more",
    { replays: 3 },
    1,
  ),
  replayed(
    "replay-early-data-after-restart",
    "Sends the first flight with 0-RTT data again after the server has restarted, and lost its memory",
    { replayTo: "restarted server" },
    1,
  ),
  replayed(
    "replay-early-data-to-another-server",
    "Sends the first flight with 0-RTT data to a server that opens its tickets, and does not share its memory: it is taken twice",
    {
      replayTo: "another server",
      section: "RFC 9846 §8.2",
      // The rest of the flight is under keys that only the first server has
      expect: having({ server: 2 }, tampered({ client: "absent", server: "bad_record_mac" })),
    },
    2,
  ),
  replayed(
    "replay-single-use-ticket-after-restart",
    "Sends the first flight again after a restart; the ticket was used up",
    { replayTo: "restarted server" },
    1,
    true,
  ),
  refusedEarly(
    "early-data-of-other-suite",
    "Leads a client with 0-RTT data of one suite to a server that now takes another of the same hash",
    {
      client: { ...early.client, suites: [small, "TLS_CHACHA20_POLY1305_SHA256"] },
      server: { ...early.server, tickets: "sealed", suites: ["TLS_CHACHA20_POLY1305_SHA256"] },
      earlier: { suites: [small] },
    },
    { psk: "resumption", earlyData: "other_suite", suite: "TLS_CHACHA20_POLY1305_SHA256" },
  ),
  refusedEarly(
    "early-data-of-other-protocol",
    "Leads a client with 0-RTT data of one application protocol to a server that now takes another",
    {
      client: { ...early.client, alpn: ["http/1.1", "h2"] },
      server: { ...early.server, tickets: "sealed", alpn: ["http/1.1"] },
      earlier: { alpn: ["h2"] },
    },
    { psk: "resumption", earlyData: "other_protocol", alpn: "http/1.1" },
  ),
  refusedEarly(
    "early-data-not-wanted-any-more",
    "Leads a client with 0-RTT data to a server that takes none any more",
    {
      client: early.client,
      server: { tickets: "sealed" },
      earlier: { earlyData: 1000 },
    },
    { psk: "resumption", earlyData: "disabled" },
  ),
  {
    name: "early-data-accepted",
    family,
    does: "Watches 0-RTT data arrive, once",
    section: "RFC 9846 §2.3",
    earlier: true,
    client: early.client,
    server: { ...early.server, tickets: "sealed" },
    steps: [],
    expect: opened({ psk: "resumption", earlyData: "accepted" }),
  },

  inResumed(
    "certificate-in-resumed",
    "Sends a certificate in a handshake that a session authenticates",
    {
      from: "server",
      on: "finished",
      before: [{ earlier: { from: "server", on: "certificate" } }],
    },
    byClient("unexpected_message"),
  ),
  inResumed(
    "certificate-request-in-resumed",
    "Asks for a certificate in a handshake that a session authenticates",
    {
      from: "server",
      on: "finished",
      before: [
        {
          message: "certificate_request",
          body: {
            certificateRequestContext: "",
            extensions: { signature_algorithms: ["ed25519"] },
          },
        },
      ],
    },
    byClient("unexpected_message"),
  ),
  inResumed(
    "client-certificate-in-resumed",
    "Sends a client's certificate that nobody asked for",
    {
      from: "client",
      on: "finished",
      before: [
        { message: "certificate", body: { certificateRequestContext: "", certificateList: [] } },
      ],
    },
    byServer("unexpected_message"),
  ),
  inResumed(
    "finished-of-first-connection",
    "Sends the Finished of the connection that the session is of",
    {
      from: "server",
      on: "finished",
      instead: [{ earlier: { from: "server", on: "finished" } }],
    },
    tampered(byClient("bad_finished", "decrypt_error")),
  ),
  inResumed(
    "finished-before-parameters",
    "Delivers EncryptedExtensions behind the Finished of a handshake that a session authenticates",
    { from: "server", on: "encrypted_extensions", hold: 1 },
    byClient("unexpected_message"),
  ),

  {
    name: "external-key",
    family,
    does: "Watches two ends that share an external key",
    section: "RFC 9846 §2.2",
    both: external,
    steps: [],
    expect: opened({ psk: "external", ...byKey }),
  },
  {
    name: "external-key-without-exchange-allowed",
    family,
    does: "Watches two ends that would do without a key exchange, and have one",
    section: "RFC 9846 §4.3.9",
    both: { ...external, allowPskOnly: true },
    steps: [],
    expect: opened({ psk: "external", ...byKey }),
  },
  {
    name: "psk-without-exchange-allowed",
    family,
    does: "Asks for the external key without a key exchange, where both would do without: the binder covers it",
    section: "RFC 9846 §4.3.11.2",
    both: { ...external, allowPskOnly: true },
    steps: [hello(1, { set: "extensions.psk_key_exchange_modes", to: [0] })],
    expect: tampered(byServer("bad_binder", "decrypt_error")),
  },
  {
    name: "drop-share-where-psk-is-enough",
    family,
    does: "Takes the server's share out of its answer to a client that would do without",
    section: "RFC 9846 §4.5.3",
    both: { ...external, allowPskOnly: true },
    steps: [{ from: "server", on: "server_hello", edit: [{ remove: "extensions.key_share" }] }],
    expect: noticed,
  },
  {
    name: "imported-key",
    family,
    does: "Watches two ends that have imported an external key for one pair of them",
    section: "RFC 9258 §5.1",
    both: { ...external, keyContext: "A to B" },
    steps: [],
    expect: opened({ psk: "imported", ...byKey }),
  },
  {
    name: "selfie",
    family,
    does: "Leads a client to the server of its own host, which has the same external key in both roles: neither can tell",
    section: "RFC 9257 §4.1",
    both: external,
    server: { credential: "other-name" },
    steps: [],
    expect: opened({ psk: "external", ...byKey }),
  },
  {
    name: "selfie-with-imported-keys",
    family,
    does: "Leads a client to the server of its own host; their keys are imported for whom they speak to",
    section: "RFC 9258 §5.1, RFC 9257 §4.1",
    both: external,
    client: { keyContext: "A to B" },
    server: { keyContext: "B to A", credential: "other-name" },
    steps: [],
    expect: byClient("wrong_name", "bad_certificate"),
  },
  {
    name: "external-key-as-imported",
    family,
    does: "Offers an external key as it is to a server that has imported it",
    section: "RFC 9258 §5.1",
    both: external,
    server: { keyContext: "A to B" },
    steps: [],
    expect: opened(),
  },
];
