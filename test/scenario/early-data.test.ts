/** 0-RTT data: taken, refused, lost to a retry, sent again by somebody else. RFC 9846 §2.3, §4.3.10, §4.6, §8. */
import { describe, expect, it } from "vitest";
import type { Connection } from "../../src/connection/index.ts";
import { groups } from "../../src/groups/index.ts";
import {
  type EarlyDataOutcome,
  MemoryReplayGuard,
  MemoryTicketStore,
  type OfferedPsk,
  type ReplayGuard,
  storedTickets,
} from "../../src/handshake/index.ts";
import { joinInMemory, joinInMemoryAsync } from "../../src/connection/pair.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { anyProvider, makeEnds } from "../support/ends.ts";
import { clientCredential, testTime } from "../support/identities.ts";
import { drop, edit, Interceptor, type Rules } from "../support/interceptor.ts";
import { withBody } from "../support/raw.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";
import {
  type Client,
  clockAt,
  resumable,
  seconds,
  type Server,
  sessionFrom,
  typesBy,
} from "../support/sessions.ts";

const request = utf8("GET /safe");
const guard = (): ReplayGuard => new MemoryReplayGuard(() => testTime);
const takesEarlyData = (special: Server = {}): Server =>
  resumable({ earlyData: { maxSize: 100, replayGuard: guard() }, ...special });
const early = (psks: readonly OfferedPsk[], special: Client = {}): Client => ({
  psks,
  earlyData: "safe-to-replay",
  ...special,
});

/** Both ends of a connection whose client says something at once. */
function sendEarly(client: Client, server: Server, rules: Rules = {}, data = request): Interceptor {
  const between = new Interceptor(rules, client, server);
  between.client.start();
  if (data.length > 0) between.client.write(data);
  return between.run();
}

const dataAt = (between: Interceptor, side: "client" | "server" = "server") =>
  between.events[side].flatMap((event) =>
    event.type === "data"
      ? [{ early: event.early, text: new TextDecoder().decode(event.data) }]
      : [],
  );

function outcomes({ client, server }: Pick<Interceptor, "client" | "server">) {
  for (const end of [client, server]) if (end.negotiated === undefined) throw end.error!;
  return [client.negotiated?.earlyData, server.negotiated?.earlyData];
}

/** The server took nothing that came early, for this reason, and the connection goes on. */
function expectSkipped(between: Interceptor, reason: EarlyDataOutcome): void {
  const isKnown = reason === "retried" || reason === "other_protocol";
  const lost = isKnown ? reason : "refused_by_server";
  expect(outcomes(between)).toEqual([lost, reason]);
  between.client.write(utf8("again"));
  between.run();
  expect(dataAt(between)).toEqual([{ early: false, text: "again" }]);
  expect(typesBy("client", between)).not.toContain("end_of_early_data");
}

describe.each(providers)("early data, with $name", ({ provider }) => {
  it.each(groups)("comes with the first flight, before a new exchange of $name", (group) => {
    const common = { provider, groups: [group] };
    const server = takesEarlyData(common);
    const between = sendEarly(early([sessionFrom(server, common)], common), server);
    expect(outcomes(between)).toEqual(["accepted", "accepted"]);
    expect(dataAt(between)).toEqual([{ early: true, text: "GET /safe" }]);
    expect(between.server.negotiated?.group).toBe(group.name);
    expect(typesBy("client", between)).toEqual(["client_hello", "end_of_early_data", "finished"]);
  });
});

