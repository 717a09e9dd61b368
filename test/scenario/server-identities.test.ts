/** Who a server is for the name that a client asks for (RFC 6066 §3). */
import { describe, expect, it } from "vitest";
import { allow } from "../../src/authorization/index.ts";
import {
  createClientConnection,
  createServerConnection,
  judgeAgain,
  verifyAgainst,
} from "../../src/connection/index.ts";
import { createDevelopmentCa, createTrustStore } from "../../src/identity/index.ts";
import { policies } from "../../src/policy/index.ts";
import { joinInMemory, joinInMemoryAsync } from "../../src/connection/pair.ts";
import { providers } from "../crypto/providers.ts";
import { clientOptions, connect, serverOptions } from "../support/ends.ts";
import { ca, serverName, testTime } from "../support/identities.ts";
import { sealedTickets, TicketKeys } from "../../src/handshake/index.ts";

const named = (name: string) => ca.issue({ names: [name, `spiffe://example.org/${name}`] });
const shop = named("shop.example");
const bank = named("bank.example");

describe.each(providers)("a server of several names with $name", ({ provider }) => {
  const otherCa = createDevelopmentCa({ provider, now: testTime, algorithm: "ed25519" });
  const stranger = otherCa.issue({ names: ["stranger.example"], usage: "client" });
  const friend = ca.issue({ names: ["friend.example"], usage: "client" });
  const strangersOnly = verifyAgainst(createTrustStore([otherCa.certificate]));
  const identityFor = (name: string) =>
    name === "shop.example"
      ? { credentials: [shop] }
      : name === "bank.example"
        ? { credentials: [bank], verifyClient: strangersOnly }
        : undefined;
  const server = { provider, identityFor };
  const leafOf = ({ client }: ReturnType<typeof connect>) => client.negotiated?.peer?.chain[0]?.der;

  it("answers as who is chosen, and as itself for the rest", () => {
    const asked: string[] = [];
    const noting = {
      provider,
      identityFor: (name: string) => {
        asked.push(name);
        return identityFor(name);
      },
    };
    for (const [name, leaf] of [
      ["shop.example", shop.chain[0]?.der],
      ["bank.example", bank.chain[0]?.der],
    ] as const) {
      expect(leafOf(connect({ provider, serverName: name }, noting))).toEqual(leaf);
    }
    expect(connect({ provider }, noting).client.state).toBe("open");
    // An address is no name for SNI
    connect({ provider, serverName: "192.0.2.1" }, noting);
    expect(asked).toEqual(["shop.example", "bank.example", serverName]);
  });

  it("waits for an answer that takes its time", async () => {
    const client = createClientConnection(clientOptions({ provider, serverName: "shop.example" }));
    const end = createServerConnection(
      serverOptions({ provider, identityFor: (name) => Promise.resolve(identityFor(name)) }),
    );
    await joinInMemoryAsync(client, end);
    expect(client.negotiated?.peer?.chain[0]?.der).toEqual(shop.chain[0]?.der);
  });

  it.each([
    ["an error", () => Promise.reject(new Error("no such shop"))],
    ["no identity", () => ({}) as never],
    ["a misspelt one", () => ({ credential: [shop] }) as never],
    ["an empty policy", () => ({ credentials: [shop], policy: "cnsa2" }) as never],
  ])("refuses a client for whom the answer is %s", async (_, answer) => {
    const client = createClientConnection(clientOptions({ provider, serverName: "shop.example" }));
    const end = createServerConnection(serverOptions({ provider, identityFor: answer }));
    await joinInMemoryAsync(client, end);
    expect(end.state).toBe("failed");
    expect(client.error?.code).toBe("peer_alert");
  });

  it("verifies clients as the name says, in the handshake, in a resumed one and when judged again", async () => {
    const options = serverOptions({
      ...server,
      clientAuthentication: "require",
      tickets: sealedTickets(new TicketKeys(provider)),
    });
    const meet = (name: string, credential: typeof friend, psks = {}) => {
      const own = { provider, serverName: name, credentials: [credential], ...psks };
      const client = createClientConnection(clientOptions(own));
      const end = createServerConnection(options);
      const events = joinInMemory(client, end);
      return { client, end, events };
    };
    expect(meet("shop.example", friend).end.state).toBe("open");
    expect(meet("bank.example", friend).end.error?.code).toBe("unknown_ca");
    expect(meet("shop.example", stranger).end.error?.code).toBe("unknown_ca");
    const first = meet("bank.example", stranger);
    expect(first.end.state).toBe("open");
    const negotiated = first.end.negotiated!;
    await expect(judgeAgain("server", options, negotiated)).resolves.toBeUndefined();
    const elsewhere = { ...negotiated, serverName: "shop.example" };
    await expect(judgeAgain("server", options, elsewhere)).rejects.toMatchObject({
      code: "unknown_ca",
    });
    const psks = first.events.client.flatMap((event) =>
      event.type === "session" ? [event.session] : [],
    );
    expect(meet("bank.example", stranger, { psks }).end.negotiated?.resumed).toBe(true);
  });

  it("verifies as the name says after the handshake too, and is itself to whoever authorizes", () => {
    const authorize = allow([
      { from: "spiffe://example.org/a", to: "spiffe://example.org/bank.example", role: "teller" },
    ]);
    const teller = otherCa.issue({ names: ["spiffe://example.org/a"], usage: "client" });
    const own = { provider, serverName: "bank.example", credentials: [teller] };
    const client = createClientConnection(
      clientOptions({ ...own, postHandshakeAuthentication: true }),
    );
    const end = createServerConnection(
      serverOptions({ ...server, clientAuthentication: "require", authorize }),
    );
    joinInMemory(client, end);
    expect(end.negotiated?.peerRole).toBe("teller");
    end.requestCertificate();
    joinInMemory(client, end);
    expect([end.state, end.negotiated?.peer?.verified !== undefined]).toEqual(["open", true]);
  });

  it("is held to the server's policy under every name", () => {
    const policy = {
      ...policies.compatible,
      name: "no classical",
      signatures: ["mldsa65"],
    } as const;
    const pq = ca.issue({ names: [serverName], algorithm: "ML-DSA-65" });
    const credentials = [pq];
    const common = { ...server, credentials, policy };
    expect(connect({ provider }, common).client.state).toBe("open");
    const refused = connect({ provider, serverName: "shop.example" }, common);
    expect(refused.server.error?.message).toMatch(/the policy no classical leaves nothing/);
  });
});
