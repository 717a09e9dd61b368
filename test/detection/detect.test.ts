import { describe, expect, it } from "vitest";
import { namedSchemes } from "../../src/crypto/index.ts";
import type { ClientOptions, Connection, ServerOptions } from "../../src/connection/index.ts";
import {
  compareEnds,
  continuityPeriod,
  describeFinding,
  detect,
  fallbackPeriod,
  type Finding,
  MemoryHistory,
} from "../../src/detection/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { fromHex, utf8 } from "../../src/wire/index.ts";
import { connect, makeEnds } from "../support/ends.ts";
import { edit, intercept } from "../support/interceptor.ts";
import { serverName, testTime } from "../support/identities.ts";

const hybrid = "X25519MLKEM768";
const findingsOf = (
  client: Partial<ClientOptions> = {},
  server: Partial<ServerOptions> = {},
): { client: Finding[]; server: Finding[] } => {
  const { events } = connect(client, server);
  const of = (side: "client" | "server") =>
    events[side].flatMap((event) => (event.type === "finding" ? [event.finding] : []));
  return { client: of("client"), server: of("server") };
};
const kinds = (findings: readonly Finding[]): string[] => findings.map(({ kind }) => kind);

describe("a connection as good as it can be", () => {
  it("is no finding", () => {
    expect(findingsOf({ groups: [hybrid] }, { groups: [hybrid] })).toEqual({
      client: [],
      server: [],
    });
    expect(findingsOf()).toEqual({ client: [], server: [] });
  });
});

describe("detectors", () => {
  it("hybrid-declined names what was offered and what was taken", () => {
    const { client } = findingsOf({ groups: [hybrid, "x25519"], shares: [hybrid, "x25519"] });
    expect(client.map(describeFinding)).toEqual([
      "WARNING hybrid-declined: X25519MLKEM768 offered, x25519 taken",
    ]);
  });

  it("led-to-weaker is told by a server that has the hybrid too", () => {
    const groups = ["x25519", hybrid];
    const { server } = findingsOf({ groups, shares: ["x25519"] }, { groups, retry: "if-needed" });
    expect(server.map(describeFinding)).toEqual([
      "WARNING led-to-weaker: both know X25519MLKEM768, x25519 was taken",
    ]);
  });

  it("led-to-weaker is a notice between hybrids", () => {
    const groups = [hybrid, "SecP384r1MLKEM1024"];
    const { server } = findingsOf({ groups }, { groups });
    expect(server).toMatchObject([{ kind: "led-to-weaker", severity: "notice" }]);
  });

  it("retry-to-weaker tells a retry down from a retry up", () => {
    const groups = ["x25519", hybrid];
    const down = findingsOf({ groups: [hybrid, "x25519"] }, { groups: ["x25519"] });
    expect(kinds(down.client)).toContain("retry-to-weaker");
    const up = findingsOf({ groups, shares: ["x25519"] }, { groups: [hybrid] });
    expect(up.client).toEqual([]);
  });

  it("sentinel reports the server's word in its random", () => {
    const error = new TlsError("downgrade", "", { received: "TLS 1.2" });
    const facts = { ...noFacts, now: 0, past: [] };
    expect(detect({ ...facts, error })).toMatchObject([{ kind: "sentinel", severity: "alarm" }]);
    expect(detect({ ...facts, error: new TlsError("protocol_version", "") })).toEqual([]);
  });

  it("tampered is told at both ends of a handshake that was changed, and not of one that was refused", () => {
    const between = intercept({
      client: {
        client_hello: edit("client_hello", (hello) => {
          hello.extensions.signature_algorithms?.reverse();
        }),
      },
    });
    for (const side of ["client", "server"] as const) {
      const found = between.events[side].flatMap((event) =>
        event.type === "finding" ? [event.finding.kind] : [],
      );
      expect(found).toEqual(["tampered"]);
    }
    expect(findingsOf({ groups: ["x448"] })).toEqual({ client: [], server: [] });
  });

  it("tampered is told of an alert that says so, and of no other", () => {
    const told = (received: string) =>
      kinds(
        detect({
          ...noFacts,
          now: testTime,
          past: [],
          error: new TlsError("peer_alert", "the peer ended the connection", { received }),
        }),
      );
    expect(told("alert decrypt_error (51)")).toEqual(["tampered"]);
    expect(told("alert bad_record_mac (20)")).toEqual(["tampered"]);
    expect(told("alert handshake_failure (40)")).toEqual([]);
  });

  it("ends-disagree compares what both believe", () => {
    const { client, server } = connect();
    expect(compareEnds(client.negotiated!, server.negotiated!)).toBeUndefined();
    expect(compareEnds(client.negotiated!, { ...server.negotiated!, group: "x448" })).toMatchObject(
      {
        kind: "ends-disagree",
        evidence: "group: client x25519, server x448",
      },
    );
  });
});

