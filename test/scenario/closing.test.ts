/** How connections end: RFC 9846 §6.1. */
import { describe, expect, it } from "vitest";
import type { Connection, ConnectionEvent } from "../../src/connection/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { carry } from "../../src/connection/pair.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { connect, makeEnds } from "../support/ends.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { intercept } from "../support/interceptor.ts";

const types = (events: readonly ConnectionEvent[]) => events.map(({ type }) => type);
const roles = ["client", "server"] as const;

describe.each(roles)("when the %s closes first", (side) => {
  const pair = () => {
    const { client, server } = connect();
    const [near, far] = side === "client" ? [client, server] : [server, client];
    return { client, server, near, far };
  };

  it("the other may go on, and close later", () => {
    const { client, server, near, far } = pair();
    near.write(utf8("last words"));
    near.close();
    expect(near.state).toBe("open");
    expect(near.canWrite).toBe(false);
    let events = carry(client, server);
    expect(types(events[far.role])).toEqual(["data", "end"]);
    expect(far.state).toBe("open");
    far.write(utf8("an answer"));
    events = carry(client, server);
    expect(types(events[near.role])).toEqual(["data"]);
    far.close();
    events = carry(client, server);
    expect(types(events[near.role])).toEqual(["end"]);
    expect([near.state, far.state]).toEqual(["closed", "closed"]);
    expect([near.error, far.error]).toEqual([undefined, undefined]);
  });

  it("it writes no more, and says why", () => {
    const { near } = pair();
    near.close();
    expect(tlsErrorOf(() => near.write(utf8("x")))).toMatchObject({ code: "misuse" });
    expect(tlsErrorOf(() => near.write(utf8("x"))).message).toContain("closed for writing");
    expect(tlsErrorOf(() => near.updateKeys()).code).toBe("misuse");
    near.takeOutput();
    near.close();
    expect(near.takeOutput()).toEqual([]);
  });

  it("it answers no request for a key update", () => {
    const { client, server, near, far } = pair();
    near.close();
    carry(client, server);
    far.updateKeys();
    far.write(utf8("under new keys"));
    near.receive(concat(...far.takeOutput()));
    expect(types(near.takeEvents())).toEqual(["data"]);
    expect(near.takeOutput()).toEqual([]);
    expect(near.error).toBeUndefined();
  });

  it("it sends no alert after its close_notify, whatever comes", () => {
    const { client, server, near } = pair();
    near.close();
    carry(client, server);
    near.receive(Uint8Array.of(23, 3, 3, 0, 20, ...new Uint8Array(20)));
    expect(near.error).toMatchObject({ code: "bad_record_mac" });
    expect(near.takeOutput()).toEqual([]);
  });
});

describe("when both close at once", () => {
  it("both are closed", () => {
    const { client, server } = connect();
    client.close();
    server.close();
    const events = carry(client, server);
    expect([client.state, server.state]).toEqual(["closed", "closed"]);
    expect([types(events.client), types(events.server)]).toEqual([["end"], ["end"]]);
  });
});

describe("a handshake that is given up", () => {
  it("tells the server user_canceled and close_notify", () => {
    const { client, server } = makeEnds();
    client.start();
    server.start();
    client.close();
    expect(client.state).toBe("closed");
    const bytes = concat(...client.takeOutput());
    expect([...bytes.subarray(-14)]).toEqual([21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0]);
    server.receive(bytes);
    expect(server.error).toMatchObject({ code: "peer_alert" });
    expect(server.error?.message).toContain("close_notify");
  });

  it("by the server reaches the client under its keys", () => {
    const { client, server } = makeEnds();
    client.start();
    server.start();
    server.receive(concat(...client.takeOutput()));
    server.close();
    client.receive(concat(...server.takeOutput()));
    expect(server.state).toBe("closed");
    // The server's flight was whole: the client was open, and then there was no more
    expect(types(client.takeEvents())).toEqual(["open", "end"]);
  });

  it("before its beginning is silent", () => {
    const { client } = makeEnds();
    client.close();
    expect(client.state).toBe("closed");
    expect(client.takeOutput()).toEqual([]);
    expect(client.takeEvents()).toEqual([]);
  });
});

describe("abort", () => {
  it("sends what the error says, or that we gave up", () => {
    const ends = (error?: TlsError) => {
      const between = intercept();
      between.client.abort(error);
      between.run();
      expect(between.client.state).toBe("failed");
      return between;
    };
    const plain = ends();
    expect(plain.alertsBy("client")).toEqual(["user_canceled", "close_notify"]);
    expect(plain.client.error).toMatchObject({ code: "canceled", role: "client" });
    expect(types(plain.events.server)).toEqual(["open", "end"]);
    const late = ends(new TlsError("timeout", "too slow"));
    expect(late.alertsBy("client")).toEqual(["general_error"]);
    expect(late.server.error).toMatchObject({ code: "peer_alert" });
    const silent = ends(new TlsError("truncated", "gone"));
    expect(silent.alerts).toEqual([]);
  });

  it("is final, and does nothing twice", () => {
    const { client } = connect();
    client.abort();
    client.takeOutput();
    client.takeEvents();
    const again = (act: () => void) => {
      act();
      expect(client.takeOutput()).toEqual([]);
      expect(client.takeEvents()).toEqual([]);
    };
    again(() => client.abort());
    again(() => client.close());
    again(() => client.receive(new Uint8Array(100)));
    again(() => client.receiveEnd());
    expect(tlsErrorOf(() => client.write(utf8("x"))).code).toBe("misuse");
    expect(client.state).toBe("failed");
  });
});

describe("after the end", () => {
  it.each(roles)("the %s keeps what it knew, and no secret", (side) => {
    const { client, server } = connect();
    const end: Connection = side === "client" ? client : server;
    const exported = () => end.exportKeyingMaterial("EXPERIMENTAL", utf8(""), 32);
    expect(exported()).toHaveLength(32);
    client.close();
    server.close();
    carry(client, server);
    expect(end.negotiated?.group).toBe("x25519");
    expect(tlsErrorOf(exported)).toMatchObject({ code: "misuse" });
  });
});
