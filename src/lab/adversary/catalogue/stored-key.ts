/** Attacks on a server's key that a client knows before (draft-wiggers-tls-authkem-psk-05). */
import type { AttackScenario, Expectation } from "../scenario.ts";
import { attack, byKem, mutual, one } from "./authkem-ends.ts";
import { noticed, opened, tampered } from "./expectations.ts";

const ownChain = ["ML-KEM-768", "ed25519"] as const;
/** The client knows the server's key before. */
const known: Pick<AttackScenario, "both" | "server" | "client"> = {
  ...one,
  client: { storedKey: ownChain },
};
/** It shows its own certificate at once. */
const knownMutual: typeof known = {
  ...mutual,
  client: { storedKey: ownChain, presentEarly: true },
};
const stored = (part: string): string => `draft-wiggers-tls-authkem-psk-05 §${part}`;
const hello = { from: "client", on: "client_hello" } as const;
const answer = { from: "server", on: "server_hello" } as const;
const server = { from: "server", on: "kem_encapsulation" } as const;
const early = { from: "client", on: "certificate" } as const;
const inHello = "extensions.stored_auth_key";

const toldOf: Readonly<Record<string, string>> = {
  bad_finished: "decrypt_error",
  empty_certificate: "decode_error",
};
/** The server refuses a field by a rule, and the client is told. */
const byServerAt = (outcome: string, where: string, section: string): Expectation => ({
  server: { outcome, where, section },
  client: `told ${toldOf[outcome] ?? outcome}`,
});
/** The client refuses a field by a rule, and the server is told. */
const byClientAt = (outcome: string, where: string, section: string): Expectation => ({
  client: { outcome, where, section },
  server: `told ${toldOf[outcome] ?? outcome}`,
});

