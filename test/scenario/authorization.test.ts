/** What `authorize` decides at either end, and when. */
import { describe, expect, it } from "vitest";
import {
  allow,
  type AuthorizationQuestion,
  type Authorize,
  type Verdict,
} from "../../src/authorization/index.ts";
import { type ConnectionEvent, judgeAgain } from "../../src/connection/index.ts";
import { createTrustStore } from "../../src/identity/index.ts";
import { MemoryReplayGuard } from "../../src/handshake/index.ts";
import { carry, joinInMemory, joinInMemoryAsync } from "../../src/connection/pair.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { clientOptions, connect, makeEnds, serverOptions } from "../support/ends.ts";
import { ca, serverName, testTime } from "../support/identities.ts";
import { resumable, sessionFrom } from "../support/sessions.ts";

const alice = ca.issue({ names: ["spiffe://example.org/alice"], usage: "client" });
const ledger = ca.issue({ names: [serverName, "spiffe://example.org/ledger"] });
const rules = allow([
  { from: "spiffe://example.org/alice", to: "spiffe://example.org/ledger", role: "writer" },
]);
const mutual = {
  client: { credentials: [alice] },
  server: { credentials: [ledger], clientAuthentication: "require" as const },
};
const typesOf = (events: readonly ConnectionEvent[]) =>
  events.map(({ type }) => type).filter((type) => type !== "finding");
const refuse = (): Verdict => ({ refused: "not on Sundays" });

describe.each(providers)("authorization with $name", ({ provider }) => {
  const meet = (client: Authorize | undefined, server: Authorize | undefined) =>
    connect(
      { provider, ...mutual.client, ...(client && { authorize: client }) },
      { provider, ...mutual.server, ...(server && { authorize: server }) },
    );

  it("binds a role to the peer, by rules that both ends have", () => {
    const { client, server } = meet(rules, rules);
    expect(server.negotiated?.peerRole).toBe("writer");
    expect(client.negotiated?.peerRole).toBe("writer");
  });

  it("is asked with all that was proven", () => {
    let asked: AuthorizationQuestion | undefined;
    meet(undefined, (question) => {
      asked = question;
      return true;
    });
    expect(asked).toMatchObject({
      role: "server",
      self: "spiffe://example.org/ledger",
      spiffeId: "spiffe://example.org/alice",
      names: { uri: ["spiffe://example.org/alice"] },
      group: "x25519",
      postQuantum: false,
      scheme: "ed25519",
      resumed: false,
      serverName,
    });
    expect(asked?.chain.map(({ subject }) => subject.text)).toHaveLength(2);
  });

  it("lets a server refuse, before the client's data is delivered", () => {
    const { client, server } = makeEnds(
      { provider, ...mutual.client },
      { provider, ...mutual.server, authorize: refuse },
    );
    server.start();
    client.start();
    server.receive(concat(...client.takeOutput()));
    client.receive(concat(...server.takeOutput()));
    client.write(utf8("in one flight with Finished"));
    const events = carry(client, server);
    expect(server.error).toMatchObject({
      code: "access_denied",
      detail: { rule: "authorization" },
    });
    expect(server.error?.message).toContain("not on Sundays");
    expect(server.error?.message).toContain("spiffe://example.org/alice");
    expect(server.negotiated).toBeUndefined();
    expect(typesOf(events.server)).toEqual(["error"]);
    expect(client.error).toMatchObject({ code: "peer_alert" });
    expect(client.error?.message).toContain("access_denied");
  });

  it("lets a client refuse its server", () => {
    const { client, server } = meet(refuse, undefined);
    expect(client.error?.code).toBe("access_denied");
    expect(client.negotiated).toBeUndefined();
    expect(server.error?.message).toContain("access_denied");
  });
});

describe("the verdict", () => {
  const judged = (authorize: Authorize) =>
    connect(mutual.client, { ...mutual.server, authorize }).server;

  it.each([false, undefined, null, "admin", {}, { role: 1 }, { role: "a", refused: "b" }, 1])(
    "%j is a refusal",
    (verdict) => {
      expect(judged(() => verdict as never).error?.code).toBe("access_denied");
    },
  );

  it("may be an error, which ends the connection too", () => {
    const { error } = judged(() => {
      throw new Error("no database");
    });
    expect(error).toMatchObject({ code: "internal" });
  });

  it.each([
    ["allowed", { role: "writer" } as const, "open"],
    ["refused", { refused: "no" } as const, "failed"],
  ])("may come later: %s", async (_, verdict, state) => {
    const { client, server } = makeEnds(mutual.client, {
      ...mutual.server,
      authorize: async () => {
        expect(server.busy).toBe(false);
        await Promise.resolve();
        expect(server.busy).toBe(true);
        return verdict;
      },
    });
    await joinInMemoryAsync(client, server);
    expect(server.state).toBe(state);
    expect(client.state).toBe(state);
  });

  it("is asked about strangers too, who have no names", () => {
    const asked: AuthorizationQuestion[] = [];
    const authorize: Authorize = (question) => {
      asked.push(question);
      return true;
    };
    const accept = {
      verifyClient: ({ chain }: { chain: AuthorizationQuestion["chain"] }) => ({
        chain,
        verified: undefined,
      }),
    };
    connect({}, { credentials: [ledger], authorize });
    connect(mutual.client, { ...mutual.server, ...accept, authorize });
    expect(asked).toMatchObject([
      { peer: undefined, spiffeId: undefined, chain: [] },
      { peer: { verified: undefined }, spiffeId: undefined, chain: [], names: { uri: [] } },
    ]);
  });

  it("has no ID of ours where the credentials have several", () => {
    let self: string | undefined = "unasked";
    connect(mutual.client, {
      ...mutual.server,
      credentials: [ledger, ca.issue({ names: [serverName, "spiffe://example.org/b"] })],
      authorize: (question) => {
        self = question.self;
        return true;
      },
    });
    expect(self).toBeUndefined();
  });
});

