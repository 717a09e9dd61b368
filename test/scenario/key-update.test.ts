/** Keys that change after the handshake: RFC 9846 §4.7.3, §5.5. */
import { describe, expect, it } from "vitest";
import type { ConnectionEvent } from "../../src/connection/index.ts";
import { suites } from "../../src/crypto/index.ts";
import { carry } from "../../src/connection/pair.ts";
import { utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { connect } from "../support/ends.ts";

const dataOf = (events: readonly ConnectionEvent[]): string[] =>
  events.flatMap((event) => (event.type === "data" ? [new TextDecoder().decode(event.data)] : []));

/** An open pair that counts the KeyUpdates that each end sends. */
function counted(options: Parameters<typeof connect>[0] = {}) {
  const updates = { client: [] as number[], server: [] as number[] };
  const observe = (side: "client" | "server") => ({
    message: (direction: string, raw: Uint8Array) => {
      if (direction === "sent" && raw[0] === 24) updates[side].push(raw[4]!);
    },
  });
  const common = { ...options };
  const ends = connect(
    { ...common, observer: observe("client") },
    { ...(common as object), observer: observe("server") },
  );
  return { ...ends, updates };
}

describe.each(providers)("key updates with $name", ({ provider }) => {
  describe.each(suites)("under $name", (suite) => {
    it("go both ways, with data between them", () => {
      const { client, server, updates } = counted({ provider, suites: [suite] });
      for (let round = 0; round < 5; round++) {
        client.write(utf8(`c${round}`));
        client.updateKeys();
        client.write(utf8(`C${round}`));
        server.write(utf8(`s${round}`));
        server.updateKeys({ requestPeer: false });
        server.write(utf8(`S${round}`));
        const events = carry(client, server);
        expect(dataOf(events.server)).toEqual([`c${round}`, `C${round}`]);
        expect(dataOf(events.client)).toEqual([`s${round}`, `S${round}`]);
      }
      expect(updates.client).toEqual([1, 1, 1, 1, 1]);
      // One of its own in each round, and an answer in each next one
      expect(updates.server).toEqual(Array.from({ length: 9 }, () => 0));
      expect([client.error, server.error]).toEqual([undefined, undefined]);
    });
  });
});

describe("key updates that cross", () => {
  // RFC 9846 §4.7.3: before the next data, and one for all that came while we were silent
  it("are both answered when there is something to say, and no more than that", () => {
    const { client, server, updates } = counted();
    client.updateKeys();
    server.updateKeys();
    carry(client, server);
    expect(updates).toEqual({ client: [1], server: [1] });
    for (let round = 0; round < 2; round++) {
      client.write(utf8("x"));
      server.write(utf8("y"));
      const events = carry(client, server);
      expect([dataOf(events.client), dataOf(events.server)]).toEqual([["y"], ["x"]]);
    }
    expect(updates).toEqual({ client: [1, 0], server: [1, 0] });
  });
});

// RFC 9846 §5.5
describe("the limit on records under one key", () => {
  const [suite] = suites;
  const small = { ...suite!, recordLimit: 10 };

  it("brings an update of itself, before it is reached", () => {
    const { client, server, updates } = counted({ suites: [small] });
    const records: string[] = [];
    for (let i = 0; i < 95; i++) client.write(utf8(String(i)));
    const events = carry(client, server);
    records.push(...dataOf(events.server));
    expect(records).toEqual(Array.from({ length: 95 }, (_, i) => String(i)));
    expect(updates.client.length).toBeGreaterThanOrEqual(9);
    // It asks for nothing: the other direction has its own count
    expect(new Set(updates.client)).toEqual(new Set([0]));
    expect(updates.server).toEqual([]);
  });

  it("holds for both ends, and within one long write", () => {
    const { client, server, updates } = counted({ suites: [small], maxFragment: 100 });
    server.write(new Uint8Array(5000));
    const events = carry(client, server);
    expect(dataOf(events.client).join("")).toHaveLength(5000);
    expect(updates.server.length).toBeGreaterThanOrEqual(4);
  });

  it("is not reached by those who stay below", () => {
    const { client, server, updates } = counted({ suites: [small] });
    for (let i = 0; i < 9; i++) client.write(utf8(String(i)));
    carry(client, server);
    expect(updates.client).toEqual([]);
  });
});
