import { describe, expect, it } from "vitest";
import type { Connection } from "../../src/connection/index.ts";
import type { Kem } from "../../src/crypto/index.ts";
import { defineGroup } from "../../src/groups/index.ts";
import { carry, joinInMemory } from "../../src/connection/pair.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { anyProvider, connect, makeEnds } from "../support/ends.ts";
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

  it.each<[unknown]>([["text"], [new Uint16Array(2)], [new ArrayBuffer(2)], [undefined]])(
    "takes bytes only, and goes on after anything else: %o",
    (given) => {
      const { client, server } = connect();
      expect(() => client.write(given as Uint8Array)).toThrow("write: data must be bytes");
      expect(() => client.receive(given as Uint8Array)).toThrow("receive: bytes must be bytes");
      expect([client.takeOutput(), client.state, server.state]).toEqual([[], "open", "open"]);
    },
  );

  it("fails with an error of its own where its provider does, even if that can seal no alert", () => {
    let left = 0;
    const aead = anyProvider.aeads["aes-128-gcm"];
    const importKey: typeof aead.importKey = (key) => {
      if (left-- > 0) return aead.importKey(key);
      throw new Error("the token is gone");
    };
    const provider = {
      ...anyProvider,
      aeads: { ...anyProvider.aeads, "aes-128-gcm": { ...aead, importKey } },
    };
    const { server } = connect({}, { provider });
    expect([server.state, server.error?.code]).toEqual(["failed", "internal"]);
    // The handshake's two, and none for what comes after it
    left = 2;
    const late = connect({}, { provider }).server;
    expect(late.state).toBe("open");
    late.close();
    expect([late.state, late.error?.code]).toEqual(["failed", "internal"]);
    expect(late.error?.cause).toMatchObject({ message: "the token is gone" });
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

  it("updates no keys by an option that it does not know, or of another type", () => {
    const { client } = connect();
    client.takeOutput();
    expect(() => client.updateKeys({ requestpeer: false } as never)).toThrow(
      "updateKeys has no option requestpeer; did you mean requestPeer?",
    );
    expect(() => client.updateKeys({ requestPeer: "no" as never })).toThrow(TypeError);
    expect(client.takeOutput()).toEqual([]);
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

describe("the private keys of a client's shares", () => {
  /** A group whose key pairs say whether they were wiped. */
  function watched() {
    const wiped: boolean[] = [];
    const { x25519 } = anyProvider.kems;
    const kem: Kem = {
      ...x25519,
      generate() {
        const pair = x25519.generate();
        const index = wiped.push(false) - 1;
        const wipe = () => {
          wiped[index] = true;
          pair.wipe();
        };
        return { ...pair, decapsulate: (share) => pair.decapsulate(share), wipe };
      },
      encapsulate: (publicKey) => x25519.encapsulate(publicKey),
    };
    return { wiped, group: defineGroup({ name: "watched", code: 0xfe40, kems: [kem] }) };
  }

  it("are wiped when they have done their work", () => {
    const { wiped, group } = watched();
    const { client, server } = makeEnds({ groups: [group] }, { groups: [group] });
    client.start();
    expect(wiped).toEqual([false]);
    joinInMemory(client, server);
    expect(client.state).toBe("open");
    expect(wiped).toEqual([true]);
  });

  it.each<[string, (client: Connection) => void]>([
    ["close", (client) => client.close()],
    ["abort", (client) => client.abort()],
    ["the end of the stream", (client) => client.receiveEnd()],
    ["bad input", (client) => client.receive(new Uint8Array(5))],
  ])("are wiped when the handshake ends by %s", (_, end) => {
    const { wiped, group } = watched();
    const { client } = makeEnds({ groups: [group, "x25519"], shares: [group] });
    client.start();
    end(client);
    expect(wiped).toEqual([true]);
  });

  it("are wiped together, if a retry brought another", () => {
    const [first, second] = [watched(), watched()];
    const other = { ...second.group, name: "other", code: 0xfe41 };
    const { client } = connect({ groups: [first.group, other] }, { groups: [other] });
    expect(client.negotiated).toMatchObject({ group: "other", retried: true });
    // The server's side of a Diffie-Hellman exchange does not come by here
    expect([first.wiped, second.wiped]).toEqual([[true], [true]]);
  });
});