describe("early data that is accepted", () => {
  const server = takesEarlyData();
  const session = sessionFrom(server);

  it("is told before the handshake is over, in pieces as they come", () => {
    const { client, server: end } = makeEnds(early([session]), server);
    end.start();
    client.start();
    client.write(utf8("one "));
    client.write(utf8("two"));
    for (const chunk of client.takeOutput()) end.receive(chunk);
    expect(end.state).toBe("handshaking");
    expect(end.takeEvents()).toMatchObject([
      { type: "data", data: utf8("one "), early: true },
      { type: "data", data: utf8("two"), early: true },
    ]);
    // 0.5-RTT: a server need not wait to answer
    end.write(utf8("an answer"));
    const events = joinInMemory(client, end);
    const told = events.client.filter(({ type }) => type === "open" || type === "data");
    expect(told).toMatchObject([
      { type: "open" },
      { type: "data", data: utf8("an answer"), early: false },
    ]);
  });

  it("may go on until the server's flight arrives, and data goes on after it", () => {
    const { client } = makeEnds(early([session]), server);
    client.start();
    client.write(utf8("first"));
    expect(client.takeOutput().length).toBeGreaterThan(0);
    client.write(utf8("second"));
    expect(client.writableBytes).toBe(100 - 11);
    const fresh = sendEarly(early([session]), server);
    fresh.client.write(utf8("late"));
    fresh.run();
    expect(dataAt(fresh)).toEqual([
      { early: true, text: "GET /safe" },
      { early: false, text: "late" },
    ]);
  });

  it("may be none at all", () => {
    const between = sendEarly(early([session]), server, {}, new Uint8Array(0));
    expect(outcomes(between)).toEqual(["accepted", "accepted"]);
    expect(dataAt(between)).toEqual([]);
  });

  it("is as much as the ticket allows, and not a byte more", () => {
    const { client } = makeEnds(early([session]), server);
    expect(client.writableBytes).toBe(0);
    client.start();
    expect(client.writableBytes).toBe(100);
    expect(() => client.write(new Uint8Array(101))).toThrow("at most 100 bytes");
    const full = sendEarly(early([session]), server, {}, new Uint8Array(100).fill(65));
    expect(dataAt(full)).toEqual([{ early: true, text: "A".repeat(100) }]);
  });

  it("keeps to the limit of its ticket, where the server's has become smaller", () => {
    const smaller = { ...server, earlyData: { maxSize: 10, replayGuard: guard() } };
    const full = sendEarly(early([session]), smaller, {}, new Uint8Array(100).fill(65));
    expect(dataAt(full)).toHaveLength(1);
  });

  it("has an exporter of its own, which both ends have before the handshake is over", () => {
    const { client, server: end } = makeEnds(early([session]), server);
    const context = utf8("context");
    const keyOf = (connection: Connection, label = "EXPERIMENTAL early") =>
      connection.exportEarlyKeyingMaterial(label, context, 40);
    expect(() => keyOf(client)).toThrow("there is no early data");
    end.start();
    client.start();
    const key = keyOf(client);
    expect(key).toHaveLength(40);
    for (const chunk of client.takeOutput()) end.receive(chunk);
    expect(end.state).toBe("handshaking");
    expect(keyOf(end)).toEqual(key);
    joinInMemory(client, end);
    expect([keyOf(client), keyOf(end)]).toEqual([key, key]);
    expect(keyOf(end, "EXPERIMENTAL other")).not.toEqual(key);
    expect(client.exportKeyingMaterial("EXPERIMENTAL early", context, 40)).not.toEqual(key);
  });

  it("goes with a client that the server knows, and verifies first", () => {
    const mutual = takesEarlyData({ clientAuthentication: "require" });
    const known = sessionFrom(mutual, { credentials: [clientCredential] });
    const between = sendEarly(early([known]), mutual);
    expect(outcomes(between)).toEqual(["accepted", "accepted"]);
    expect(between.server.negotiated?.peer?.chain).toHaveLength(1);
  });

  it("is under the protocol of its session", () => {
    const named = takesEarlyData({ alpn: ["h2", "http/1.1"] });
    const alpn = { alpn: ["http/1.1"] };
    const between = sendEarly(early([sessionFrom(named, alpn)], alpn), named);
    expect(outcomes(between)).toEqual(["accepted", "accepted"]);
    expect(between.server.negotiated?.alpn).toBe("http/1.1");
  });
});

