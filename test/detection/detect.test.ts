import { describe, expect, it } from "vitest";
import type { ClientOptions, ServerOptions } from "../../src/connection/index.ts";
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
import { connect, makeEnds } from "../support/ends.ts";
import { edit, intercept } from "../support/interceptor.ts";
import { testTime } from "../support/identities.ts";

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
    const facts = {
      role: "client",
      now: 0,
      groups: [],
      shares: [],
      helloBytes: 0,
      past: [],
    } as const;
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
    const facts = { role: "client", groups: [], shares: [], helloBytes: 0 } as const;
    const { negotiated } = connect().client;
    const past = history.recall("server.example").slice(0, 1);
    const at = (now: number) => kinds(detect({ ...facts, now, past, negotiated }));
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
      { outcome: "unanswered", offeredPostQuantum: true },
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

  it("an answer, even a refusal, is no lost hello", () => {
    const history = new MemoryHistory();
    connect({ groups: [hybrid], history }, { groups: ["x25519"] });
    expect(history.recall("server.example")).toMatchObject([{ outcome: "failed" }]);
    expect(findingsOf({ history }).client).toEqual([]);
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