describe("preference-declined", () => {
  const both = (client: object, server: object) =>
    findingsOf(client, server).client.map(describeFinding);

  it("says what was put first and not taken: suite, ML-KEM parameters, protocol", () => {
    const suites = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"];
    expect(both({ suites }, { suites: suites.toReversed() })).toEqual([
      "NOTICE preference-declined: TLS_AES_256_GCM_SHA384 wanted, TLS_AES_128_GCM_SHA256 taken",
    ]);
    expect(both({ suites: suites.toReversed() }, { suites })).toEqual([]);
    const groups = ["MLKEM1024", hybrid];
    expect(both({ groups, shares: groups }, { groups: [hybrid] })).toEqual([
      `NOTICE preference-declined: MLKEM1024 wanted, ${hybrid} taken`,
    ]);
    expect(both({ groups: groups.toReversed() }, { groups: ["MLKEM1024"] })).toEqual([]);
    const alpn = ["h2", "http/1.1"];
    expect(both({ alpn }, { alpn: ["http/1.1"] })).toEqual([
      "NOTICE preference-declined: h2 wanted, http/1.1 taken",
    ]);
    expect(both({ alpn }, {})).toEqual([
      "NOTICE preference-declined: h2 wanted, no application protocol taken",
    ]);
    expect(both({ alpn }, { alpn })).toEqual([]);
  });

  it("says so of a signature", () => {
    const schemes = ["mldsa65", "ed25519"];
    expect(both({ schemes }, {})).toEqual([
      "NOTICE preference-declined: mldsa65 wanted, ed25519 taken",
    ]);
    expect(both({ schemes: schemes.toReversed() }, {})).toEqual([]);
  });
});