describe("a session", () => {
  it("is authorised again when it is resumed", () => {
    let isAllowed = true;
    const authorize: Authorize = ({ spiffeId, resumed }) =>
      isAllowed ? { role: `${spiffeId} ${resumed}` } : { refused: "no longer" };
    const server = resumable({ ...mutual.server, authorize });
    const psks = [sessionFrom(server, mutual.client)];
    const again = connect({ ...mutual.client, psks }, server);
    expect(again.server.negotiated?.peerRole).toBe("spiffe://example.org/alice true");
    isAllowed = false;
    expect(connect({ ...mutual.client, psks }, server).server.error?.code).toBe("access_denied");
  });

  it("brings early data that waits for the verdict", () => {
    let isAllowed = true;
    const server = resumable({
      ...mutual.server,
      earlyData: { maxSize: 100, replayGuard: new MemoryReplayGuard(() => testTime) },
      authorize: () => (isAllowed ? true : { refused: "no longer" }),
    });
    const send = () => {
      const psks = [sessionFrom(server, mutual.client)];
      return () => {
        const ends = makeEnds({ ...mutual.client, psks, earlyData: "safe-to-replay" }, server);
        ends.client.start();
        for (const piece of ["ear", "l", "y"]) ends.client.write(utf8(piece));
        ends.server.start();
        return typesOf(joinInMemory(ends.client, ends.server).server);
      };
    };
    const [first, second] = [send(), send()];
    // In one piece, however many there were
    expect(first()).toEqual(["open", "data"]);
    isAllowed = false;
    expect(second()).toEqual(["error"]);
  });

  it("cannot bring a client's early data to a server that it has not judged", () => {
    expect(() => makeEnds({ authorize: () => true, earlyData: "safe-to-replay" }, {})).toThrow(
      "`earlyData` would go out before `authorize` has decided",
    );
  });
});

describe("authentication after the handshake", () => {
  const later = (authorize: Authorize) => {
    const ends = connect(
      { ...mutual.client, postHandshakeAuthentication: true },
      { credentials: [ledger], authorize },
    );
    ends.server.requestCertificate();
    return { ...ends, events: joinInMemory(ends.client, ends.server) };
  };

  it("is judged by itself", () => {
    const { server, events } = later(({ peer }) => (peer ? { role: "known" } : { role: "guest" }));
    expect(events.server).toMatchObject([{ type: "peer", peerRole: "known" }]);
    expect(server.negotiated?.peerRole).toBe("known");
  });

  it("can be refused", () => {
    const { server } = later(({ peer }) => (peer ? { refused: "that one" } : { role: "guest" }));
    expect(server.error?.code).toBe("access_denied");
  });
});

describe("an open connection, judged again", () => {
  const { client, server } = connect(mutual.client, mutual.server);

  it("is still good", async () => {
    const options = serverOptions({ ...mutual.server, authorize: rules });
    await expect(judgeAgain("server", options, server.negotiated!)).resolves.toBe("writer");
    const ofClient = clientOptions(mutual.client);
    await expect(judgeAgain("client", ofClient, client.negotiated!)).resolves.toBeUndefined();
  });

  it("is not good if the rules have changed, or the trust, or the name", async () => {
    const refusals = [
      judgeAgain(
        "server",
        serverOptions({ ...mutual.server, authorize: refuse }),
        server.negotiated!,
      ),
      judgeAgain(
        "server",
        serverOptions({ ...mutual.server, trust: createTrustStore([]) }),
        server.negotiated!,
      ),
      judgeAgain("client", clientOptions({ serverName: "other.example" }), client.negotiated!),
    ];
    const codes = await Promise.all(refusals.map((each) => each.catch(({ code }) => code)));
    expect(codes).toEqual(["access_denied", "unknown_ca", "wrong_name"]);
  });

  it("needs a client's certificate from now on, if the options say so", async () => {
    const anonymous = connect({}, { credentials: [ledger] }).server;
    const options = serverOptions(mutual.server);
    await expect(judgeAgain("server", options, anonymous.negotiated!)).rejects.toMatchObject({
      code: "certificate_required",
    });
  });
});
