import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pointsOff, probeRules, type ServerFacts } from "../../src/probe/index.ts";
import { findingsIn, severities } from "../../src/probe/rules.ts";
import { scoreOf, verdictOf } from "../../src/probe/score.ts";
import { root } from "../architecture/tree.ts";

const trial = { name: "in one piece", passed: true, answer: "accepts with TLS 1.3" };
const refusal = {
  name: "no key_share",
  section: "RFC 9846 §9.2",
  expected: ["missing_extension"],
  answer: "alert missing_extension",
  verdict: "right",
  dangerous: false,
} as const;
const dns = { name: "a.test", state: "found" } as const;
const record = { priority: 1, target: "", alpn: ["h2"], ech: [] } as const;
const published = { ...record, ech: [{ publicName: "b.test", kem: "DHKEM(X25519)" }] };
const hybrid = { name: "X25519MLKEM768", postQuantum: true, hybrid: true, works: true } as const;
const certificate = {
  subject: "CN=a",
  issuer: "CN=b",
  key: "ML-DSA-65",
  signature: "ML-DSA-65",
  bytes: 5000,
  notAfter: "2030-01-01T00:00:00.000Z",
  postQuantum: true,
};

/** Of a server without a fault. */
const clean = {
  reach: {
    state: "tls",
    small: "accepts with TLS 1.3",
    large: "accepts with TLS 1.3",
    tls13: true,
  },
  dns: { ...dns, records: [record] },
  versions: [
    { version: "TLS 1.3", accepted: true, answer: "accepts" },
    { version: "TLS 1.2", accepted: true, sentinel: true, answer: "accepts" },
    { version: "TLS 1.1", accepted: false, answer: "alert protocol_version" },
  ],
  tls12: { accepted: ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], preference: "unknown" },
  groups: {
    accepted: ["X25519MLKEM768"],
    preference: "server",
    each: [hybrid],
    withoutShares: "asks again for X25519MLKEM768",
  },
  hybrid: {
    group: "X25519MLKEM768",
    withShare: "accepts with TLS 1.3, X25519MLKEM768",
    withoutShare: "asks again for X25519MLKEM768",
    mode: "at once, or by retry",
    retryWorks: true,
  },
  handshake: {
    group: "X25519MLKEM768",
    suite: "TLS_AES_128_GCM_SHA256",
    scheme: "mldsa65",
    alpn: null,
    retried: false,
    chain: [certificate],
    chainBytes: 5000,
    trusted: true,
    daysLeft: 60,
    flightBytes: 10_000,
    fitsInitialWindow: true,
    ocsp: false,
    scts: 0,
    asksForCertificate: false,
  },
  suites: { accepted: ["TLS_AES_128_GCM_SHA256"], preference: "unknown" },
  schemes: ["mldsa65"],
  sessions: {
    tickets: 2,
    resumed: true,
    from: "X25519MLKEM768",
    group: "X25519MLKEM768",
    keepsHybrid: true,
    pskOnly: false,
    earlyData: "accepted",
    earlyDataAgain: "refused_by_server",
  },
  reuse: { seen: { x25519: 20 }, repeated: [] },
  delivery: [trial, { ...trial, name: "in two records" }],
  tolerance: [trial],
  alerts: [refusal],
  extensions: { compression: [], recordSizeLimit: null, ech: false, keyUpdate: "answered" },
} as const satisfies ServerFacts;

type Faults = Readonly<Record<string, Partial<ServerFacts>>>;

