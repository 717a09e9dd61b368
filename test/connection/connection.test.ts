import { describe, expect, it } from "vitest";
import { carry } from "../../src/transport/pair.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { connect, makeEnds } from "../support/ends.ts";
import { tlsErrorOf } from "../support/errors.ts";

describe("a connection", () => {
  it("stands where it says", () => {
    const { client, server } = makeEnds();
    expect([client.role, client.state, client.canWrite, client.busy]).toEqual([
      "client",
      "idle",
      false,
      false,
    ]);
    client.start();
    server.start();
    expect([client.state, client.canWrite]).toEqual(["handshaking", false]);
    server.receive(concat(...client.takeOutput()));
    // A server may write as soon as its flight is out; it does not know yet to whom
    expect([server.state, server.canWrite]).toEqual(["handshaking", true]);
    client.receive(concat(...server.takeOutput()));
    expect([client.state, client.canWrite]).toEqual(["open", true]);
    server.receive(concat(...client.takeOutput()));
    expect(server.state).toBe("open");
    client.close();
    server.close();
    carry(client, server);
    expect([client.state, client.canWrite]).toEqual(["closed", false]);
  });

  it("begins once, and before it is fed", () => {
    const { client } = makeEnds();
    expect(tlsErrorOf(() => client.receive(new Uint8Array(1)))).toMatchObject({ code: "misuse" });
    client.start();
    expect(tlsErrorOf(() => client.start()).message).toContain("already started");
    expect(client.state).toBe("handshaking");
  });

  it("gives each event and each chunk once", () => {
    const { client, server } = connect();
    expect([client.takeEvents(), client.takeOutput()]).toEqual([[], []]);
    client.write(utf8("x"));
    expect(client.takeOutput().length).toBeGreaterThan(0);
    expect(client.takeOutput()).toEqual([]);
    expect(server.takeEvents()).toEqual([]);
  });

  it("gives no empty data, and sends none", () => {
    const { client, server } = connect();
    client.write(new Uint8Array(0));
    expect(client.takeOutput()).toEqual([]);
    expect(server.takeEvents()).toEqual([]);
  });

  it("gives data that is the caller's to keep", () => {
    const { client, server } = connect();
    client.write(utf8("one"));
    client.write(utf8("two"));
    const bytes = Buffer.concat(client.takeOutput());
    server.receive(bytes);
    bytes.fill(0);
    expect(server.takeEvents()).toMatchObject([{ data: utf8("one") }, { data: utf8("two") }]);
  });

  it.each(["handshaking", "closed for writing", "closed"])(
    "says why it takes no data: %s",
    (why) => {
      const { client, server } = why === "handshaking" ? makeEnds() : connect();
      if (why === "handshaking") client.start();
      else client.close();
      if (why === "closed") {
        server.close();
        carry(client, server);
      }
      const error = tlsErrorOf(() => client.write(utf8("x")));
      expect(error).toMatchObject({ code: "misuse" });
      expect(error.message).toContain(why);
      expect(client.state).not.toBe("failed");
    },
  );

  it("tells what it awaits", () => {
    const { client } = makeEnds();
    client.start();
    expect(tlsErrorOf(() => client.write(utf8("x"))).message).toContain(
      "awaits server_hello or hello_retry_request",
    );
  });

  it("updates its keys only while it is open", () => {
    const { client } = makeEnds();
    expect(tlsErrorOf(() => client.updateKeys()).code).toBe("misuse");
    const open = connect();
    expect(() => open.client.updateKeys()).not.toThrow();
    open.client.abort();
    expect(tlsErrorOf(() => open.client.updateKeys()).code).toBe("misuse");
  });
});

describe("an observer or a key log that throws", () => {
  it("ends the connection as our own error, not as the peer's", () => {
    const thrower = () => {
      throw new RangeError("the disk is full");
    };
    const { client, server } = connect({ keyLog: thrower });
    expect(client.error).toMatchObject({ code: "internal", alert: "internal_error" });
    expect(client.error?.message).toContain("the disk is full");
    expect(server.error).toMatchObject({ code: "peer_alert" });
  });
});
