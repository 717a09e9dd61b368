/** Promises of post-quantum certificates, and who would break them (draft-sheffer-tls-pqc-continuity-02). */
import { continuityKey, defaultContinuityType } from "../../../extensions/index.ts";
import type { AttackScenario } from "../scenario.ts";
import type { Step } from "../step.ts";
import { opened } from "./expectations.ts";

const family = "authentication";
const draft = (part: string): string => `draft-sheffer-tls-pqc-continuity-02 §${part}`;
const day = 86_400;
/** The client takes both, so that only a promise stands between it and the weaker one. */
const client = { schemes: ["mldsa44", "ed25519"], promise: 0 } as const;
const promising = { credential: "post-quantum", promise: day } as const;
const promise = `certificateList[0].extensions.${continuityKey(defaultContinuityType)}`;

/** With the server's key: all that the adversary has changed is signed and finished anew. */
const forged: readonly Step[] = [
  { from: "server", on: "certificate_verify", sign: {} },
  { from: "server", on: "finished", forge: "finished" },
  { from: "client", on: "finished", forge: "finished" },
];
const broken = {
  client: {
    outcome: "certificate_unknown",
    where: "certificate.certificateList",
    section: draft("3.2"),
  },
  server: "told certificate_unknown",
  findings: ["commitment-broken"],
} as const;

export const continuity: readonly AttackScenario[] = [
  {
    name: "promise-kept",
    family,
    does: "Nothing: the server keeps what it has promised in an earlier connection",
    section: draft("3.2"),
    client,
    server: promising,
    earlier: true,
    steps: [],
    expect: opened({ signature: "mldsa44" }),
  },
  {
    name: "promise-broken",
    family,
    does: "Who has a classical certificate of the server answers in its place, after a promise",
    section: draft("3.2"),
    client,
    server: { credential: "own" },
    earlier: promising,
    steps: [],
    expect: broken,
  },
  {
    name: "promise-given-anew-with-a-classical-certificate",
    family,
    does: "Who has a classical certificate of the server promises, too",
    section: draft("3.2"),
    client,
    server: { credential: "own", promise: day },
    earlier: promising,
    steps: [],
    expect: broken,
  },
  {
    name: "promise-by-a-classical-certificate",
    family,
    does: "A server with a classical certificate promises, which it does not keep itself",
    section: draft("3.2"),
    malicious: "server",
    client,
    server: { credential: "own", promise: day },
    steps: [{ from: "server", on: "certificate", edit: [{ set: promise, to: "00015180" }] }],
    expect: broken,
  },
  {
    name: "promise-of-a-wrong-length",
    family,
    does: "A server says its promise in five bytes",
    section: draft("3.2"),
    malicious: "server",
    client,
    server: promising,
    steps: [{ from: "server", on: "certificate", edit: [{ set: promise, to: "0000015180" }] }],
    expect: {
      client: {
        outcome: "malformed",
        where: `certificate.${promise}`,
        section: draft("3.3"),
      },
      server: "told decode_error",
    },
  },
  {
    name: "promise-that-nobody-asked-for",
    family,
    does: "Takes the question for a promise out of the ClientHello; with the server's key it signs anew, and forges every Finished",
    section: draft("3.1"),
    keys: "server",
    client,
    server: promising,
    steps: [
      {
        from: "client",
        on: "client_hello",
        edit: [{ remove: `extensions.${continuityKey(defaultContinuityType)}` }],
      },
      ...forged,
    ],
    expect: opened({ signature: "mldsa44", sameBinding: false }),
  },
  {
    name: "promise-to-who-did-not-ask",
    family,
    does: "A server promises to a client that did not ask",
    section: draft("3.1"),
    malicious: "server",
    client: { schemes: client.schemes },
    server: promising,
    steps: [{ from: "server", on: "certificate", edit: [{ set: promise, to: "00015180" }] }],
    expect: {
      client: {
        outcome: "unsupported_extension",
        where: `certificate.${promise}`,
        section: "RFC 9846 §4.3",
      },
      server: "told unsupported_extension",
    },
  },
];