/** Of each rule facts that differ from the clean ones as little as they can. */
const faults: Faults = {
  "no-tls13": {
    reach: { ...clean.reach, tls13: false },
    versions: [{ version: "TLS 1.2", accepted: true, answer: "accepts" }],
  },
  "no-post-quantum": {
    groups: { ...clean.groups, accepted: ["x25519"], each: [] },
  },
  "broken-group": { groups: { ...clean.groups, each: [{ ...hybrid, works: "bad_record_mac" }] } },
  "repeats-shares": { reuse: { seen: {}, repeated: [{ component: "x25519", times: 3 }] } },
  "large-hello": { delivery: [{ ...trial, passed: false, answer: "does not answer" }] },
  "hybrid-not-taken": { hybrid: { ...clean.hybrid, mode: "not" } },
  "session-loses-hybrid": { sessions: { ...clean.sessions, keepsHybrid: false, group: "x25519" } },
  "psk-without-exchange": { sessions: { ...clean.sessions, pskOnly: true } },
  "replayed-early-data": { sessions: { ...clean.sessions, earlyDataAgain: "accepted" } },
  "wrong-share-taken": { alerts: [{ ...refusal, verdict: "not refused", dangerous: true }] },
  intolerant: { tolerance: [{ ...trial, passed: false, answer: "alert decode_error" }] },
  "no-sentinel": {
    versions: [{ version: "TLS 1.2", accepted: true, sentinel: false, answer: "accepts" }],
  },
  "old-versions": {
    versions: [{ version: "TLS 1.1", accepted: true, sentinel: true, answer: "accepts" }],
  },
  "broken-suites": {
    tls12: { accepted: ["TLS_RSA_WITH_3DES_EDE_CBC_SHA"], preference: "unknown" },
  },
  "ech-not-served": { dns: { ...dns, records: [published] } },
  "untrusted-chain": { handshake: { ...clean.handshake, trusted: "no path" } },
  "retry-needed": { hybrid: { ...clean.hybrid, mode: "by retry" } },
  "no-retry-to-hybrid": { hybrid: { ...clean.hybrid, mode: "at once" } },
  "retry-fails": { hybrid: { ...clean.hybrid, retryWorks: "decode_error" } },
  "flight-too-large": { handshake: { ...clean.handshake, fitsInitialWindow: false } },
  "no-forward-secrecy": {
    tls12: { accepted: ["TLS_RSA_WITH_AES_128_GCM_SHA256"], preference: "unknown" },
  },
  "unreadable-record": { dns: { ...dns, records: [{ ...record, problem: "needs 2 bytes" }] } },
  "expires-soon": { handshake: { ...clean.handshake, daysLeft: 6 } },
  "wrong-refusals": { alerts: [{ ...refusal, verdict: "not refused" }] },
  "key-update-refused": { extensions: { ...clean.extensions, keyUpdate: "refused" } },
  "cannot-resume": { sessions: { tickets: 2, resumed: false } },
  "other-alerts": {
    alerts: [{ ...refusal, verdict: "wrong alert", answer: "alert decode_error" }],
  },
  "needs-shares": { groups: { ...clean.groups, withoutShares: "alert decode_error" } },
  "ech-unpublished": { extensions: { ...clean.extensions, ech: true } },
  "classical-certificate": {
    handshake: { ...clean.handshake, chain: [{ ...certificate, postQuantum: false }] },
  },
  "draft-groups": {
    groups: { ...clean.groups, accepted: ["X25519MLKEM768", "SecP256r1MLKEM512"] },
  },
};

describe("the rules", () => {
  it("find nothing wrong where nothing is, and nothing where nothing is known", () => {
    expect(findingsIn(clean)).toEqual([]);
    expect(findingsIn({})).toEqual([]);
  });

  it.each(probeRules.map((rule) => [rule.rule, rule] as const))(
    "find %s, and nothing else",
    (name, { severity }) => {
      const found = findingsIn({ ...clean, ...faults[name] });
      expect(found.map((each) => each.rule)).toEqual([name]);
      expect(found[0]?.severity).toBe(severity);
      expect(found[0]?.evidence).not.toMatch(/undefined|null/);
    },
  );

  it("find a large hello that is lost at once, if a small one is not", () => {
    const large = "does not answer";
    const lost = findingsIn({ ...clean, reach: { ...clean.reach, large } });
    expect(lost.map(({ rule }) => rule)).toEqual(["large-hello"]);
    const neither = findingsIn({ ...clean, reach: { ...clean.reach, large, small: large } });
    expect(neither).toEqual([]);
  });

  it("ask for ECH in both places: what is published is served, and what nobody answered is not missed", () => {
    const extensions = { ...clean.extensions, ech: true };
    expect(findingsIn({ ...clean, extensions, dns: { ...dns, records: [published] } })).toEqual([]);
    const unknown = { ...dns, state: "unknown", records: [] } as const;
    expect(findingsIn({ ...clean, extensions, dns: unknown })).toEqual([]);
    const none = { ...dns, state: "none", records: [] } as const;
    expect(findingsIn({ ...clean, extensions, dns: none }).map(({ rule }) => rule)).toEqual([
      "ech-unpublished",
    ]);
  });

  it("put the worst first", () => {
    const found = findingsIn({ ...clean, ...faults["draft-groups"], ...faults["repeats-shares"] });
    expect(found.map(({ severity }) => severity)).toEqual(["critical", "note"]);
  });

  it("stand in docs/probe.md with their severity, and so do the points", () => {
    const page = readFileSync(join(root, "docs/probe.md"), "utf8");
    for (const { rule, severity } of probeRules) {
      expect(page).toMatch(new RegExp(`^\\| \`${rule}\` \\| ${severity} \\|`, "m"));
    }
    const rows = [...page.matchAll(/^\| `([a-z\d-]+)` \| (?:critical|serious|minor|note) \|/gm)];
    expect(rows.map(([, name]) => name).toSorted()).toEqual(
      probeRules.map(({ rule }) => rule).toSorted(),
    );
    for (const severity of severities) {
      expect(page).toMatch(new RegExp(`^\\| ${severity} \\| ${pointsOff[severity]} \\|`, "m"));
    }
  });
});

describe("the score", () => {
  const finding = (severity: (typeof severities)[number]) => ({
    rule: "a",
    severity,
    evidence: "",
    advice: "",
  });

  it("is a hundred less the points of each finding, and never less than nothing", () => {
    expect(scoreOf([])).toBe(100);
    expect(scoreOf([finding("serious"), finding("minor"), finding("note")])).toBe(80);
    expect(scoreOf([finding("critical"), finding("critical")])).toBe(0);
  });

  it("goes with a verdict", () => {
    expect(verdictOf([finding("minor")])).toBe("ready");
    expect(verdictOf([finding("serious")])).toBe("ready, with faults");
    expect(verdictOf([finding("serious"), finding("critical")])).toBe("not ready");
  });
});
