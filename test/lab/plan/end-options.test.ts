import { describe, expect, it } from "vitest";
import { createClientConnection, createServerConnection } from "../../../src/connection/index.ts";
import { MemoryReplayGuard, sealedTickets, TicketKeys } from "../../../src/handshake/index.ts";
import { clientOptions, serverOptions } from "../../../src/lab/plan/end-options.ts";
import { groups, defineGroup } from "../../../src/groups/index.ts";
import { suites } from "../../../src/crypto/index.ts";
import { anyProvider as provider } from "../../support/ends.ts";
import { clientCredential, serverCredential, testTime, trust } from "../../support/identities.ts";

const given = { provider, trust, now: () => testTime };
const client = { ...given, psks: [], serverName: "a.example", credentials: [clientCredential] };
const server = {
  ...given,
  credentials: [serverCredential],
  tickets: sealedTickets(new TicketKeys(provider)),
  replayGuard: new MemoryReplayGuard(() => testTime),
};

describe("the options of a plan", () => {
  it("are what it says, and of the rest the engine's defaults", () => {
    expect(clientOptions({}, client)).toEqual({
      ...client,
      postHandshakeAuthentication: false,
    });
    expect(serverOptions({}, server)).toEqual({ ...given, credentials: [serverCredential] });
    expect(() => createClientConnection(clientOptions({}, client))).not.toThrow();
    expect(() => createServerConnection(serverOptions({}, server))).not.toThrow();
  });

  it("hold what the plan says of a client", () => {
    const plan = { shares: ["x25519"], earlyData: 1, laterRequests: 1, serverName: "b.example" };
    expect(clientOptions({ ...plan, anonymous: true }, client)).toMatchObject({
      shares: ["x25519"],
      earlyData: "safe-to-replay",
      postHandshakeAuthentication: true,
      serverName: "b.example",
      credentials: [],
    });
  });

  it("hold what the plan says of a server", () => {
    const plan = { tickets: true, earlyData: 7, retryCookie: true, preference: "client" } as const;
    expect(serverOptions(plan, server)).toMatchObject({
      tickets: server.tickets,
      earlyData: { maxSize: 7, replayGuard: server.replayGuard },
      retryCookie: true,
      suitePreference: "client",
      groupPreference: "client",
    });
  });

  it("take values for names that are the caller's own", () => {
    const own = defineGroup({ ...groups[0]!, name: "mine", code: 0xfe00 });
    const [suite] = suites;
    const named = { groups: (name: string) => (name === "mine" ? own : name), suites: [suite!] };
    const plan = { groups: ["mine", "x25519"], suites: [suite!.name, "TLS_AES_256_GCM_SHA384"] };
    expect(clientOptions(plan, { ...client, named })).toMatchObject({
      groups: [own, "x25519"],
      suites: [suite, "TLS_AES_256_GCM_SHA384"],
    });
  });

  it("lay rules over the compatible policy", () => {
    expect(clientOptions({ policy: { retry: "never" } }, client).policy).toMatchObject({
      retry: "never",
      fallback: "any",
    });
    expect(clientOptions({ policy: "cnsa2" }, client).policy).toBe("cnsa2");
  });
});