describe("early data that is not offered", () => {
  const server = takesEarlyData();
  const session = sessionFrom(server);
  it.each<[string, Client]>([
    ["where nobody says that it is safe", { psks: [session] }],
    ["without a session", early([])],
    ["with an external key", early([{ ...session, kind: "external", origin: undefined }])],
    [
      "if the ticket allows none",
      early([{ ...session, origin: { ...session.origin!, maxEarlyData: 0 } }]),
    ],
    ["under a suite that is not offered", early([session], { suites: ["TLS_AES_256_GCM_SHA384"] })],
    [
      "under a protocol that is not offered",
      early([{ ...session, origin: { ...session.origin!, alpn: "h2" } }]),
    ],
    ["to another name", early([session], { serverName: "other.example" })],
  ])("cannot be written: %s", (_, client) => {
    const { client: end } = makeEnds(client, server);
    end.start();
    expect([end.canWrite, end.writableBytes]).toEqual([false, 0]);
    expect(() => end.write(request)).toThrow("no data now");
    expect(() => end.exportEarlyKeyingMaterial("EXPERIMENTAL", request, 16)).toThrow(
      "there is no early data",
    );
    const { client: open } = makeEnds(early([session]), server);
    open.start();
    expect(open.canWrite).toBe(true);
  });
});

