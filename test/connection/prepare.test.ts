import { describe, expect, it } from "vitest";
import { prepareClient, prepareServer } from "../../src/connection/index.ts";
import { joinInMemory } from "../../src/connection/pair.ts";
import { clientOptions, connect, serverOptions } from "../support/ends.ts";

const server = prepareServer(serverOptions());

describe("prepared options", () => {
  it("make any number of connections", () => {
    const client = prepareClient(clientOptions());
    for (let i = 0; i < 2; i++) {
      const ends = [client(), server()] as const;
      joinInMemory(...ends);
      expect(ends.map(({ state }) => state)).toEqual(["open", "open"]);
    }
  });

  it("leave to each connection what is its own", () => {
    const lines: string[] = [];
    const client = prepareClient(clientOptions());
    const [right, wrong] = [client({ keyLog: (line) => lines.push(line) }), client()];
    const other = client({ serverName: "other.example" });
    for (const end of [right, wrong, other]) joinInMemory(end, server());
    expect([right.state, wrong.state]).toEqual(["open", "open"]);
    expect(other.error?.code).toBe("wrong_name");
    expect(new Set(lines.map((line) => line.split(" ")[1])).size).toBe(1);
  });

  it("are checked before there is any connection, and what is each one's own with it", () => {
    expect(() => prepareClient(clientOptions({ groups: ["x25520"] }))).toThrow("x25520");
    expect(() => prepareServer(serverOptions({ credentials: [] }))).toThrow(TypeError);
    const cautious = prepareClient(clientOptions({ authorize: () => true }));
    expect(() => cautious({ earlyData: "safe-to-replay" })).toThrow(TypeError);
    expect(cautious().state).toBe("idle");
  });
});

describe("discard", () => {
  it("ends an open connection without a word, which the peer can tell from a clean end", () => {
    const { client, server: peer } = connect();
    client.discard();
    expect(client.takeOutput()).toEqual([]);
    expect(client.takeEvents()).toEqual([]);
    expect(client.state).toBe("closed");
    expect(client.canWrite).toBe(false);
    peer.receiveEnd();
    expect(peer.error?.code).toBe("truncated");
  });

  it("gives up a handshake that has begun, without a word either", () => {
    const client = prepareClient(clientOptions())();
    client.start();
    client.discard();
    expect(client.takeOutput()).toEqual([]);
    expect(client.error?.code).toBe("canceled");
  });
});
