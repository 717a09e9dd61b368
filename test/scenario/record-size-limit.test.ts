/** How large a record may be for whoever reads it: RFC 8449. */
import { describe, expect, it } from "vitest";
import { padToMultipleOf, type RecordFact } from "../../src/record/index.ts";
import { decodeMessage } from "../../src/messages/index.ts";
import { carry } from "../../src/connection/pair.ts";
import { concat } from "../../src/wire/index.ts";
import { connect, makeEnds } from "../support/ends.ts";
import { edit, Interceptor, intercept, type Side } from "../support/interceptor.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";
import { type Client, helloOf, resumable, type Server, sessionFrom } from "../support/sessions.ts";

/** Both ends say this much to each other. Gives what arrived, and the inner plaintexts that carried it. */
function exchange(client: Client, server: Server, data: Uint8Array) {
  const inner: Record<Side, number[]> = { client: [], server: [] };
  const watch = (side: Side) => ({
    record(direction: string, { epoch, wireLength }: RecordFact) {
      if (direction === "sent" && epoch !== "plaintext") inner[side].push(wireLength - 5 - 16);
    },
  });
  const ends = connect(
    { ...client, observer: watch("client") },
    { ...server, observer: watch("server") },
  );
  ends.client.write(data);
  ends.server.write(data);
  const events = carry(ends.client, ends.server);
  const arrived = (side: Side) =>
    concat(...events[side].flatMap((event) => (event.type === "data" ? [event.data] : [])));
  return { inner, client: arrived("client"), server: arrived("server") };
}

const answerIn = ({ messages }: Interceptor) => {
  const found = messages.find(({ type }) => type === "encrypted_extensions")!;
  return decodeMessage("encrypted_extensions", found.raw).body.extensions.record_size_limit;
};

describe("a limit on records", () => {
  const data = new Uint8Array(5000).map((_, at) => at);

  it.each([
    [64, 16_385],
    [16_385, 64],
    [100, 200],
    [1000, 64],
  ])("holds for both directions apart: client %d, server %d", (ofClient, ofServer) => {
    const { inner, ...arrived } = exchange(
      { recordSizeLimit: ofClient },
      { recordSizeLimit: ofServer },
      data,
    );
    expect(arrived).toEqual({ client: data, server: data });
    expect(Math.max(...inner.server)).toBe(Math.min(ofClient, 5001));
    expect(Math.max(...inner.client)).toBe(Math.min(ofServer, 5001));
  });

  it("is said by both ends", () => {
    const between = intercept({}, { recordSizeLimit: 2000 }, { recordSizeLimit: 3000 });
    expect(helloOf(between).extensions.record_size_limit).toBe(2000);
    expect(answerIn(between)).toBe(3000);
  });

  it("counts padding and type", () => {
    const options = { recordSizeLimit: 300, padding: padToMultipleOf(256) };
    const { inner, client } = exchange(options, options, data);
    expect(client).toEqual(data);
    expect(Math.max(...inner.server, ...inner.client)).toBe(300);
  });

  it("is in force only if both ends know it", () => {
    for (const [client, server] of [
      [{ recordSizeLimit: 100 }, {}],
      [{}, { recordSizeLimit: 100 }],
    ] as const) {
      expect(answerIn(intercept({}, client, server))).toBeUndefined();
      const { inner } = exchange(client, server, data);
      expect(Math.max(...inner.server)).toBe(5001);
      expect(Math.max(...inner.client)).toBe(5001);
    }
  });

  it.each([0, 63, 16_386, 100.5])("cannot be %d", (recordSizeLimit) => {
    expect(() => new Interceptor({}, { recordSizeLimit })).toThrow(RangeError);
    expect(() => new Interceptor({}, {}, { recordSizeLimit })).toThrow(RangeError);
  });
});

