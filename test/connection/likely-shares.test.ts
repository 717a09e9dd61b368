import { describe, expect, it } from "vitest";
import { likelyShares } from "../../src/connection/likely-shares.ts";
import { groups } from "../../src/groups/index.ts";
import {
  createClient,
  createDevelopmentCa,
  createServer,
  createTrustStore,
  joinInMemory,
  MemoryHistory,
  noble,
  type OfferedPsk,
  sealedTickets,
  TicketKeys,
} from "../../src/index.ts";

const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
const credentials = [ca.issue({ names: ["lab"] })];
const trust = createTrustStore([ca.certificate]);
const named = (...names: string[]) =>
  names.map((name) => groups.find((group) => group.name === name)!);

describe("the shares of the first ClientHello", () => {
  const offered = named("X25519MLKEM768", "SecP384r1MLKEM1024", "x25519", "MLKEM512");
  const session = (group: string | undefined) => ({ origin: { group } }) as unknown as OfferedPsk;

  it.each([
    [[], ["X25519MLKEM768"]],
    [["X25519MLKEM768"], ["X25519MLKEM768"]],
    // Weaker: never alone
    [["x25519"], ["X25519MLKEM768", "x25519"]],
    [["MLKEM512"], ["X25519MLKEM768", "MLKEM512"]],
    // Stronger: alone
    [["SecP384r1MLKEM1024"], ["SecP384r1MLKEM1024"]],
    // Not offered any more
    [["secp521r1"], ["X25519MLKEM768"]],
    // The first session is the one whose early data counts
    [["SecP384r1MLKEM1024", "x25519"], ["SecP384r1MLKEM1024"]],
  ])("after sessions by %j are %j", (taken, expected) => {
    const known = { psks: taken.map(session), history: undefined, key: "lab" };
    expect(likelyShares(offered, known).map(({ name }) => name)).toEqual(expected);
  });

  it("after a history are what the last open connection took, and no failed one", () => {
    const history = new MemoryHistory();
    const past = (outcome: "open" | "failed", group: string | null) =>
      history.remember("lab", {
        at: 1,
        outcome,
        offeredCategory: 3,
        helloBytes: 1400,
        group,
        category: 0,
        cipherSuite: null,
        peerSignatureScheme: null,
        alpn: null,
      });
    const names = (key?: string) =>
      likelyShares(offered, { psks: [], history, key }).map(({ name }) => name);
    expect(names("lab")).toEqual(["X25519MLKEM768"]);
    past("open", "MLKEM512");
    past("open", "x25519");
    past("failed", "MLKEM512");
    past("open", null);
    expect(names("lab")).toEqual(["X25519MLKEM768", "x25519"]);
    expect(names("another")).toEqual(["X25519MLKEM768"]);
    expect(names()).toEqual(["X25519MLKEM768"]);
  });
});

describe.each([["x25519"], ["secp256r1"]])("a server that takes %s alone", (group) => {
  it("costs a retry once, and early data goes through afterwards", () => {
    const tickets = sealedTickets(new TicketKeys(noble));
    const guard = { firstUse: () => true };
    const connectOnce = (own: object) => {
      const client = createClient({ serverName: "lab", trust, ...own });
      const server = createServer({
        credentials,
        groups: [group],
        tickets,
        earlyData: { maxSize: 100, replayGuard: guard },
      });
      const events = joinInMemory(client, server);
      const session = events.client.flatMap((each) =>
        each.type === "session" ? [each.session] : [],
      )[0];
      return { negotiated: client.negotiated!, session };
    };
    const first = connectOnce({});
    expect(first.negotiated).toMatchObject({ retried: true, group });
    const second = connectOnce({ psks: [first.session!], earlyData: "safe-to-replay" });
    expect(second.negotiated).toMatchObject({ retried: false, resumed: true, group });
    expect(second.negotiated.earlyData).toBe("accepted");
    const history = new MemoryHistory();
    expect(connectOnce({ history }).negotiated.retried).toBe(true);
    expect(connectOnce({ history }).negotiated.retried).toBe(false);
  });

  it("is not kept weaker by that when it has become better", () => {
    const history = new MemoryHistory();
    const connectOnce = (names: string[]) => {
      const client = createClient({ serverName: "lab", trust, history });
      joinInMemory(client, createServer({ credentials, groups: names, retry: "if-needed" }));
      return client.negotiated;
    };
    expect(connectOnce([group])).toMatchObject({ group, retried: true });
    expect(connectOnce(["X25519MLKEM768", group])).toMatchObject({
      group: "X25519MLKEM768",
      retried: false,
    });
  });
});
