/** What a client makes of tickets: RFC 9846 §4.7.1. */
import { describe, expect, it } from "vitest";
import type { OfferedPsk } from "../../../src/handshake/index.ts";
import type { NewSessionTicket } from "../../../src/messages/index.ts";
import { testTime } from "../../support/identities.ts";
import { intercept } from "../../support/interceptor.ts";
import { withBody } from "../../support/raw.ts";
import { expectRefusedAndTold } from "../../support/refusal.ts";
import { bytesOf } from "../../support/codec.ts";

const ticket: NewSessionTicket = {
  ticketLifetime: 3600,
  ticketAgeAdd: 7,
  ticketNonce: Uint8Array.of(1),
  ticket: bytesOf("aabbcc"),
  extensions: {},
};

/** The sessions that a client has after these tickets. */
function sessionsAfter(...tickets: readonly NewSessionTicket[]): OfferedPsk[] {
  const between = intercept();
  for (const each of tickets) between.to.client.send("new_session_ticket", each);
  between.run();
  expect(between.client.error).toBeUndefined();
  return between.events.client.flatMap((event) =>
    event.type === "session" ? [event.session] : [],
  );
}

describe("a ticket", () => {
  it("is a session, with what the connection was", () => {
    const [session] = sessionsAfter(ticket);
    expect(session).toMatchObject({
      identity: ticket.ticket,
      hash: "sha256",
      kind: "resumption",
      origin: {
        suite: 0x1301,
        serverName: "server.example",
        group: "x25519",
        postQuantum: false,
        issuedAt: testTime,
        lifetime: 3600,
        ageAdd: 7,
        maxEarlyData: 0,
      },
    });
    expect(session?.secret).toHaveLength(32);
  });

  it("has a secret by its nonce", () => {
    const [first, second] = sessionsAfter(ticket, { ...ticket, ticketNonce: Uint8Array.of(2) });
    expect(first?.secret).not.toEqual(second?.secret);
    const [empty] = sessionsAfter({ ...ticket, ticketNonce: new Uint8Array(0) });
    expect(empty?.secret).toHaveLength(32);
  });

  it("is kept at most seven days, whatever the server says", () => {
    const [session] = sessionsAfter({ ...ticket, ticketLifetime: 0xffffffff });
    expect(session?.origin?.lifetime).toBe(604_800);
  });

  it("is not kept at all, if its lifetime is 0", () => {
    expect(sessionsAfter({ ...ticket, ticketLifetime: 0 })).toEqual([]);
  });

  it("may allow early data, and say what nobody knows", () => {
    const extensions = { early_data: 1000, "0x2a2a": bytesOf("00") } as const;
    expect(sessionsAfter({ ...ticket, extensions })[0]?.origin?.maxEarlyData).toBe(1000);
  });

  it.each([
    ["empty", "00000001 00000000 00 0000 0000", "new_session_ticket.ticket"],
    ["cut", "00000001 00000000 00 0002 aa", "new_session_ticket.ticket"],
    ["without extensions", "00000001 00000000 00 0001 aa", "new_session_ticket.extensions"],
    ["and more", "00000001 00000000 00 0001 aa 0000 00", "new_session_ticket"],
    [
      "with early_data of no length",
      "00000001 00000000 00 0001 aa 0004 002a 0000",
      "new_session_ticket.extensions.early_data",
    ],
  ])("is refused %s", (_, hex, where) => {
    const between = intercept();
    between.to.client.record(22, withBody(4, bytesOf(hex)));
    expectRefusedAndTold(between.run(), "client", {
      code: "malformed",
      alert: "decode_error",
      where,
    });
  });
});
