/** What is made of the facts: each rule is one thing that can be wrong, how much it matters, and what to do about it. */
import type { DnsFacts, ProbeFinding, ProbeSeverity, ServerFacts, TrialFact } from "./facts.ts";
import { hasNoForwardSecrecy, isBroken } from "./tls12.ts";

/** One thing that can be wrong with a server. */
export interface ProbeRule {
  /** Its name, which findings say. */
  readonly rule: string;
  /** How much it matters. */
  readonly severity: ProbeSeverity;
  /** What the owner can do. */
  readonly advice: string;
  /** Where it stands, if it is a standard's. */
  readonly section?: string;
  /** One sentence with the facts; `undefined` if nothing is wrong, or nothing is known. */
  evidence(facts: ServerFacts): string | undefined;
}

const list = (names: readonly string[]): string => names.join(", ");
const parts = (texts: readonly string[]): string => texts.join("; ");
const when = (condition: boolean | undefined, text: string): string | undefined =>
  condition === true ? text : undefined;
const some = (names: readonly string[], text: (names: string) => string): string | undefined =>
  names.length === 0 ? undefined : text(parts(names));

/** Those that failed, behind what was answered to them. */
function byAnswer(trials: readonly TrialFact[]): string[] {
  const failed = trials.filter(({ passed }) => !passed);
  const answers = [...new Set(failed.map(({ answer }) => answer))];
  return answers.map((answer) => {
    const names = failed.filter((each) => each.answer === answer).map(({ name }) => name);
    return `${answer}: ${list(names)}`;
  });
}

/** The public names of all configurations of Encrypted ClientHello that the DNS has. */
const echOf = (dns: DnsFacts | undefined): string[] =>
  (dns?.records ?? []).flatMap(({ ech }) => ech.map(({ publicName }) => publicName));

const postQuantum = ({ groups }: ServerFacts) => groups?.each.filter((each) => each.postQuantum);

