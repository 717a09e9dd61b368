/** One end says something wrong and hashes and signs it too: only the check that is meant can refuse it. */
import type { AttackScenario } from "../scenario.ts";
import type { Edit, Step } from "../step.ts";
import { byServer, opened } from "./expectations.ts";

const family = "resumption and 0-RTT";
const psk = "extensions.pre_shared_key";
const hello = (nth: number, ...edit: Edit[]): Step => ({
  from: "client",
  on: "client_hello",
  nth,
  edit,
});
const early = { client: { earlyData: 1000 }, server: { earlyData: 1000, tickets: true } } as const;
/** RFC 9849 §6.2: of a client without a configuration, an extension that looks as if it had one. */
const ech = "extensions.encrypted_client_hello";
const grease = (nth: number | "every", byte: string): Step => ({
  from: "client",
  on: "client_hello",
  nth,
  edit: [{ set: ech, to: `00000100010500080${byte}00000000000000` }],
});
const asksAgain = {
  client: { groups: ["x25519", "X25519MLKEM768"], shares: ["x25519"] },
  server: { groups: ["X25519MLKEM768"] },
} as const;
const greaseEch = (
  name: string,
  does: string,
  steps: readonly Step[],
  ends: Pick<AttackScenario, "client" | "server"> = asksAgain,
): AttackScenario => ({
  name,
  family: "extensions",
  does,
  section: "RFC 9849 §6.2",
  malicious: "client",
  ...ends,
  steps,
  expect: opened({ retried: ends === asksAgain }),
});
/** A server that answers to Encrypted ClientHello, which our client never says. */
const answersEch = (name: string, does: string, step: Step): AttackScenario => ({
  name,
  family: "extensions",
  does,
  section: "RFC 9846 §4.3",
  malicious: "server",
  ...asksAgain,
  steps: [step],
  expect: {
    client: {
      outcome: "unsupported_extension",
      where: `${step.on}.${ech}`,
      section: "RFC 9846 §4.3",
    },
    server: "told unsupported_extension",
  },
});

/** The client's first share is for a group that the server does not have. */
const retried = {
  earlier: { groups: ["X25519MLKEM768"], shares: ["X25519MLKEM768"] },
  client: { ...early.client, groups: ["x25519", "X25519MLKEM768"], shares: ["x25519"] },
  server: { ...early.server, groups: ["X25519MLKEM768"] },
} as const;

export const maliciousPeers: readonly AttackScenario[] = [
  {
    name: "early-data-without-session",
    family,
    does: "A client announces 0-RTT data and offers no PSK: a server need not take it, and may not refuse it",
    section: "RFC 9846 §4.3.10",
    malicious: "client",
    ...early,
    steps: [hello(1, { set: "extensions.early_data", to: true })],
    expect: opened({ earlyData: "not_resumed" }),
  },
  {
    name: "early-data-without-session-and-retry",
    family,
    does: "A client announces 0-RTT data and offers no PSK before a retry, and none of both after it",
    section: "RFC 9846 §4.3.10",
    malicious: "client",
    client: retried.client,
    server: retried.server,
    steps: [hello(1, { set: "extensions.early_data", to: true })],
    expect: opened({ retried: true, earlyData: "not_resumed" }),
  },
  {
    name: "session-after-retry-only",
    family,
    does: "A client announces 0-RTT data and shows its session only after the retry",
    section: "RFC 9846 §4.2.2",
    malicious: "client",
    ...retried,
    steps: [hello(1, { remove: psk })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "early-data-after-retry",
    family,
    does: "A client announces 0-RTT data once more after a retry, and binds it",
    section: "RFC 9846 §4.3.10",
    malicious: "client",
    ...retried,
    steps: [hello(2, { remove: psk }, { set: "extensions.early_data", to: true })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "ticket-of-another-age",
    family,
    does: "A client says that its ticket is of another age than it is: the session goes on, its 0-RTT data does not",
    section: "RFC 9846 §4.3.10, §8.3",
    malicious: "client",
    earlier: true,
    ...early,
    steps: [hello(1, { set: `${psk}.identities[0].obfuscatedTicketAge`, to: 1 })],
    expect: {
      client: "open",
      server: "open without data",
      agreed: { psk: "resumption", earlyData: "ticket_age" },
    },
  },
  {
    name: "binder-without-identity",
    family,
    does: "A client sends one binder more than it has identities",
    section: "RFC 9846 §4.3.11",
    malicious: "client",
    earlier: true,
    server: { tickets: true },
    steps: [hello(1, { insert: `${psk}.binders`, value: "00".repeat(32) })],
    expect: byServer("illegal_parameter"),
  },
  {
    name: "server-name-answered-in-resumed",
    family,
    does: "A server answers server_name in a connection that goes on from a session: extensions are negotiated anew in each",
    section: "RFC 9846 §4.3",
    malicious: "server",
    earlier: true,
    server: { tickets: true },
    steps: [
      {
        from: "server",
        on: "encrypted_extensions",
        edit: [{ set: "extensions.server_name", to: true }],
      },
    ],
    expect: opened({ psk: "resumption" }),
  },
  greaseEch(
    "grease-ech",
    "A client says an encrypted_client_hello that nobody can open: a server without ECH passes over it",
    [grease(1, "a")],
    {},
  ),
  greaseEch(
    "grease-ech-and-retry",
    "A client says the same encrypted_client_hello again after a retry",
    [grease("every", "a")],
  ),
  greaseEch(
    "grease-ech-anew-after-retry",
    "A client seals its encrypted_client_hello anew after a retry",
    [grease(1, "a"), grease(2, "b")],
  ),
  greaseEch(
    "grease-ech-dropped-with-retry",
    "A client leaves its encrypted_client_hello out after a retry",
    [grease(1, "a")],
  ),
  answersEch(
    "ech-answered-in-retry",
    "A server confirms an encrypted_client_hello in its retry to a client that said none",
    {
      from: "server",
      on: "hello_retry_request",
      edit: [{ set: ech, to: "0011223344556677" }],
    },
  ),
  answersEch(
    "ech-configurations-unasked",
    "A server sends ECH configurations to a client that said no encrypted_client_hello",
    {
      from: "server",
      on: "encrypted_extensions",
      edit: [{ set: ech, to: "0004fe0d0000" }],
    },
  ),
  {
    name: "second-hello-in-another-order",
    family: "HelloRetryRequest",
    does: "A client sends the extensions of its second ClientHello in another order",
    section: "RFC 9846 §4.3",
    malicious: "client",
    client: { groups: ["x25519", "X25519MLKEM768"], shares: ["x25519"] },
    server: { groups: ["X25519MLKEM768"] },
    steps: [
      hello(
        2,
        { remove: "extensions.server_name" },
        {
          set: "extensions.server_name",
          to: [{ nameType: 0, name: "server.example" }],
        },
      ),
    ],
    expect: opened({ retried: true }),
  },
];