describe("early data that is refused", () => {
  const server = takesEarlyData();
  const session = sessionFrom(server);
  const changed = (origin: Partial<NonNullable<OfferedPsk["origin"]>>, from = session) => ({
    ...from,
    origin: { ...from.origin!, ...origin },
  });

  it("is skipped by a server that takes none", () => {
    const { earlyData: _, ...plain } = server;
    expectSkipped(sendEarly(early([session]), plain), "disabled");
  });

  it("is skipped where the session is not resumed", () => {
    const stranger = { ...session, identity: utf8("unknown") };
    const between = sendEarly(early([stranger]), server);
    expectSkipped(between, "not_resumed");
    expect(typesBy("server", between)).toContain("certificate");
  });

  it("is skipped under another key than the first", () => {
    const stranger = { ...session, identity: utf8("unknown") };
    expectSkipped(sendEarly(early([stranger, session]), server), "not_first_psk");
  });

  it("is skipped where the ticket allowed none", () => {
    const { earlyData: _, ...plain } = server;
    const without = sessionFrom(plain);
    expect(without.origin?.maxEarlyData).toBe(0);
    const between = sendEarly(early([changed({ maxEarlyData: 100 }, without)]), server);
    expectSkipped(between, "not_allowed_by_ticket");
  });

  it("is skipped under another suite of the same hash", () => {
    const two = ["TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];
    const both = { ...server, suites: two };
    const between = sendEarly(early([session], { suites: two.toReversed() }), both);
    expectSkipped(between, "other_suite");
  });

  it("is skipped under another protocol", () => {
    const named = takesEarlyData({ alpn: ["h2", "http/1.1"] });
    const before = sessionFrom(named, { alpn: ["http/1.1"] });
    const between = sendEarly(early([before], { alpn: ["http/1.1", "h2"] }), named);
    expectSkipped(between, "other_protocol");
    expect(between.client.negotiated?.alpn).toBe("h2");
  });

  // RFC 9846 §8.3
  it.each([
    [10_000, "accepted"],
    [10_001, "ticket_age"],
    [-10_000, "accepted"],
    [-10_001, "ticket_age"],
  ])("is skipped if it is not as old as it says: %d ms", (skew, outcome) => {
    const clock = clockAt();
    const timed = takesEarlyData({ now: clock.read });
    const before = sessionFrom(timed, { now: clock.read });
    clock.now += 60 * seconds;
    const between = sendEarly(early([before], { now: () => clock.now + skew }), timed);
    if (outcome === "accepted") expect(outcomes(between)).toEqual(["accepted", "accepted"]);
    else expectSkipped(between, "ticket_age");
  });

  it("is skipped if a retry comes between, and never sent again by itself", () => {
    const common = { groups: ["x25519", "secp256r1"] };
    const retrying = { ...server, groups: ["secp256r1"] };
    const between = sendEarly(early([session], common), retrying);
    expectSkipped(between, "retried");
    expect(between.server.negotiated).toMatchObject({ resumed: true, retried: true });
    expect(() => between.client.exportEarlyKeyingMaterial("EXPERIMENTAL", request, 16)).toThrow(
      "there is no early data",
    );
  });

  it("leaves no exporter at either end", () => {
    const { earlyData: _, ...plain } = server;
    const between = sendEarly(early([session]), plain);
    for (const end of [between.client, between.server]) {
      expect(() => end.exportEarlyKeyingMaterial("EXPERIMENTAL", request, 16)).toThrow(
        "there is no early data",
      );
    }
  });

  it("is skipped up to a limit", () => {
    const { earlyData: _, ...plain } = server;
    const generous = changed({ maxEarlyData: 100_000 });
    const bytes = 22 * 100 + 100 * 100;
    const send = (skippedEarlyData: number): Interceptor => {
      const between = new Interceptor({}, early([generous]), {
        ...plain,
        limits: { skippedEarlyData },
      });
      between.client.start();
      for (let i = 0; i < 100; i++) between.client.write(new Uint8Array(100));
      return between.run();
    };
    expectSkipped(send(bytes + 1), "disabled");
    expectRefusedAndTold(send(bytes), "server", {
      code: "too_many_records",
      alert: "unexpected_message",
    });
  });

  it("is skipped up to what tickets allow, if that is more than the limit", () => {
    const large = takesEarlyData({
      earlyData: { maxSize: 200_000, replayGuard: { firstUse: () => false } },
    });
    const between = sendEarly(early([sessionFrom(large)]), large, {}, new Uint8Array(200_000));
    expectSkipped(between, "replay");
  });
});

// RFC 9846 §8
describe("early data that comes again", () => {
  /** The bytes of a client's first flight. */
  function firstFlight(session: OfferedPsk, special: Client = {}): Uint8Array {
    const { client } = makeEnds(early([session], special), {});
    client.start();
    client.write(request);
    return concat(...client.takeOutput());
  }
  const receive = (server: Server, bytes: Uint8Array) => {
    const { server: end } = makeEnds({}, server);
    end.start();
    end.receive(bytes);
    const data = end.takeEvents().filter(({ type }) => type === "data");
    if (end.state !== "handshaking") throw end.error!;
    return data.length;
  };

  it("is taken once, and skipped the second time, by any server that shares the guard", () => {
    const server = takesEarlyData();
    const flight = firstFlight(sessionFrom(server));
    expect(receive(server, flight)).toBe(1);
    expect(receive(server, flight)).toBe(0);
    expect(receive({ ...server }, flight)).toBe(0);
    const alone = { ...server, earlyData: { maxSize: 100, replayGuard: guard() } };
    expect(receive(alone, flight)).toBe(1);
  });

  it("is told to be a replay to a client that did so itself", () => {
    const once: ReplayGuard = { firstUse: () => false };
    const server = takesEarlyData({ earlyData: { maxSize: 100, replayGuard: once } });
    expectSkipped(sendEarly(early([sessionFrom(server)]), server), "replay");
  });

  it("is none if a client uses its session twice", () => {
    const server = takesEarlyData();
    const session = sessionFrom(server);
    for (let i = 0; i < 2; i++) {
      expect(outcomes(sendEarly(early([session]), server))).toEqual(["accepted", "accepted"]);
    }
  });

  it("cannot be resumed where tickets are used once", () => {
    const server = takesEarlyData({
      tickets: storedTickets(new MemoryTicketStore(), anyProvider.random),
    });
    const flight = firstFlight(sessionFrom(server));
    expect(receive(server, flight)).toBe(1);
    expect(receive(server, flight)).toBe(0);
  });

  it("is remembered for as long as its age would seem right", () => {
    const clock = clockAt();
    const replayGuard = new MemoryReplayGuard(clock.read);
    const timed = { now: clock.read };
    const server = takesEarlyData({
      ...timed,
      earlyData: { maxSize: 100, replayGuard, window: 10 * seconds },
    });
    const session = sessionFrom(server, timed);
    // Sent as late as can be, so that it stays good as long as can be
    const flight = firstFlight(session, { now: () => clock.now + 10 * seconds });
    expect(receive(server, flight)).toBe(1);
    for (const later of [0, 10, 20]) {
      clock.now = testTime + later * seconds;
      expect(receive(server, flight)).toBe(0);
    }
  });

  // RFC 9846 §8.2
  it("is refused by a server whose memory has just begun", () => {
    const clock = clockAt();
    const timed = { now: clock.read };
    const policy = { maxSize: 100, window: 10 * seconds };
    const server = takesEarlyData({ ...timed, earlyData: { ...policy, replayGuard: guard() } });
    const [before, later] = [sessionFrom(server, timed), sessionFrom(server, timed)];
    clock.now += 5 * seconds;
    const restarted = {
      ...server,
      earlyData: { ...policy, replayGuard: new MemoryReplayGuard(clock.read) },
    };
    const fresh = sessionFrom(restarted, timed);
    clock.now += 10 * seconds;
    expectSkipped(sendEarly(early([before], timed), restarted), "replay");
    expect(outcomes(sendEarly(early([fresh], timed), restarted))[1]).toBe("accepted");
    clock.now += 1;
    expect(outcomes(sendEarly(early([later], timed), restarted))[1]).toBe("accepted");
  });

  it("may be looked up elsewhere, while more of it arrives", async () => {
    const seen = new MemoryReplayGuard(() => testTime);
    const replayGuard: ReplayGuard = { firstUse: async (...use) => seen.firstUse(...use) };
    const server = takesEarlyData({ earlyData: { maxSize: 100, replayGuard } });
    const session = sessionFrom(server);
    const ends = makeEnds(early([session]), server);
    ends.client.start();
    ends.client.write(request);
    const events = await joinInMemoryAsync(ends.client, ends.server);
    expect(outcomes(ends)).toEqual(["accepted", "accepted"]);
    expect(events.server[0]).toMatchObject({ type: "data", data: request, early: true });
    const broken: ReplayGuard = {
      firstUse: async () => {
        throw new Error("nobody answers");
      },
    };
    const failing = makeEnds(early([session]), {
      ...server,
      earlyData: { maxSize: 100, replayGuard: broken },
    });
    await joinInMemoryAsync(failing.client, failing.server);
    expect(failing.server.error).toMatchObject({ code: "internal", alert: "internal_error" });
  });
});

describe("a client that breaks a rule of early data", () => {
  const server = takesEarlyData();
  const session = sessionFrom(server);

  // RFC 9846 §4.3.10
  it("sends more than its ticket allows", () => {
    const generous = { ...session, origin: { ...session.origin!, maxEarlyData: 1000 } };
    const between = sendEarly(early([generous]), server, {}, new Uint8Array(101));
    expectRefusedAndTold(between, "server", {
      code: "too_many_records",
      alert: "unexpected_message",
    });
  });

  // RFC 9846 §4.6
  it("never ends it", () => {
    const between = sendEarly(early([session]), server, { client: { end_of_early_data: drop } });
    expectRefusedAndTold(between, "server", { code: "bad_record_mac" });
    expect(between.events.server.some(({ type }) => type === "open")).toBe(false);
  });

  it("ends the stream instead", () => {
    const { client, server: end } = makeEnds(early([session]), server);
    end.start();
    client.start();
    client.write(request);
    for (const chunk of client.takeOutput()) end.receive(chunk);
    end.receiveEnd();
    expect(end.error).toMatchObject({
      code: "truncated",
      detail: { expected: "end_of_early_data" },
    });
  });

  it.each<[string, NonNullable<Rules["client"]>]>([
    ["ends it twice", { finished: (raw) => [withBody(5, new Uint8Array(0)), raw] }],
    [
      "sends Finished instead of the end",
      { end_of_early_data: () => [withBody(20, new Uint8Array(32))] },
    ],
    [
      "sends a KeyUpdate instead of the end",
      { end_of_early_data: () => [withBody(24, Uint8Array.of(0))] },
    ],
    ["sends ClientHello again", { end_of_early_data: () => [withBody(1, new Uint8Array(60))] }],
  ])("%s", (_, client) => {
    const between = sendEarly(early([session]), server, { client });
    expectRefused(between, "server", { code: "unexpected_message" });
  });

  it("ends it with a message that is not empty", () => {
    const rules = { client: { end_of_early_data: () => [withBody(5, Uint8Array.of(0))] } };
    expectRefused(sendEarly(early([session]), server, rules), "server", {
      code: "malformed",
      alert: "decode_error",
    });
  });

  it("goes on after the end", () => {
    const between = sendEarly(early([session]), server, {
      client: {
        finished: (raw, to) => {
          to.record(23, utf8("more"));
          return [raw];
        },
      },
    });
    expectRefused(between, "server", { code: "unexpected_message", where: "record.type" });
  });

  it("ends what it has not begun", () => {
    const rules: Rules = { client: { finished: (raw) => [withBody(5, new Uint8Array(0)), raw] } };
    const between = new Interceptor(rules, { psks: [session] }, server).run();
    expectRefusedAndTold(between, "server", { code: "unexpected_message" });
  });
});

// RFC 9846 §4.3.10
describe("a server that breaks a rule of early data", () => {
  const server = takesEarlyData();
  const session = sessionFrom(server);
  const acceptsWrongly = edit("encrypted_extensions", ({ extensions }) => {
    extensions.early_data = true;
  });
  const rules: Rules = { server: { encrypted_extensions: acceptsWrongly } };
  const where = "encrypted_extensions.extensions.early_data";
  const refused = (between: Interceptor) =>
    expectRefused(between, "client", {
      code: "illegal_parameter",
      where,
      section: "RFC 9846 §4.3.10",
    });

  it("accepts none that was offered", () => {
    const between = new Interceptor(rules, { psks: [session] }, server).run();
    expectRefusedAndTold(between, "client", { code: "unsupported_extension", where });
  });

  it("accepts it without the session", () => {
    refused(sendEarly(early([{ ...session, identity: utf8("unknown") }]), server, rules));
  });

  it("accepts it under another key", () => {
    const stranger = { ...session, identity: utf8("unknown") };
    refused(sendEarly(early([stranger, session]), server, rules));
  });

  it("accepts it under another suite", () => {
    const two = ["TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"];
    const suites = { suites: two.toReversed() };
    refused(sendEarly(early([session], suites), { ...server, suites: two }, rules));
  });

  it("accepts it under another protocol", () => {
    const named = takesEarlyData({ alpn: ["h2", "http/1.1"] });
    const before = sessionFrom(named, { alpn: ["http/1.1"] });
    refused(sendEarly(early([before], { alpn: ["http/1.1", "h2"] }), named, rules));
  });

  it("accepts it after a retry", () => {
    const common = { groups: ["x25519", "secp256r1"] };
    const retrying = { ...server, groups: ["secp256r1"] };
    const between = sendEarly(early([session], common), retrying, rules);
    expectRefused(between, "client", { code: "unsupported_extension", where });
  });
});
