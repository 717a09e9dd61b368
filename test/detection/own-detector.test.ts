/** Detectors of the caller's own: asked after those that are always there, by any connection. */
import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../../src/connection/index.ts";
import { type Detector, detectors, findingKinds } from "../../src/detection/index.ts";
import { connect, makeEnds } from "../support/ends.ts";
import { policies } from "../../src/policy/index.ts";

const answering = (answer: unknown): Detector => ({
  kind: "mine",
  detect: () => answer as undefined,
});
const noAlpn: Detector = {
  kind: "no-alpn",
  detect: ({ negotiated }) =>
    negotiated !== undefined && negotiated.alpn === undefined
      ? { severity: "notice", evidence: `nothing is spoken over ${negotiated.cipherSuite}` }
      : undefined,
};
const findings = (client: Partial<ClientOptions>) =>
  connect(client).events.client.flatMap((event) =>
    event.type === "finding" ? [event.finding] : [],
  );

describe("detectors that are always there", () => {
  it("find one kind each, all of which have names, and only a laboratory finds the last", () => {
    expect([...detectors.map(({ kind }) => kind), "ends-disagree"].toSorted()).toEqual(
      [...findingKinds].toSorted(),
    );
  });
});

describe("a detector of one's own", () => {
  it("reports what it finds, once, and nothing where there is nothing", () => {
    expect(findings({ detectors: [noAlpn] })).toEqual([
      {
        kind: "no-alpn",
        severity: "notice",
        evidence: "nothing is spoken over TLS_AES_128_GCM_SHA256",
      },
    ]);
    expect(findings({})).toEqual([]);
    expect(findings({ detectors: [answering(undefined)] })).toEqual([]);
  });

  it("ends a connection whose policy refuses what it finds", () => {
    const refusing = { ...policies.compatible, name: "strict", refuse: ["no-alpn"] };
    const { client } = connect({ detectors: [noAlpn], policy: refusing });
    expect(client.error).toMatchObject({
      code: "insufficient_security",
      detail: { rule: "findings", received: expect.stringContaining("no-alpn: nothing") },
    });
    const other = { ...refusing, refuse: ["tampered"] };
    expect(connect({ detectors: [noAlpn], policy: other }).client.state).toBe("open");
  });

  it.each([
    ["throws", { kind: "mine", detect: () => JSON.parse("{") as undefined }, /JSON/],
    ["answers with a promise", answering(Promise.resolve(undefined)), /neither undefined nor/],
    [
      "answers with a severity that is none",
      answering({ severity: "bad", evidence: "" }),
      /neither/,
    ],
    ["answers without evidence", answering({ severity: "alarm" }), /neither undefined nor/],
    ["answers with null", answering(null), /null/],
  ])("that %s is an alarm, and does not pass for one that found nothing", (_, detector, text) => {
    const [finding, ...more] = findings({ detectors: [detector] });
    expect(finding).toMatchObject({
      kind: "mine",
      severity: "alarm",
      evidence: expect.stringMatching(/^the detector failed: /),
    });
    expect(finding?.evidence).toMatch(text);
    expect(more).toEqual([]);
  });

  it("has a kind that nobody else has", () => {
    const twice = (kind: string) => () => makeEnds({ detectors: [{ ...noAlpn, kind }, noAlpn] });
    expect(twice("fallback")).toThrow(
      new RangeError('there is another detector of "fallback"; take another kind'),
    );
    expect(twice("no-alpn")).toThrow(RangeError);
    expect(twice("third")).not.toThrow();
  });

  it("is an object with kind and detect", () => {
    const detector = (() => undefined) as unknown as Detector;
    expect(() => makeEnds({ detectors: [detector] })).toThrow(/a detector: \{ kind, detect \}/);
  });
});