export const storedKey: readonly AttackScenario[] = [
  attack({
    name: "stored-key-left-alone",
    does: "Nothing: the server shows no certificate, and the client knows it by the key that it had",
    section: stored("3"),
    ends: known,
    steps: [],
    expect: opened(byKem),
  }),
  attack({
    name: "mutual-stored-key-left-alone",
    does: "Nothing: the client shows its certificate with its first flight",
    section: stored("3"),
    ends: knownMutual,
    steps: [],
    expect: opened({ ...byKem, client: "client@example.org" }),
  }),
  attack({
    name: "stored-key-that-the-server-has-not",
    does: "Nothing: the server has another key than the client knew, and goes on with a full handshake",
    section: stored("3.1"),
    ends: { ...known, client: { storedKey: ["ML-KEM-768", "ML-DSA-44"] } },
    steps: [],
    expect: opened(byKem),
  }),
  attack({
    name: "stored-key-of-a-client-that-shows-nothing",
    does: "Nothing: the server insists on a client's certificate, was shown none, and asks in a full handshake",
    section: stored("3.1"),
    ends: { ...mutual, client: { storedKey: ownChain } },
    steps: [],
    expect: opened({ ...byKem, client: "client@example.org" }),
  }),
  attack({
    name: "strip-stored-key",
    does: "Takes the key out of the ClientHello, so that the server shows its certificate",
    section: stored("3.1"),
    ends: known,
    steps: [{ ...hello, edit: [{ remove: inHello }] }],
    expect: noticed,
  }),
  attack({
    name: "strip-stored-key-from-the-answer",
    does: "Takes the server's answer away, so that the client awaits a certificate",
    section: stored("3.1"),
    ends: known,
    steps: [{ ...answer, edit: [{ remove: inHello }] }],
    expect: noticed,
  }),
  attack({
    name: "stored-key-of-somebody-else",
    does: "Names another key in the ClientHello, which the server does not have",
    section: stored("4.2.1"),
    ends: known,
    steps: [{ ...hello, edit: [{ flip: `${inHello}.keyFingerprint` }] }],
    expect: noticed,
  }),
  attack({
    name: "flip-stored-key-ciphertext",
    does: "Flips a bit of what the client encapsulated in its ClientHello",
    section: stored("4.4.2"),
    ends: known,
    steps: [{ ...hello, edit: [{ flip: `${inHello}.ciphertext` }] }],
    expect: noticed,
  }),
  attack({
    name: "replay-stored-key-ciphertext",
    does: "Puts what the client encapsulated in an earlier connection into its ClientHello",
    section: stored("5"),
    ends: known,
    earlier: true,
    steps: [{ ...hello, edit: [{ copy: `${inHello}.ciphertext`, fromEarlier: hello }] }],
    expect: noticed,
  }),
  attack({
    name: "short-stored-key-ciphertext",
    does: "Takes a byte off what the client encapsulated in its ClientHello",
    section: stored("4.2.1"),
    ends: known,
    steps: [{ ...hello, edit: [{ truncate: `${inHello}.ciphertext`, by: 1 }] }],
    expect: byServerAt("illegal_parameter", `client_hello.${inHello}.ciphertext`, stored("4.2.1")),
  }),
  attack({
    name: "stored-key-that-is-not-acknowledged",
    does: "Makes the server's answer another than AcceptedAuthKey",
    section: stored("4.2.1"),
    ends: known,
    steps: [{ ...answer, edit: [{ set: inHello, to: 0 }] }],
    expect: byClientAt("illegal_parameter", `server_hello.${inHello}`, stored("4.2.1")),
  }),
  attack({
    name: "stored-key-that-nobody-offered",
    does: "Has the server take a key that the client does not know",
    section: "RFC 9846 §4.3",
    steps: [{ ...answer, edit: [{ set: inHello, to: 1 }] }],
    expect: byClientAt("unsupported_extension", `server_hello.${inHello}`, "RFC 9846 §4.3"),
  }),
  attack({
    name: "early-certificate-without-a-stored-key",
    does: "Takes the key out of the ClientHello, and leaves the early certificate",
    section: stored("4.2.2"),
    ends: knownMutual,
    steps: [{ ...hello, edit: [{ remove: inHello }] }],
    expect: byServerAt("illegal_parameter", "client_hello.extensions.early_auth", stored("4.2.2")),
  }),
  attack({
    name: "strip-early-certificate",
    does: "Takes early_auth out of the ClientHello, so that the server has to ask for the certificate",
    section: stored("3.1"),
    ends: knownMutual,
    steps: [{ ...hello, edit: [{ remove: "extensions.early_auth" }] }],
    expect: noticed,
  }),
  attack({
    name: "drop-early-certificate",
    does: "Takes away the certificate that the client showed at once",
    section: stored("3"),
    ends: knownMutual,
    keys: "traffic",
    steps: [{ ...early, drop: true }],
    expect: { client: "waiting", server: "waiting" },
  }),
  attack({
    name: "replay-early-certificate",
    does: "Puts the certificate of an earlier connection in the place of the one that the client showed at once",
    section: stored("5"),
    keys: "traffic",
    ends: knownMutual,
    earlier: true,
    steps: [{ ...early, instead: [{ earlier: early }] }],
    expect: opened({ ...byKem, client: "client@example.org" }),
  }),
  attack({
    name: "empty-early-certificate",
    does: "Empties the certificate that the client showed at once",
    section: stored("3.1"),
    keys: "traffic",
    ends: knownMutual,
    steps: [{ ...early, edit: [{ set: "certificateList", to: [] }] }],
    expect: byServerAt("empty_certificate", "certificate.certificateList", stored("3.1")),
  }),
  attack({
    name: "flip-encapsulation-to-early-client",
    does: "Flips a bit of what the server encapsulated to the key of a client that showed it at once",
    section: stored("4.4.2"),
    keys: "traffic",
    ends: knownMutual,
    steps: [{ ...server, edit: [{ flip: "encapsulation" }] }],
    expect: tampered(byClientAt("bad_finished", "finished.verifyData", "RFC 9846 §4.5.3")),
  }),
  attack({
    name: "drop-encapsulation-to-early-client",
    does: "Takes away what the server encapsulated to the key of a client that showed it at once",
    section: stored("3"),
    keys: "traffic",
    ends: knownMutual,
    steps: [{ ...server, drop: true }],
    expect: byClientAt("unexpected_message", "finished", "RFC 9846 §4"),
  }),
  attack({
    name: "stored-key-wrong-finished",
    does: "Flips a bit of the server's Finished",
    section: "RFC 9846 §4.5.3",
    keys: "traffic",
    ends: known,
    steps: [{ from: "server", on: "finished", edit: [{ flip: "verifyData" }] }],
    expect: tampered(byClientAt("bad_finished", "finished.verifyData", "RFC 9846 §4.5.3")),
  }),
];
