/** Peers that were fine when the connection began: revoked, replaced, ended, or judged by nobody in time. */
import { once } from "node:events";
import * as http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import {
  acceptAnyCertificate,
  connect,
  createDevelopmentCa,
  createHttpsServer,
  type HttpsServerOptions,
  createServer,
  type Crl,
  HttpsAgent,
  type HttpsAgentOptions,
  issueCrl,
  noble,
  parseCrl,
  TlsError,
  type TlsSocket,
} from "../../../src/node.ts";
import { ca, closed, portOf, quick } from "./support.ts";

const server = ca.issue({ names: ["localhost"] });
const client = ca.issue({ names: ["client.example"], usage: "client" });
const other = createDevelopmentCa({ provider: noble, now: Date.now() });

function listOf(...revoked: readonly { readonly chain: typeof server.chain }[]): Crl {
  const entries = revoked.map(({ chain: [leaf] }) => ({
    serialNumber: leaf!.serialNumber,
    revokedAt: Date.now() - 1000,
  }));
  return parseCrl(
    issueCrl({
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      revoked: entries,
      number: 1 + entries.length,
      thisUpdate: Date.now() - 1000,
      nextUpdate: Date.now() + 3_600_000,
      provider: noble,
    }).der,
  );
}

/** An agent and a server for it; gives what becomes of each request. */
async function withAgent(
  agentOptions: HttpsAgentOptions,
  serverOptions: Partial<HttpsServerOptions>,
  use: (given: {
    readonly agent: HttpsAgent;
    readonly https: ReturnType<typeof createHttpsServer>;
    readonly ask: () => Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  const options = { ...quick, credentials: [server], ...serverOptions };
  const https = createHttpsServer(options, (_, response) => response.end("x"));
  https.on("tlsClientError", () => {});
  const port = await portOf(https);
  const agent = new HttpsAgent({ ...quick, ca: ca.pem, keepAlive: true, ...agentOptions });
  const ask = (): Promise<string> =>
    new Promise((resolve) => {
      const request = http.get(
        { host: "localhost", port, agent, protocol: "https:" },
        (response) => {
          response.resume().on("end", () => {
            resolve(request.reusedSocket ? "reused" : "new");
          });
        },
      );
      request.on("error", ({ message }) => resolve(message));
    });
  try {
    await use({ agent, https, ask });
  } finally {
    agent.destroy();
    https.closeAllConnections();
    await closed(https);
  }
}

describe("a pool of connections", () => {
  it("does not go on with a server that was revoked", async () => {
    let crls = [listOf()];
    await withAgent({ revocation: () => ({ crls }) }, {}, async ({ ask }) => {
      expect([await ask(), await ask(), await ask()]).toEqual(["new", "reused", "reused"]);
      crls = [listOf(server)];
      for (let i = 0; i < 3; i++) expect(await ask()).toMatch(/^revoked/);
    });
  });

  it("does not go on with a server whose root was replaced", async () => {
    await withAgent({}, {}, async ({ agent, ask }) => {
      expect([await ask(), await ask()]).toEqual(["new", "reused"]);
      agent.update({ ca: other.pem });
      expect(await ask()).toMatch(/no path to a trust anchor/);
      agent.update({ ca: [other.pem, ca.pem] });
      expect([await ask(), await ask()]).toEqual(["new", "reused"]);
    });
  });

  it("asks the rules again, which may take their time", async () => {
    let allowed = true;
    const authorize = async () => {
      await sleep(5);
      return allowed;
    };
    await withAgent({ authorize: authorize as never }, {}, async ({ ask }) => {
      expect([await ask(), await ask()]).toEqual(["new", "reused"]);
      allowed = false;
      expect(await ask()).toMatch(/not allowed/);
    });
  });

  it("is judged on demand, and says what has ended", async () => {
    let crls = [listOf()];
    await withAgent({ revocation: () => ({ crls }) }, {}, async ({ agent, ask }) => {
      await ask();
      expect(await agent.judgeAgain()).toEqual([]);
      crls = [listOf(server)];
      const ended = await agent.judgeAgain();
      expect(ended.map((socket) => socket.connection?.error?.code)).toEqual([
        "certificate_revoked",
      ]);
    });
  });

  it("lets go of connections that are old", async () => {
    await withAgent({ maxConnectionAge: 300 }, {}, async ({ ask }) => {
      expect([await ask(), await ask()]).toEqual(["new", "reused"]);
      await sleep(320);
      expect([await ask(), await ask()]).toEqual(["new", "reused"]);
    });
  });
});

describe("a pool whose servers' certificates end", () => {
  it.each([
    ["end", /has expired|expired/],
    ["keep", /^reused$/],
  ] as const)("does as was chosen: %s", async (whenExpired, then) => {
    let now = Date.now();
    await withAgent({ whenExpired, now: () => now }, {}, async ({ ask }) => {
      expect([await ask(), await ask()]).toEqual(["new", "reused"]);
      now = server.chain[0]!.notAfter + 2000;
      // A verdict holds for a second
      await sleep(1050);
      expect(await ask()).toMatch(then);
    });
  });
});

describe("an HTTPS server", () => {
  const mutual = { clientAuthentication: "require", ca: ca.pem } as const;

  it("ends the connections of a client that was revoked", async () => {
    let crls = [listOf()];
    const revocation = () => ({ crls });
    await withAgent(
      { credentials: [client] },
      { ...mutual, revocation },
      async ({ https, ask }) => {
        expect([await ask(), await https.judgeAgain()]).toEqual(["new", []]);
        crls = [listOf(client)];
        expect(await https.judgeAgain()).toHaveLength(1);
        expect(await ask()).not.toMatch(/^(new|reused)$/);
      },
    );
  });

  it("has new options from the next connection on", async () => {
    await withAgent({ credentials: [client] }, mutual, async ({ agent, https, ask }) => {
      expect(await ask()).toBe("new");
      https.update({ ca: other.pem });
      expect(await ask()).toBe("reused");
      agent.destroy();
      expect(await ask()).not.toMatch(/^(new|reused)$/);
      expect(https.pendingHandshakes).toBe(0);
    });
  });

  it("drains connections that are old", async () => {
    await withAgent({}, { maxConnectionAge: 200 }, async ({ ask }) => {
      expect([await ask(), await ask()]).toEqual(["new", "reused"]);
      await sleep(300);
      expect(await ask()).toBe("new");
    });
  });

  it("answers what it was asked before a connection became old", async () => {
    const https = createHttpsServer(
      { ...quick, credentials: [server], maxConnectionAge: 50 },
      (_, response) => void setTimeout(() => response.end("late"), 200),
    );
    const port = await portOf(https);
    const agent = new HttpsAgent({ ...quick, ca: ca.pem, keepAlive: true });
    const request = http.get({ host: "localhost", port, agent, protocol: "https:" });
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    const { socket } = response;
    const over = once(socket, "close");
    let text = "";
    for await (const part of response.setEncoding("utf8")) text += part;
    expect(text).toBe("late");
    await over;
    agent.destroy();
    await closed(https);
  });
});

describe("a server", () => {
  it("ends connections that are old, after what was written", async () => {
    const listening = createServer(
      { ...quick, credentials: [server], maxConnectionAge: 100 },
      (socket) => void socket.write("x"),
    );
    const near = connect(await portOf(listening), "localhost", { ...quick, ca: ca.pem });
    let text = "";
    const began = performance.now();
    for await (const part of near) text += String(part);
    expect(text).toBe("x");
    expect(performance.now() - began).toBeGreaterThan(90);
    await closed(listening);
  });
});

describe("a connection that is judged again", () => {
  async function withSocket(
    options: Partial<Parameters<typeof createServer>[0]>,
    use: (accepted: TlsSocket, listening: ReturnType<typeof createServer>) => Promise<void>,
  ): Promise<void> {
    const mutual = { clientAuthentication: "require", ca: ca.pem } as const;
    const listening = createServer({ ...quick, credentials: [server], ...mutual, ...options });
    listening.on("tlsClientError", () => {});
    const port = await portOf(listening);
    const near = connect(port, "localhost", { ...quick, ca: ca.pem, credentials: [client] });
    near.on("error", () => {});
    const [accepted] = (await once(listening, "secureConnection")) as [TlsSocket];
    accepted.on("error", () => {});
    try {
      await use(accepted, listening);
    } finally {
      near.destroy();
      await closed(listening);
    }
  }

  it("may outlive its peer's certificate, where that was chosen", async () => {
    let now = Date.now();
    let crls = [listOf()];
    const revocation = () => ({ crls, whenUnknown: "accept" as const });
    await withSocket({ now: () => now, revocation }, async (accepted, listening) => {
      now = client.chain[0]!.notAfter + 1000;
      expect(await accepted.judgeAgain({ whenExpired: "keep" })).toBe(true);
      expect(await listening.judgeAgain({ whenExpired: "keep" })).toEqual([]);
      // Revoked is another thing
      now = Date.now();
      crls = [listOf(client)];
      expect(await accepted.judgeAgain({ whenExpired: "keep" })).toBe(false);
      expect(accepted.connection?.error?.code).toBe("certificate_revoked");
    });
    now = Date.now();
    crls = [listOf()];
    await withSocket({ now: () => now, revocation }, async (accepted) => {
      now = client.chain[0]!.notAfter + 1000;
      expect(await accepted.judgeAgain()).toBe(false);
      expect(accepted.connection?.error?.code).toBe("certificate_expired");
    });
  });

  it("is judged once its handshake is over, if it was to be judged while that ran", async () => {
    const tcp = createServer({ ...quick, credentials: [server] });
    tcp.on("tlsClientError", () => {});
    let asked = 0;
    let judged: Promise<boolean> | undefined;
    const socket = connect({
      ...quick,
      host: "127.0.0.1",
      port: await portOf(tcp),
      servername: "localhost",
      verifyServer: (question) => {
        if (++asked === 2) throw new TlsError("certificate_revoked", "just now");
        judged = socket.judgeAgain();
        return acceptAnyCertificate(question);
      },
    });
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toContain("just now");
    expect([asked, await judged]).toEqual([2, true]);
    await closed(tcp);
  });

  it("is refused where no verdict comes in time", async () => {
    let answer: true | Promise<never> = true;
    await withSocket({ authorize: () => answer }, async (accepted, listening) => {
      expect(await accepted.judgeAgain({ timeout: 20 })).toBe(true);
      answer = new Promise<never>(() => {});
      expect(await listening.judgeAgain({ timeout: 20 })).toEqual([accepted]);
      expect(accepted.connection?.error).toMatchObject({
        code: "access_denied",
        alert: "access_denied",
      });
    });
  });
});

describe("how somebody is judged again", () => {
  it("is refused where it cannot be, and the connection goes on", async () => {
    const listening = createServer({ ...quick, credentials: [server] });
    const socket = connect({
      ...quick,
      port: await portOf(listening),
      servername: "localhost",
      ca: ca.pem,
    });
    await once(socket, "secureConnect");
    const agent = new HttpsAgent({ ca: ca.pem });
    for (const wrong of [{ whenExpird: "keep" }, { whenExpired: "never" }, { timeout: "5" }]) {
      for (const judging of [socket, listening, agent]) {
        await expect(judging.judgeAgain(wrong as never)).rejects.toThrow(/judgeAgain/);
      }
    }
    expect(socket.connection?.state).toBe("open");
    expect(await socket.judgeAgain({ whenExpired: "keep", timeout: 5000 })).toBe(true);
    socket.destroy();
    await closed(listening);
  });
});
