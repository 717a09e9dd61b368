/** What is held against a case of interoperability, of conversations that were never had. */
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../src/interop/conversation.ts";
import { cases, type InteropCase } from "../../src/interop/index.ts";
import { judge } from "../../src/interop/verdict.ts";

const [plain] = cases;
const bytes = Uint8Array.of(21, 3, 3, 0, 2, 2, 40);
const told: Conversation = {
  trace: {
    events: [
      { at: 0, end: "server", direction: "sent", kind: "bytes", bytes },
      { at: 0, end: "client", direction: "received", kind: "bytes", bytes },
    ],
    keyLog: [],
  },
  exported: { client: undefined, server: undefined },
  heard: true,
  unapplied: [],
  hung: undefined,
};
const problemsOf = (expected: InteropCase["expect"], had: Partial<Conversation> = {}) =>
  judge(
    { ...plain!, expect: expected },
    { conversations: [{ ...told, ...had }], output: { client: "", server: "" } },
  ).problems;

describe("a verdict", () => {
  it("is of the alert, and of the end that says it", () => {
    const refused = (
      end: "client" | "server",
      ...alerts: ("handshake_failure" | "decode_error")[]
    ) => problemsOf({ refusedBy: { end, alerts } });
    expect(refused("server", "decode_error", "handshake_failure")).toEqual([]);
    expect(refused("server", "decode_error")).toEqual([
      "alert handshake_failure by the server instead of decode_error by the server",
    ]);
    expect(refused("client", "handshake_failure")).toEqual([
      "alert handshake_failure by the server instead of handshake_failure by the client",
    ]);
  });

  it("is a problem where there was no connection, or none of what was said arrived", () => {
    const nothing = { trace: { events: [], keyLog: [] } };
    expect(problemsOf({}, nothing)).toEqual(["no connection: there was none"]);
    expect(problemsOf({}, { ...nothing, hung: "it hung" })).toEqual(["no connection: it hung"]);
    const alert = "alert handshake_failure by the server";
    expect(problemsOf({})).toEqual([alert]);
    expect(problemsOf({}, { heard: false })).toEqual([
      alert,
      "what one said did not arrive at the other",
    ]);
  });

  it("is of what both export", () => {
    const alert = { neverOpens: true } as const;
    expect(problemsOf(alert, { exported: { client: "a", server: "a" } })).toEqual([]);
    expect(problemsOf(alert, { exported: { client: "a", server: undefined } })).toEqual([]);
    expect(problemsOf(alert, { exported: { client: "a", server: "b" } })).toEqual([
      "the client exports a, the server b",
    ]);
  });
});
