/** Whether a scenario ended with OpenSSL as was predicted for our own end in its place. */
import { createNative } from "../../crypto/native.ts";
import { type Role, otherRole } from "../../schedule/index.ts";
import { runHonestly } from "./attack.ts";
import { weakened } from "./judge.ts";
import type { OpensslResult } from "./openssl.ts";
import { type AttackScenario, expectationOf, type Outcome } from "./scenario.ts";

export interface OpensslVerdict {
  /** `as it should`: as with ours; `in its own way`: otherwise, and we know why. */
  readonly ended: "as it should" | "in its own way" | "unexpectedly";
  /** What is different; empty if nothing is. */
  readonly why: string;
}

interface Difference {
  /** How our end comes out of it. */
  readonly ours: Outcome;
  readonly why: string;
}

/** @param role OpenSSL's */
export function verdictOf(
  scenario: AttackScenario,
  role: Role,
  { ours, openssl, agreed, findings }: OpensslResult,
): OpensslVerdict {
  const expected = {
    client: expectationOf(scenario, "client").outcome,
    server: expectationOf(scenario, "server").outcome,
  };
  const bothOpen = ours.startsWith("open") && openssl.startsWith("open");
  // What OpenSSL does not notice as a client is its own affair
  const isSilent = role === "server" && findings.length === 0 && bothOpen && agreed !== null;
  const honest = () => runHonestly(scenario, { makeProvider: createNative });
  const lost = isSilent ? weakened(scenario, agreed, { honest, before: undefined }) : [];
  if (lost.length > 0) {
    const why = `a weaker exchange came about, and nobody said so: ${lost.join("; ")}`;
    return { ended: "unexpectedly", why };
  }
  const isSame =
    isLike(ours, expected[otherRole(role)]) && (openssl === "open") === (expected[role] === "open");
  if (isSame) return { ended: "as it should", why: "" };
  const known = differences[role][scenario.name];
  return known?.ours === ours
    ? { ended: "in its own way", why: known.why }
    : { ended: "unexpectedly", why: `${expected[otherRole(role)]} was predicted` };
}

/** Another implementation may choose another alert, and send it in the clear. */
const isLike = (outcome: Outcome, expected: Outcome): boolean =>
  outcome === expected ||
  (outcome.startsWith("told ") && expected.startsWith("told ")) ||
  outcome === `told ${expected}`;

const endedByTranscript = (what: string): Difference => ({
  ours: "bad_record_mac",
  why: `${what}; the transcript ends it`,
});
const sameInBothHellos = endedByTranscript("does not compare the two ClientHellos");
const takesTwice = endedByTranscript("takes an entry that is there twice");
const ignoresVersion = endedByTranscript("ignores legacy_version");
const takesClassicalShare = endedByTranscript(
  "takes the x25519 share instead of asking for the hybrid",
);
const withoutAWord = (when: string): Difference => ({
  ours: "truncated",
  why: `closes without a word when ${when}`,
});
const wrongCookie = withoutAWord("a cookie is wrong");
const toldAnAlert = withoutAWord("it is told an alert");
const alertInTheClear = (alert: string): Difference => ({
  ours: `told ${alert}`,
  why: "sends its alert in the clear, so that our server reads it",
});

const ignoresRequest: Difference = {
  ours: "open",
  why: "ignores a HelloRequest, as it was done before TLS 1.3",
};
const takesUses = {
  ours: "open",
  why: "takes a certificate that says more of its key than the key may do",
} as const;
const takesUpdates: Difference = { ours: "open", why: "takes as many KeyUpdates as come" };
const answersUpdates: Difference = {
  ours: "too_many_key_updates",
  why: "answers every KeyUpdate that asks for one, which is too many for us",
};

/** By OpenSSL's role, of version 3.5. */
const differences: Readonly<Record<Role, Readonly<Record<string, Difference>>>> = {
  client: {
    "retry-dropped": {
      ours: "told unexpected_message",
      why: "refuses the change_cipher_spec behind the lost HelloRetryRequest (RFC 9846 §5 has it dropped)",
    },
    "hello-request": ignoresRequest,
    "hello-request-in-handshake": ignoresRequest,
    "impostor-for-another-use": takesUses,
    "impostor-that-may-sign-others": takesUses,
    "impostor-without-a-policy": {
      ours: "open",
      why: "looks at policies where it is told to",
    },
    "impostor-with-a-common-name-alone": {
      ours: "open",
      why: "takes the common name for a name where there is no other (RFC 9525 §2 does not)",
    },
    "empty-handshake-record": {
      ours: "open",
      why: "lets a handshake record without content pass (RFC 9846 §5.1 forbids it)",
    },
    "padding-oversize": {
      ours: "open",
      why: "measures a record without its padding (RFC 9846 §5.4 counts it)",
    },
    "key-update-flood": takesUpdates,
    "key-update-flood-with-empty-data": takesUpdates,
    "key-update-storm": answersUpdates,
    "data-after-close-notify": {
      ours: "open without data",
      why: "says nothing more once it is told close_notify",
    },
    "early-data-without-psk": alertInTheClear("bad_record_mac"),
    "refuse-accepted-early-data": alertInTheClear("decrypt_error"),
    "plaintext-alert-first": toldAnAlert,
    "warning-level-alert": toldAnAlert,
    "rejects-unknown-groups": toldAnAlert,
  },
  server: {
    "client-legacy-version-301": ignoresVersion,
    "client-legacy-version-304": ignoresVersion,
    "group-twice": takesTwice,
    "share-twice": takesTwice,
    "strip-hybrid-ask-again": sameInBothHellos,
    "second-hello-other-random": sameInBothHellos,
    "second-hello-other-suites": sameInBothHellos,
    "second-hello-extension-added": sameInBothHellos,
    "retry-cookie-added": sameInBothHellos,
    "drop-hybrid-share": takesClassicalShare,
    "inject-retry-before-retry": takesClassicalShare,
    "session-dropped-with-retry": sameInBothHellos,
    "identity-changed-with-retry": sameInBothHellos,
    "key-update-flood-to-server": takesUpdates,
    "key-update-flood-with-answers": answersUpdates,
    "alert-of-unknown-number": toldAnAlert,
    "sni-of-address": endedByTranscript("takes an address for a name"),
    "sni-of-another-type": {
      ours: "told decode_error",
      why: "refuses a name whose type it does not know, before the transcript ends it",
    },
    "retry-cookie-changed": wrongCookie,
    "retry-cookie-dropped": wrongCookie,
    "cookie-changed-on-return": wrongCookie,
    "drop-server-finished": {
      ours: "waiting",
      why: "says nothing before it has read the client's Finished, so that nothing fails",
    },
    "truncate-stream": {
      ours: "truncated",
      why: "may be gone before it sees the end, having closed itself",
    },
    "http-instead-of-tls": withoutAWord("it is asked in plain HTTP"),
  },
};