/** All rules, by severity; docs/probe.md says what each means. */
export const probeRules: readonly ProbeRule[] = [
  // Critical: no connection is safe from a recording, or none comes about
  {
    rule: "no-tls13",
    severity: "critical",
    advice: "switch on TLS 1.3: there is no post-quantum key exchange below it (RFC 9851)",
    section: "RFC 9852",
    evidence: ({ reach, versions }) =>
      reach?.state === "tls" && !reach.tls13
        ? `it speaks ${list((versions ?? []).filter((v) => v.accepted).map((v) => v.version)) || "no version that is known here"}`
        : undefined,
  },
  {
    rule: "no-post-quantum",
    severity: "critical",
    advice:
      "add X25519MLKEM768 before all others: OpenSSL 3.5, Go 1.24, BoringSSL, rustls, NSS and GnuTLS 3.8.9 have it",
    section: "RFC 10024",
    evidence: (facts) =>
      when(
        postQuantum(facts)?.length === 0,
        `it takes only ${list(facts.groups?.accepted ?? []) || "groups that are not known here"}: whoever records a connection can read it with a quantum computer`,
      ),
  },
  {
    rule: "broken-group",
    severity: "critical",
    advice: "update the TLS library, or take the group out",
    evidence: ({ groups }) =>
      some(
        (groups?.each ?? [])
          .filter(({ works }) => works !== true)
          .map(({ name, works }) => `${name}: ${works}`),
        (names) => `chosen, but no handshake comes about with ${names}`,
      ),
  },
  {
    rule: "repeats-shares",
    severity: "critical",
    advice:
      "have a fresh key pair and fresh randomness for every connection; after a clone or a restored snapshot, seed the generator again",
    section: "RFC 9846 §4.3.8, RFC 9954 §2",
    evidence: ({ reuse }) =>
      some(
        (reuse?.repeated ?? []).map(({ component, times }) => `${component} (${times} times)`),
        (names) => `the same server share came in several connections: ${names}`,
      ),
  },
  {
    rule: "large-hello",
    severity: "critical",
    advice:
      "whatever stands in front must read until the whole ClientHello is there: update it (tldr.fail)",
    evidence: ({ reach, delivery }) => {
      const isStill = /^(does not answer|closes|resets)/.test(reach?.large ?? "");
      const isLost = /^(accepts|asks again)/.test(reach?.small ?? "") && isStill;
      const seen = [
        ...(isLost ? [`${reach?.large}: with a hybrid share, in one piece`] : []),
        ...byAnswer((delivery ?? []).filter(({ name }) => isOfTcp(name))),
      ];
      return some(seen, (names) => `a ClientHello is lost by the way it arrives. It ${names}`);
    },
  },
  // Serious: the exchange or the session is weaker than it seems
  {
    rule: "hybrid-not-taken",
    severity: "serious",
    advice: "put the post-quantum groups first in the server's list",
    evidence: ({ hybrid }) =>
      when(
        hybrid?.mode === "not" && hybrid.group !== null,
        `it has ${hybrid?.group}, and takes the classical share that stands beside it`,
      ),
  },
  {
    rule: "session-loses-hybrid",
    severity: "serious",
    advice:
      "resume with a key exchange of the same strength (psk_dhe_ke with a hybrid share), or do not resume",
    section: "RFC 9846 §4.3.9",
    evidence: ({ sessions }) =>
      when(
        sessions?.keepsHybrid === false,
        `a session of ${sessions?.from} is resumed with ${sessions?.group ?? "no key exchange at all"}`,
      ),
  },
  {
    rule: "psk-without-exchange",
    severity: "serious",
    advice: "refuse psk_ke: such a session has no forward secrecy",
    section: "RFC 9846 §4.3.9",
    evidence: ({ sessions }) =>
      when(sessions?.pskOnly, "it resumes without a key exchange for a client that allows it"),
  },
  {
    rule: "replayed-early-data",
    severity: "serious",
    advice: "remember what was used (RFC 9846 §8.1, §8.2), or switch 0-RTT off",
    section: "RFC 9846 §8",
    evidence: ({ sessions }) =>
      when(
        sessions?.earlyData === "accepted" && sessions.earlyDataAgain === "accepted",
        "it accepts the same flight with 0-RTT data a second time",
      ),
  },
  {
    rule: "wrong-share-taken",
    severity: "serious",
    advice: "update the TLS library: this check is not optional",
    evidence: ({ alerts }) =>
      some(
        (alerts ?? [])
          .filter(({ verdict, dangerous }) => verdict === "not refused" && dangerous)
          .map(({ name, section }) => `${name} (${section})`),
        (names) => `it computes with key shares that it must refuse: ${names}`,
      ),
  },
  {
    rule: "intolerant",
    severity: "serious",
    advice:
      "update the TLS library, or what stands in front of it: what is unknown must be ignored",
    section: "RFC 9846 §4.2.2, RFC 8701",
    evidence: ({ tolerance, delivery }) =>
      some(
        byAnswer([...(tolerance ?? []), ...(delivery ?? []).filter(({ name }) => !isOfTcp(name))]),
        (names) => `it does not take every correct ClientHello: ${names}`,
      ),
  },
  {
    rule: "no-sentinel",
    severity: "serious",
    advice: "update the TLS library: without it a downgrade is not found out",
    section: "RFC 9846 §4.2.3",
    evidence: ({ reach, versions }) =>
      reach?.tls13 === true
        ? some(
            (versions ?? [])
              .filter(({ accepted, sentinel }) => accepted && sentinel === false)
              .map(({ version }) => version),
            (names) => `its random says nothing of TLS 1.3 where it speaks ${names}`,
          )
        : undefined,
  },
  {
    rule: "old-versions",
    severity: "serious",
    advice: "switch off what is older than TLS 1.2",
    section: "RFC 8996",
    evidence: ({ versions }) =>
      some(
        (versions ?? [])
          .filter(({ accepted, version }) => accepted && !/1\.[23]/.test(version))
          .map(({ version }) => version),
        (names) => `it speaks ${names}`,
      ),
  },
  {
    rule: "broken-suites",
    severity: "serious",
    advice: "leave suites with ECDHE and AEAD alone: AES-GCM, ChaCha20-Poly1305",
    section: "RFC 9325 §4.1",
    evidence: ({ tls12 }) =>
      some((tls12?.accepted ?? []).filter(isBroken), (names) => `TLS 1.2 is spoken with ${names}`),
  },
  {
    rule: "ech-not-served",
    severity: "serious",
    advice:
      "switch Encrypted ClientHello on at the server, or take ech out of the HTTPS record: browsers that believe the record cannot connect",
    section: "RFC 9849 §6.1.6, §7.1",
    evidence: ({ dns, extensions }) =>
      when(
        extensions?.ech === false && echOf(dns).length > 0,
        `its HTTPS record has configurations for ${list(echOf(dns))}, and the server does not know ECH`,
      ),
  },
  {
    rule: "untrusted-chain",
    severity: "serious",
    advice:
      "send the whole chain, for this name, and renew it in time; an authority of your own is named with --ca",
    evidence: ({ handshake }) =>
      typeof handshake?.trusted === "string" ? handshake.trusted : undefined,
  },
  // Minor: it costs, or surprises
  {
    rule: "retry-needed",
    severity: "minor",
    advice: "put the post-quantum groups first; a retry costs each such client a round trip",
    evidence: ({ hybrid }) =>
      when(
        hybrid?.mode === "by retry",
        `the hybrid comes about by a HelloRetryRequest, although its share is there (${hybrid?.withShare})`,
      ),
  },
  {
    rule: "no-retry-to-hybrid",
    severity: "minor",
    advice: "ask for the hybrid by a HelloRetryRequest: clients that guess wrong stay classical",
    section: "RFC 9846 §4.3.8",
    evidence: ({ hybrid }) =>
      when(
        hybrid?.mode === "at once",
        `a client that knows ${hybrid?.group} and sends no share of it stays classical (${hybrid?.withoutShare})`,
      ),
  },
  {
    rule: "retry-fails",
    severity: "serious",
    advice: "update the TLS library: a client with another guess cannot connect",
    section: "RFC 9846 §4.2.4",
    evidence: ({ hybrid }) =>
      typeof hybrid?.retryWorks === "string"
        ? `no handshake comes about by a HelloRetryRequest: ${hybrid.retryWorks}`
        : undefined,
  },
  {
    rule: "flight-too-large",
    severity: "minor",
    advice: "shorten the chain, or compress it (RFC 8879): a round trip is lost at each handshake",
    section: "RFC 6928",
    evidence: ({ handshake }) =>
      when(
        handshake?.fitsInitialWindow === false,
        `the server's first flight has ${handshake?.flightBytes} bytes, more than the first window's 14480; the chain ${handshake?.chainBytes}`,
      ),
  },
  {
    rule: "no-forward-secrecy",
    severity: "minor",
    advice: "switch off key exchange by RSA encryption",
    section: "RFC 9325 §4.1",
    evidence: ({ tls12 }) =>
      some(
        (tls12?.accepted ?? []).filter((name) => hasNoForwardSecrecy(name) && !isBroken(name)),
        (names) => `TLS 1.2 is spoken without a fresh key: ${names}`,
      ),
  },
  {
    rule: "unreadable-record",
    severity: "minor",
    advice: "write the HTTPS record anew",
    section: "RFC 9460 §2.2",
    evidence: ({ dns }) =>
      some(
        (dns?.records ?? []).flatMap(({ problem }) => problem ?? []),
        (problems) => `its HTTPS record cannot be read, and clients pass it over: ${problems}`,
      ),
  },
  {
    rule: "expires-soon",
    severity: "minor",
    advice: "renew the certificate",
    evidence: ({ handshake }) => {
      const days = handshake?.daysLeft ?? Infinity;
      return when(
        days >= 0 && days < 7,
        `the certificate expires in less than ${days === 0 ? "a day" : `${days + 1} days`}`,
      );
    },
  },
  {
    rule: "wrong-refusals",
    severity: "minor",
    advice: "update the TLS library, or tell its makers",
    evidence: ({ alerts }) =>
      some(
        (alerts ?? [])
          .filter(({ verdict, dangerous }) => verdict === "not refused" && !dangerous)
          .map(({ name, section }) => `${name} (${section})`),
        (names) => `it goes on where it must refuse: ${names}`,
      ),
  },
  {
    rule: "key-update-refused",
    severity: "minor",
    advice: "update the TLS library: long connections cannot change their keys",
    section: "RFC 9846 §4.7.3",
    evidence: ({ extensions }) =>
      when(extensions?.keyUpdate === "refused", "it ends the connection at a KeyUpdate"),
  },
  {
    rule: "cannot-resume",
    severity: "minor",
    advice: "share the ticket keys between all servers of the name",
    evidence: ({ sessions }) =>
      when(
        (sessions?.tickets ?? 0) > 0 && sessions?.resumed === false,
        "it gives tickets, and does not take them back",
      ),
  },
  // Notes: good to know
  {
    rule: "other-alerts",
    severity: "note",
    advice: "nothing, unless you make the library",
    evidence: ({ alerts }) =>
      some(
        (alerts ?? [])
          .filter(({ verdict }) => verdict === "wrong alert")
          .map(({ name, answer, expected }) => `${name}: ${answer}, not ${expected.join(" or ")}`),
        (names) => `it refuses with other alerts than the standard says: ${names}`,
      ),
  },
  {
    rule: "needs-shares",
    severity: "note",
    advice: "nothing, unless you make the library",
    section: "RFC 9846 §4.3.8",
    evidence: ({ groups }) =>
      when(
        groups !== undefined && !groups.withoutShares.startsWith("asks again"),
        `a ClientHello without shares should be asked for one; it ${groups?.withoutShares}`,
      ),
  },
  {
    rule: "ech-unpublished",
    severity: "note",
    advice: "put the configuration into the HTTPS record: without it no browser uses ECH",
    section: "RFC 9848 §3",
    evidence: ({ dns, extensions }) =>
      when(
        extensions?.ech === true &&
          dns?.state !== "unknown" &&
          dns !== undefined &&
          echOf(dns).length === 0,
        `the server knows Encrypted ClientHello, and the DNS has no configuration at ${dns?.name}`,
      ),
  },
  {
    rule: "classical-certificate",
    severity: "note",
    advice:
      "nothing today: what is signed now cannot be forged later; plan for ML-DSA (RFC 9881) when authorities have it",
    evidence: ({ handshake }) =>
      when(
        handshake !== undefined && !handshake.chain.some((each) => each.postQuantum),
        `the chain is classical: ${list((handshake?.chain ?? []).map(({ key }) => key))}`,
      ),
  },
  {
    rule: "draft-groups",
    severity: "note",
    advice: "nothing; such code points may go away",
    evidence: ({ groups }) =>
      some(
        (groups?.accepted ?? []).filter(
          (name) => /MLKEM512/.test(name) && !/^MLKEM512$/.test(name),
        ),
        (names) => `it takes groups of individual drafts: ${names}`,
      ),
  },
];

/** Trials of TCP, not of records. */
const isOfTcp = (name: string): boolean => !name.includes("record") || name.startsWith("cut");

/** All that the rules find, the worst first. */
export const findingsIn = (facts: ServerFacts): ProbeFinding[] =>
  probeRules
    .flatMap(({ rule, severity, advice, section, evidence }) => {
      const found = evidence(facts);
      if (found === undefined) return [];
      return [
        { rule, severity, evidence: found, advice, ...(section === undefined ? {} : { section }) },
      ];
    })
    .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));

/** The worst first. */
export const severities: readonly ProbeSeverity[] = ["critical", "serious", "minor", "note"];