describe("with a memory", () => {
  it("continuity-lost is an alarm for as long as it is remembered", () => {
    const history = new MemoryHistory();
    const groups = [hybrid, "x25519"];
    expect(findingsOf({ groups, history }, { groups: [hybrid] }).client).toEqual([]);
    const later = (now: number) =>
      findingsOf({ groups: ["x25519"], history, now: () => now }, { groups: ["x25519"] }).client;
    expect(later(testTime + 1)).toMatchObject([
      { kind: "continuity-lost", severity: "alarm" },
      { kind: "weaker-than-before" },
    ]);
    const other = history.recall("server.example");
    expect(other[0]).toMatchObject({ group: hybrid, outcome: "open" });
    const { negotiated } = connect().client;
    const past = history.recall("server.example").slice(0, 1);
    const at = (now: number) => kinds(detect({ ...noFacts, now, past, negotiated }));
    expect(at(testTime + continuityPeriod - 1)).toContain("continuity-lost");
    expect(at(testTime + continuityPeriod)).not.toContain("continuity-lost");
  });

  it("require-post-quantum refuses what was post-quantum before, and says so", () => {
    const history = new MemoryHistory();
    connect({ groups: [hybrid], history }, { groups: [hybrid] });
    const policy = { ...policyLike, refuse: ["continuity-lost"] as const };
    const { client, events } = connect({ history, policy });
    expect(client.error).toMatchObject({
      code: "insufficient_security",
      detail: { rule: "findings" },
    });
    expect(events.client.map(({ type }) => type)).toEqual(["finding", "finding", "error"]);
  });

  it("fallback is found before anything is sent, and refused by a policy that says so", () => {
    const history = new MemoryHistory();
    const lost = makeEnds({ groups: [hybrid, "x25519"], history }).client;
    lost.start();
    lost.receiveEnd();
    expect(history.recall("server.example")).toMatchObject([
      { outcome: "unanswered", offeredCategory: 3 },
    ]);
    expect(history.recall("server.example")[0]?.helloBytes).toBeGreaterThan(1200);

    const again = makeEnds({ history }).client;
    again.start();
    expect(again.takeEvents()).toMatchObject([
      { finding: { kind: "fallback", severity: "alarm" } },
    ]);

    const strict = makeEnds({
      history,
      policy: { ...policyLike, fallback: "post-quantum" },
    }).client;
    strict.start();
    expect(strict.error).toMatchObject({ detail: { rule: "fallback" } });

    const late = makeEnds({ history, now: () => testTime + fallbackPeriod }).client;
    late.start();
    expect(late.takeEvents()).toEqual([]);
  });

  /** Ways to end a handshake in whose name nobody but an attacker need have spoken. */
  const ends: Readonly<Record<string, (client: Connection) => void>> = {
    "is dropped": (client) => client.receiveEnd(),
    "times out": (client) => client.abort(new TlsError("timeout", "no answer")),
    "gets a forged handshake_failure": (client) => client.receive(alertRecord(40)),
    "gets a forged internal_error": (client) => client.receive(alertRecord(80)),
    "gets a page of HTTP": (client) => client.receive(utf8("HTTP/1.1 400 Bad Request\r\n\r\n")),
    "gets a handshake message": (client) => client.receive(fromHex("160303000400000000")),
  };

  it.each(Object.entries(ends))(
    "fallback is found after an offer that %s, until the peer proves itself to as much",
    (_, end) => {
      const history = new MemoryHistory();
      const offer = (groups: string[], how = end) => {
        const { client } = makeEnds({ groups, history });
        client.start();
        how(client);
        return kinds(
          client.takeEvents().flatMap((event) => (event.type === "finding" ? [event.finding] : [])),
        );
      };
      expect(offer([hybrid, "x25519"])).toEqual([]);
      expect(history.recall(serverName)).toMatchObject([
        { outcome: "unanswered", offeredCategory: 3 },
      ]);
      // What is smaller opens, and says so; and again, since the hybrid still has no answer
      for (let i = 0; i < 2; i++) {
        expect(kinds(findingsOf({ history }).client)).toContain("fallback");
      }
      // Nothing that fails can push it out
      for (let i = 0; i < 20; i++) offer(["x25519"]);
      expect(kinds(findingsOf({ history }).client)).toContain("fallback");
      expect(findingsOf({ groups: [hybrid], history }, { groups: [hybrid] }).client).toEqual([]);
      expect(kinds(findingsOf({ history }).client)).not.toContain("fallback");
    },
  );

  it("fallback is found from ML-KEM-1024 to ML-KEM-768, and not the other way", () => {
    const lost = (groups: string[]) => {
      const history = new MemoryHistory();
      const { client } = makeEnds({ groups, history });
      client.start();
      client.receiveEnd();
      return history;
    };
    const down = findingsOf(
      { groups: [hybrid], history: lost(["MLKEM1024"]) },
      { groups: [hybrid] },
    );
    expect(down.client.map(({ evidence }) => evidence)).toEqual([
      expect.stringMatching(/of category 5 failed once .* with category 3$/),
    ]);
    const up = findingsOf(
      { groups: ["MLKEM1024"], history: lost([hybrid]) },
      { groups: ["MLKEM1024"] },
    );
    expect(up.client).toEqual([]);
  });

  it("a refusal of ours after the peer has proved itself is an answer", () => {
    const history = new MemoryHistory();
    const policy = { ...policyLike, refuse: ["hybrid-declined"] as const };
    connect({ groups: [hybrid, "x25519"], history, policy });
    expect(history.recall(serverName)).toMatchObject([{ outcome: "failed" }]);
    expect(kinds(findingsOf({ history }).client)).not.toContain("fallback");
  });

  it("weaker-than-before remembers the strongest, whatever came between", () => {
    const history = new MemoryHistory({ perPeer: 2 });
    const meet = (suite: string, alpn: string[], protocol: string) =>
      findingsOf(
        { history, suites: [suite], alpn },
        { suites: [suite], alpn: [protocol] },
      ).client.filter(({ kind }) => kind === "weaker-than-before");
    const [strong, weak] = ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"] as const;
    expect(meet(strong, ["h2", "http/1.1"], "h2")).toEqual([]);
    for (let i = 0; i < 5; i++) {
      expect(meet(weak, ["h2"], "h2").map(({ evidence }) => evidence)).toEqual([
        `${strong} before, ${weak} now`,
      ]);
    }
    expect(meet(strong, ["h2", "http/1.1"], "http/1.1")).toMatchObject([
      { evidence: "h2 before, http/1.1 now" },
    ]);
    // Who does not offer it any more has not lost it
    expect(meet(strong, ["http/1.1"], "http/1.1")).toEqual([]);
  });

  it("weaker-than-before is told of a signature, too", () => {
    const { negotiated } = connect().client;
    const past = (peerSignatureScheme: string) => [
      {
        at: testTime,
        outcome: "open" as const,
        offeredCategory: 0,
        helloBytes: 200,
        group: "x25519",
        category: 0,
        cipherSuite: null,
        peerSignatureScheme,
        signatureStrength: peerSignatureScheme.startsWith("mldsa") ? 1 : 0,
        alpn: null,
      },
    ];
    const told = (before: string) =>
      detect({ ...noFacts, now: testTime, past: past(before), negotiated })
        .filter(({ kind }) => kind === "weaker-than-before")
        .map(({ evidence }) => evidence);
    expect(told("mldsa65")).toEqual(["mldsa65 before, ed25519 now"]);
    expect(told("ecdsa_secp256r1_sha256")).toEqual([]);
  });

  it("a lost offer counts for an hour, and an open connection for 90 days", () => {
    expect(fallbackPeriod).toBe(3_600_000);
    expect(continuityPeriod).toBe(90 * 86_400_000);
  });

  it("remembers a connection once, and forgets the peer that was longest not met", () => {
    const history = new MemoryHistory({ capacity: 2 });
    const { client } = connect({ history });
    client.abort();
    expect(history.recall(serverName).map(({ outcome }) => outcome)).toEqual(["open"]);
    const [past] = history.recall(serverName);
    for (const name of ["b", "c"]) history.remember(name, past!);
    expect(Object.keys(history.toJSON())).toEqual(["b", "c"]);
    expect(history.recall(serverName)).toEqual([]);
  });

  it("says each thing once", () => {
    const history = new MemoryHistory();
    const lost = makeEnds({ groups: [hybrid, "x25519"], history }).client;
    lost.start();
    lost.receiveEnd();
    expect(kinds(findingsOf({ history }).client)).toEqual(["fallback"]);
  });

  it("keeps the best of a peer whatever comes later, and survives JSON", () => {
    const history = new MemoryHistory({ perPeer: 2 });
    connect({ groups: [hybrid], history }, { groups: [hybrid] });
    for (let i = 0; i < 5; i++) connect({ history });
    expect(history.recall("server.example").map(({ group }) => group)).toEqual([
      hybrid,
      "x25519",
      "x25519",
    ]);
    const copy = MemoryHistory.from(JSON.parse(JSON.stringify(history)) as never);
    expect(copy.recall("server.example")).toEqual(history.recall("server.example"));
  });
});

/** A fatal alert in the clear, as anybody can write it. */
const alertRecord = (description: number): Uint8Array =>
  Uint8Array.of(21, 3, 3, 0, 2, 2, description);

const noFacts = {
  role: "client",
  groups: [],
  suites: [],
  schemes: [],
  knownSchemes: namedSchemes,
  alpn: [],
  shares: [],
  helloBytes: 0,
} as const;

const policyLike = {
  name: "a test's",
  versions: ["TLS 1.3"],
  suites: "any",
  groups: "any",
  order: "as-given",
  signatures: "any",
  chains: "any",
  retry: "any",
  resumption: "any",
  fallback: "any",
  refuse: [],
} as const;
