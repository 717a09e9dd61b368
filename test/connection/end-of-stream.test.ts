import { describe, expect, it } from "vitest";
import {
  acceptAnyCertificate,
  carry,
  createClientConnection,
  createDevelopmentCa,
  createServerConnection,
  joinInMemory,
  noble,
} from "../../src/index.ts";

const now = Date.UTC(2026, 10, 1);
const ca = createDevelopmentCa({ provider: noble, now });
const serverCredential = ca.issue({ names: ["server.example"] });
const clientCredential = ca.issue({ names: ["client.example"], usage: "client" });

/** A server that verifies its client elsewhere, and a client that has sent all it wants to. */
function pairWithSlowVerifier() {
  let allow = (): void => {};
  const asked = new Promise<void>((resolve) => {
    allow = resolve;
  });
  const ends = {
    server: createServerConnection({
      now: () => now,
      groups: ["x25519"],
      credentials: [serverCredential],
      clientAuthentication: "require",
      verifyClient: async (question) => {
        await asked;
        return acceptAnyCertificate(question);
      },
    }),
    client: createClientConnection({
      now: () => now,
      groups: ["x25519"],
      credentials: [clientCredential],
      verifyServer: acceptAnyCertificate,
    }),
  };
  joinInMemory(ends.client, ends.server);
  ends.client.write(new Uint8Array(3));
  return { ...ends, allow };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the end of the stream while an operation runs", () => {
  it("waits for what came before it, and is then a clean end", async () => {
    const { client, server, allow } = pairWithSlowVerifier();
    client.close();
    carry(client, server);
    server.receiveEnd();
    expect(server.busy).toBe(true);
    expect(server.state).toBe("handshaking");
    allow();
    await settled();
    expect(server.takeEvents().map(({ type }) => type)).toEqual(["open", "data", "end"]);
    expect(server.error).toBeUndefined();
  });

  it("is a truncation all the same without close_notify", async () => {
    const { client, server, allow } = pairWithSlowVerifier();
    carry(client, server);
    server.receiveEnd();
    allow();
    await settled();
    expect(server.takeEvents().map(({ type }) => type)).toEqual(["open", "data", "error"]);
    expect(server.error?.code).toBe("truncated");
  });
});