// RFC 8449 §4: records are subject to the limits of the handshake that produced their keys
describe("early data", () => {
  const early = new Uint8Array(5000).map((_, at) => at);
  const server = resumable({
    earlyData: { maxSize: 20_000, replayGuard: { firstUse: () => true } },
    recordSizeLimit: 200,
  });

  /** Sends it with the first flight, and says what arrived. */
  function sendEarly(options: Client, data = early) {
    const psks = [sessionFrom(server, options)];
    const ends = makeEnds({ ...options, psks, earlyData: "safe-to-replay" }, server);
    for (const end of [ends.server, ends.client]) end.start();
    ends.client.write(data);
    const events = carry(ends.client, ends.server);
    const arrived = events.server.flatMap((event) => (event.type === "data" ? event.data : []));
    return { ...ends, arrived: concat(...arrived) };
  }

  it.each([100, 16_385])("is not bound by what its client cannot know yet: client %d", (limit) => {
    const { client, server: other, arrived } = sendEarly({ recordSizeLimit: limit });
    expect([client.error, other.error]).toEqual([undefined, undefined]);
    expect(client.negotiated?.earlyData).toBe("accepted");
    expect(arrived).toEqual(early);
    // What comes after it is
    const lengths: number[] = [];
    client.write(early);
    for (const chunk of client.takeOutput()) {
      lengths.push(chunk.length);
      other.receive(chunk);
    }
    expect(Math.max(...lengths)).toBeLessThanOrEqual(200 + 16);
    expect(other.state).toBe("open");
  });

  it("keeps to the protocol's own limit", () => {
    const { arrived } = sendEarly({ recordSizeLimit: 100 }, new Uint8Array(20_000));
    expect(arrived).toHaveLength(20_000);
  });
});

// RFC 8449 §4
describe("a limit that is too small", () => {
  const limits = { recordSizeLimit: 1000 };
  const refusal = {
    code: "illegal_parameter",
    where: "extensions.record_size_limit",
    section: "RFC 8449 §4",
  } as const;

  it.each([0, 63])("is refused by a server: %d", (limit) => {
    const rule = edit("client_hello", ({ extensions }) => {
      extensions.record_size_limit = limit;
    });
    expectRefused(intercept({ client: { client_hello: rule } }, limits, limits), "server", refusal);
  });

  it.each([0, 63])("is refused by a client: %d", (limit) => {
    const rule = edit("encrypted_extensions", ({ extensions }) => {
      extensions.record_size_limit = limit;
    });
    const between = intercept({ server: { encrypted_extensions: rule } }, limits, limits);
    expectRefusedAndTold(between, "client", refusal);
  });

  it("means nothing to a server that does not know it", () => {
    const rule = edit("client_hello", ({ extensions }) => {
      extensions.record_size_limit = 1;
    });
    const between = intercept({ client: { client_hello: rule } }, limits);
    // Only the transcripts differ now
    expectRefused(between, "client", { code: "bad_record_mac" });
  });
});

describe("a peer that exceeds it", () => {
  // Large enough for each message of the handshake
  const limits = { recordSizeLimit: 2000 };

  it.each(["client", "server"] as const)("is refused by the %s", (side) => {
    const fits = intercept({}, limits, limits);
    fits.to[side].record(23, new Uint8Array(1999));
    expect(fits.run()[side].state).toBe("open");
    for (const [content, trailer] of [
      [2000, 1],
      [1, 2000],
      [0, 2001],
    ] as const) {
      const between = intercept({}, limits, limits);
      const padded = new Uint8Array(trailer);
      padded[0] = 23;
      between.to[side].record(23, new Uint8Array(content), padded);
      expectRefusedAndTold(between.run(), side, {
        code: "record_overflow",
        where: "record.fragment",
      });
    }
  });

  it("does so with a handshake message, too", () => {
    const between = intercept({}, limits, limits);
    between.to.client.record(22, new Uint8Array(2000));
    expectRefusedAndTold(between.run(), "client", { code: "record_overflow" });
  });
});
