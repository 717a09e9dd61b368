import { describe, expect, it } from "vitest";
import { toServerName } from "../../src/connection/server-name.ts";
import { createClientConnection, prepareClient } from "../../src/connection/index.ts";
import { clientOptions, connect, serverOptions } from "../support/ends.ts";
import { serverName, trust } from "../support/identities.ts";
import { createServerConnection, verifyAgainst } from "../../src/connection/index.ts";
import { joinInMemory } from "../../src/connection/pair.ts";

const longLabel = "a".repeat(63);

// RFC 6066 §3, RFC 9525 §6.1
describe("a server's name", () => {
  it.each([
    ["www.example.com", "www.example.com"],
    ["WWW.Example.COM.", "www.example.com"],
    ["localhost", "localhost"],
    ["a_b.example", "a_b.example"],
    [`${longLabel}.example`, `${longLabel}.example`],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example", "xn--bcher-kva.example"],
    ["faß.example", "xn--fa-hia.example"],
    ["例え。テスト", "xn--r8jz45g.xn--zckzah"],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["[::1]", "::1"],
  ])("has one form: %s", (given, name) => {
    expect(toServerName(given)).toBe(name);
  });

  it.each([
    "",
    ".",
    "*.example",
    "a b.example",
    "a\0.example",
    "a..example",
    "example.com:443",
    "https://example.com",
    "user@example.com",
    "-a.example",
    "300.1.2.3",
    "1.2.3.4.5",
    "127.1",
    `${longLabel}a.example`,
    `${`${longLabel}.`.repeat(4)}com`,
    "bücher.example:443",
    "bücher.example/path",
    "b%FCcher.example",
    "bücher%2eexample",
    "ü@b.example",
    "１２７.０.０.１",
    "a．b／c",
    "\u202eexample.com",
    "xn--ü",
    "é".repeat(64),
  ])("that no SNI can carry is refused: %j", (name) => {
    expect(() => toServerName(name)).toThrow(RangeError);
    expect(() => createClientConnection(clientOptions({ serverName: name }))).toThrow(
      /is neither a host name nor an IP address/,
    );
  });

  it("is refused where a prepared client gets it", () => {
    const prepared = prepareClient({ trust });
    expect(() => prepared({ serverName: "*.example" })).toThrow(RangeError);
    expect(() => prepared({ serverName })).not.toThrow();
  });

  it("is sent, verified and told in that form", () => {
    const { client, server } = connect({ serverName: `${serverName.toUpperCase()}.` });
    expect(client.state).toBe("open");
    expect(server.negotiated?.serverName).toBe(serverName);
    expect(client.negotiated?.serverName).toBe(serverName);
  });
});

// RFC 9525 §6
describe("a client that verifies by trust", () => {
  it("needs a name, and says what to write without one", () => {
    expect(() => createClientConnection({ trust })).toThrow(TypeError);
    expect(() => createClientConnection({ trust })).toThrow(/needs `serverName`.*anyName: true/);
    const prepared = prepareClient({ trust });
    expect(() => prepared()).toThrow(/needs `serverName`/);
    expect(() => prepared({})).toThrow(/needs `serverName`/);
    expect(() => createClientConnection({ trust, serverName })).not.toThrow();
  });

  const join = (anyName: boolean) => {
    const { serverName: _, trust: __, ...others } = clientOptions();
    const verifyServer = verifyAgainst(trust, { anyName });
    const client = createClientConnection({ ...others, verifyServer });
    joinInMemory(client, createServerConnection(serverOptions()));
    return client;
  };

  it("takes any name only where that is said", () => {
    expect(join(true).negotiated?.peer?.verified).toBeDefined();
    expect(join(false).error).toMatchObject({ code: "misuse" });
  });
});
