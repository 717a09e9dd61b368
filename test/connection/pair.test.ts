import { describe, expect, it } from "vitest";
import { carry, joinInMemory, joinInMemoryAsync } from "../../src/connection/pair.ts";
import { utf8 } from "../../src/wire/index.ts";
import { makeEnds } from "../support/ends.ts";

describe("two connections in memory", () => {
  it("are started, and talk until both have said all", () => {
    const { client, server } = makeEnds();
    const events = joinInMemory(client, server);
    expect([client.state, server.state]).toEqual(["open", "open"]);
    expect(events.client.map(({ type }) => type)).toEqual(["open"]);
    expect(events.server.map(({ type }) => type)).toEqual(["open"]);
    expect(carry(client, server)).toEqual({ client: [], server: [] });
  });

  it("may be started already", () => {
    const { client, server } = makeEnds();
    client.start();
    server.start();
    joinInMemory(client, server);
    expect(client.state).toBe("open");
  });

  it("carry data both ways, and give what happened", () => {
    const { client, server } = makeEnds();
    joinInMemory(client, server);
    client.write(utf8("ping"));
    server.write(utf8("pong"));
    expect(carry(client, server)).toEqual({
      client: [{ type: "data", data: utf8("pong"), early: false }],
      server: [{ type: "data", data: utf8("ping"), early: false }],
    });
  });

  it("fall silent when one refuses the other", () => {
    const { client, server } = makeEnds({ groups: ["x25519"] }, { groups: ["secp256r1"] });
    const events = joinInMemory(client, server);
    expect(events.server.map(({ type }) => type)).toEqual(["error"]);
    expect(events.client.map(({ type }) => type)).toEqual(["error"]);
    expect([client.state, server.state]).toEqual(["failed", "failed"]);
  });

  it("wait for each other's asynchronous parts", async () => {
    const { client, server } = makeEnds({
      verifyServer: ({ chain }) => Promise.resolve({ chain, verified: undefined }),
    });
    const events = await joinInMemoryAsync(client, server);
    expect([client.state, server.state]).toEqual(["open", "open"]);
    expect(events.client).toHaveLength(1);
    expect(events.server).toHaveLength(1);
  });
});
