/** Attacks on authentication by KEM (draft-celi-wiggers-tls-authkem-07), as on the signatures that it replaces. */
import type { AttackScenario, Expectation } from "../scenario.ts";
import type { Edit, Step } from "../step.ts";
import { attack, byKem, mutual } from "./authkem-ends.ts";
import { byServer, noticed, opened, tampered } from "./expectations.ts";
import { storedKey } from "./stored-key.ts";

const draft = (part: string): string => `draft-celi-wiggers-tls-authkem-07 §${part}`;
const client = { from: "client", on: "kem_encapsulation" } as const;
const server = { from: "server", on: "kem_encapsulation" } as const;

/** Who has the traffic keys changes what the client encapsulated to the server, and what the server did to the client. */
const toEither = (
  name: string,
  does: string,
  section: string,
  change: Omit<Step, "from" | "on">,
  [ofServer, ofClient]: readonly [Expectation, Expectation],
): AttackScenario[] => [
  attack({
    name: `${name}-encapsulation`,
    does: `${does} of the client to the server's key`,
    section,
    keys: "traffic",
    steps: [{ ...client, ...change }],
    expect: ofServer,
  }),
  attack({
    name: `${name}-encapsulation-to-client`,
    does: `${does} of the server to the client's key`,
    section,
    keys: "traffic",
    ends: mutual,
    steps: [{ ...server, ...change }],
    expect: ofClient,
  }),
];

const field = "encapsulation";
const edited = (edit: Edit): Omit<Step, "from" | "on"> => ({ edit: [edit] });
const finished = { where: "finished.verifyData", section: "RFC 9846 §4.5.3" };
/** The secrets differ: who has the keys of both ends hides it until then. */
const unfinished = tampered({
  server: { outcome: "bad_finished", ...finished },
  client: "told decrypt_error",
});
/** The client reads under the next keys already, which the server cannot have: it cannot be told. */
const illegal = (of: string): readonly [Expectation, Expectation] => {
  const place = { where: `kem_encapsulation.${of}`, section: draft("4.2") };
  return [
    tampered({ server: { outcome: "illegal_parameter", ...place }, client: "bad_record_mac" }),
    { client: { outcome: "illegal_parameter", ...place }, server: "told illegal_parameter" },
  ];
};
/** What comes under the keys of before, when the next are in use. */
const beforeItsTime = tampered({ client: "bad_record_mac", server: "told bad_record_mac" });

export const authKem: readonly AttackScenario[] = [
  attack({
    name: "authkem-left-alone",
    does: "Nothing: both ends open, and the client knows the server by its KEM",
    section: draft("3"),
    steps: [],
    expect: opened(byKem),
  }),
  attack({
    name: "mutual-authkem-left-alone",
    does: "Nothing: both ends know each other by their KEMs",
    section: draft("3.1"),
    ends: mutual,
    steps: [],
    expect: opened({ ...byKem, client: "client@example.org" }),
  }),
  attack({
    name: "authkem-client-that-declines",
    does: "Nothing: the client shows no certificate to a server that insists on one",
    section: "RFC 9846 §4.5.1.3",
    ends: { ...mutual, client: { anonymous: true } },
    steps: [],
    expect: {
      server: {
        outcome: "certificate_required",
        where: "certificate.certificateList",
        section: "RFC 9846 §4.5.1.3",
      },
      client: "told certificate_required",
    },
  }),
  ...toEither("flip", "Flips a bit of the encapsulation", draft("4.2"), edited({ flip: field }), [
    unfinished,
    unfinished,
  ]),
  ...toEither("drop", "Takes away the encapsulation", draft("4.2"), { drop: true }, [
    noticed,
    { client: "waiting", server: "waiting" },
  ]),
  ...toEither("double", "Delivers twice the encapsulation", draft("4.2"), { duplicate: 1 }, [
    tampered(byServer("bad_record_mac")),
    {
      client: { outcome: "unexpected_message", where: "kem_encapsulation", section: "RFC 9846 §4" },
      server: "told unexpected_message",
    },
  ]),
  ...toEither(
    "short",
    "Takes a byte off the encapsulation",
    draft("4.2"),
    edited({ truncate: field, by: 1 }),
    illegal(field),
  ),
  ...toEither(
    "long",
    "Adds a byte to the encapsulation",
    draft("4.2"),
    edited({ extend: field, by: 1 }),
    illegal(field),
  ),
  ...toEither(
    "other-context",
    "Gives a context of a request to the encapsulation",
    draft("4.2"),
    edited({ set: "certificateRequestContext", to: "01" }),
    illegal("certificateRequestContext"),
  ),
  attack({
    name: "replay-encapsulation",
    does: "Sends the encapsulation of an earlier connection to the same key",
    section: draft("4.2"),
    keys: "traffic",
    earlier: true,
    steps: [{ ...client, instead: [{ earlier: client }] }],
    expect: unfinished,
  }),
  attack({
    name: "encapsulation-to-another-key",
    does: "Answers with a certificate of the same server whose key this server does not have",
    section: draft("3"),
    keys: "traffic",
    earlier: { chain: ["ML-KEM-768", "ML-DSA-44"] },
    steps: [
      {
        from: "server",
        on: "certificate",
        instead: [{ earlier: { from: "server", on: "certificate" } }],
      },
    ],
    expect: unfinished,
  }),
  attack({
    name: "authkem-to-signatures",
    does: "Takes the KEMs out of what the client takes, before a server that has nothing else",
    section: "RFC 9846 §4.3.3, Appendix F.1",
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ set: "extensions.signature_algorithms", to: ["ed25519"] }],
      },
    ],
    expect: {
      server: {
        outcome: "no_common_signature_scheme",
        where: "client_hello.extensions.signature_algorithms",
        section: "RFC 9846 §4.5.1.2",
      },
      client: "told handshake_failure",
    },
  }),
  attack({
    name: "signature-after-kem-certificate",
    does: "A server signs where it should decapsulate",
    section: draft("3"),
    keys: "all",
    steps: [
      {
        from: "server",
        on: "certificate",
        after: [{ message: "certificate_verify", body: { algorithm: "ed25519", signature: "00" } }],
      },
    ],
    expect: beforeItsTime,
  }),
  attack({
    name: "authkem-finished-of-the-server-first",
    does: "A server finishes before the client has encapsulated",
    section: draft("3"),
    keys: "all",
    steps: [
      {
        from: "server",
        on: "certificate",
        after: [{ message: "finished", body: { verifyData: "00".repeat(32) } }],
      },
    ],
    expect: beforeItsTime,
  }),
  attack({
    name: "authkem-data-before-finished",
    does: "A client sends data before its Finished, under the keys of the handshake",
    section: draft("3"),
    keys: "all",
    steps: [
      { from: "client", on: "finished", before: [{ record: "application_data", content: "aa" }] },
    ],
    expect: {
      server: { outcome: "unexpected_message", where: "record.type", section: "RFC 9846 §5" },
      client: "told unexpected_message",
    },
  }),
  attack({
    name: "authkem-finished-of-the-client-taken",
    does: "Takes away the client's Finished, on which the server waits before its own",
    section: draft("3"),
    keys: "traffic",
    steps: [{ from: "client", on: "finished", drop: true }],
    expect: { client: "waiting", server: "waiting" },
  }),
  attack({
    name: "authkem-wrong-finished",
    does: "Flips a bit of the client's Finished",
    section: "RFC 9846 §4.5.3",
    keys: "traffic",
    steps: [{ from: "client", on: "finished", edit: [{ flip: "verifyData" }] }],
    expect: unfinished,
  }),
  ...storedKey,
];
