/** Replacing what a server and its clients have, while they talk. */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import {
  allow,
  type Certificate,
  createDevelopmentCa,
  createTrustStore,
  type Credential,
  noble,
  type OfferedPsk,
  Renewer,
  Rotating,
  rotatingTrust,
  sealedTickets,
  TicketKeys,
  validityOf,
} from "../../../src/index.ts";
import { issueCrl, parseCrls } from "../../../src/identity/index.ts";
import {
  connect,
  createSecureContext,
  createServer,
  native,
  type TlsSocket,
} from "../../../src/node.ts";
import { ca, closed, connected, failureOf, portOf, quick, readAll, withServer } from "./support.ts";

const now = Date.now();
const echo = (socket: TlsSocket): void => void socket.pipe(socket);

describe("rotation under load", () => {
  it("loses no connection and no byte", { timeout: 60_000 }, async () => {
    // Two roots that share nothing; every renewal takes the other
    const roots = [ca, createDevelopmentCa({ provider: noble, algorithm: "ed25519", now })];
    let renewals = 0;
    const issue = (): Credential => roots[renewals % 2]!.issue({ names: ["127.0.0.1"] });
    const stores = new Rotating(createTrustStore([roots[0]!.certificate]), { overlap: 3_600_000 });
    const keys = new TicketKeys(native, 10);
    const first = issue();
    const server = createServer(
      { ...quick, credentials: [first], tickets: sealedTickets(keys) },
      echo,
    );
    const port = await portOf(server);
    const failures: unknown[] = [];
    server.on("tlsClientError", (error) => failures.push(error));
    const trust = rotatingTrust(stores);
    const secureContext = createSecureContext({ ...quick, trust });
    const renewer = new Renewer(first, {
      obtain: () => {
        renewals++;
        return issue();
      },
      install: (credential) => {
        const { certificate } = roots[renewals % 2]!;
        // Whoever verifies is told first
        stores.replace(createTrustStore([certificate]));
        server.update({ credentials: [credential] });
        keys.rotate();
      },
      validity: validityOf,
      schedule: () => () => undefined,
    });

    const long = connect(port, "127.0.0.1", { secureContext });
    await once(long, "secureConnect");
    const payload = Buffer.alloc(3000, "x");
    const used = new Set<Certificate | undefined>();
    const sessions: OfferedPsk[] = [];
    const outcomes = { offered: 0, resumed: 0 };
    const talk = async (index: number): Promise<number> => {
      if (index % 20 === 10) await renewer.renew();
      const session = index % 3 === 2 ? sessions.pop() : undefined;
      const socket = connect(port, "127.0.0.1", { secureContext, session });
      socket.on("session", (later: OfferedPsk) => sessions.push(later));
      await once(socket, "secureConnect");
      if (session !== undefined) outcomes.offered++;
      if (socket.isSessionReused()) outcomes.resumed++;
      used.add(socket.negotiated?.peer?.chain[0]);
      socket.end(payload);
      return (await readAll(socket)).length;
    };
    const received: number[] = [];
    let index = 0;
    const worker = async (): Promise<void> => {
      while (index < 100) {
        const mine = index++;
        received.push(await talk(mine));
        long.write(payload);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    long.end();
    expect((await readAll(long)).length).toBe(100 * payload.length);
    expect(received).toEqual(Array(100).fill(payload.length));
    expect(failures).toEqual([]);
    expect(renewals).toBe(5);
    expect(used.size).toBe(6);
    expect(outcomes.resumed).toBe(outcomes.offered);
    expect(outcomes.offered).toBeGreaterThan(20);
    await closed(server);
  });
});

describe("an update", () => {
  it("is for new handshakes: a running connection goes on", async () => {
    const other = createDevelopmentCa({ provider: noble, now });
    await withServer({}, async (port, server) => {
      server.on("secureConnection", echo);
      const before = await connected(port);
      server.update({ credentials: [other.issue({ names: ["localhost"] })] });
      const misled = connect(port, "localhost", { ...quick, ca: ca.pem });
      expect(await failureOf(misled)).toMatchObject({ reason: "unknown_ca" });
      const after = connect(port, "localhost", { ...quick, ca: other.pem });
      await once(after, "secureConnect");
      after.destroy();
      before.end("still here");
      expect((await readAll(before)).toString()).toBe("still here");
    });
  });

  it("that cannot work changes nothing", async () => {
    await withServer({}, async (port, server) => {
      expect(() => server.update({ groups: ["none"] })).toThrow(RangeError);
      expect(() => server.update({ credentials: [] })).toThrow("a server needs `credentials`");
      (await connected(port)).destroy();
    });
  });

  it("keeps tickets, and can replace them", async () => {
    await withServer({}, async (port, server) => {
      const sessionOf = async (): Promise<OfferedPsk> => {
        const socket = await connected(port);
        const [session] = (await once(socket, "session")) as [OfferedPsk];
        socket.destroy();
        return session;
      };
      const isResumed = async (session: OfferedPsk): Promise<boolean> => {
        const socket = await connected(port, { session });
        socket.destroy();
        return socket.isSessionReused();
      };
      const [one, two] = [await sessionOf(), await sessionOf()];
      server.update({ alpn: [] });
      expect(await isResumed(one)).toBe(true);
      server.update({ tickets: sealedTickets(new TicketKeys(native)) });
      expect(await isResumed(two)).toBe(false);
    });
  });
});

describe("what was revoked, or is not allowed any more", () => {
  const alice = ca.issue({ names: ["spiffe://example.org/alice"], usage: "client" });
  const bob = ca.issue({ names: ["spiffe://example.org/bob"], usage: "client" });
  const listOf = (...credentials: readonly Credential[]) =>
    parseCrls(
      issueCrl({
        issuer: ca.certificate,
        signingKey: ca.privateKey,
        provider: noble,
        thisUpdate: now - 1000,
        nextUpdate: now + 3_600_000,
        number: 1,
        revoked: credentials.map(({ chain: [leaf] }) => ({
          serialNumber: leaf!.serialNumber,
          revokedAt: now - 1000,
        })),
      }).der,
    );
  const mutual = { clientAuthentication: "require" as const, ca: ca.pem };
  const open = (port: number, credential: Credential) =>
    connected(port, { credentials: [credential] });

  it("is refused by the next handshake, at resumption, and on open connections", async () => {
    let crls = listOf();
    const options = { ...mutual, revocation: () => ({ crls }) };
    await withServer(options, async (port, server) => {
      const hers = await open(port, alice);
      const [session] = (await once(hers, "session")) as [OfferedPsk];
      const his = await open(port, bob);
      crls = listOf(alice);
      for (const special of [{}, { session }]) {
        const refused = connect(port, "127.0.0.1", {
          ...quick,
          ca: ca.pem,
          credentials: [alice],
          ...special,
        });
        expect((await failureOf(refused)).message).toContain("certificate_revoked");
      }
      // Until it is judged again, what is open stays open
      expect(hers.destroyed).toBe(false);
      const failure = failureOf(hers);
      const ended = await server.judgeAgain();
      expect(ended.map(({ negotiated }) => negotiated?.peer?.chain[0]?.subject.text)).toEqual([
        alice.chain[0]!.subject.text,
      ]);
      expect((await failure).message).toContain("certificate_revoked");
      expect(his.destroyed).toBe(false);
      his.destroy();
    });
  });

  it("loses its role, or the connection, when the rules change", async () => {
    const rule = (who: string, role: string) => ({ from: `spiffe://example.org/${who}`, role });
    const authorize = allow([rule("alice", "writer"), rule("bob", "reader")]);
    await withServer({ ...mutual, authorize }, async (port, server) => {
      const accepted: TlsSocket[] = [];
      server.on("secureConnection", (socket: TlsSocket) => accepted.push(socket));
      const [hers, his] = [await open(port, alice), await open(port, bob)];
      while (accepted.length < 2) await once(server, "secureConnection");
      expect(accepted.map(({ peerRole }) => peerRole)).toEqual(["writer", "reader"]);
      server.update({ authorize: allow([rule("alice", "reader")]) });
      const failure = failureOf(his);
      expect(await server.judgeAgain()).toHaveLength(1);
      expect((await failure).message).toContain("access_denied");
      expect(accepted[0]?.peerRole).toBe("reader");
      hers.destroy();
    });
  });

  it("does not slip through by a handshake that was under way", async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let crls = listOf();
    const options = {
      ...mutual,
      revocation: () => ({ crls }),
      // By the old lists the client has passed already
      authorize: () => gate.then(() => true as const),
    };
    await withServer(options, async (port, server) => {
      const accepted: TlsSocket[] = [];
      server.on("secureConnection", (socket: TlsSocket) => accepted.push(socket));
      const hers = await open(port, alice);
      const failure = failureOf(hers);
      crls = listOf(alice);
      await server.judgeAgain();
      release();
      expect((await failure).message).toContain("certificate_revoked");
      expect(accepted).toEqual([]);
    });
  });

  it("ends a client's connection to its server too", async () => {
    await withServer({}, async (port) => {
      const secureContext = createSecureContext({ ...quick, ca: ca.pem });
      const socket = connect(port, "127.0.0.1", { secureContext });
      await once(socket, "secureConnect");
      expect(await socket.judgeAgain()).toBe(true);
      secureContext.update({ trust: createTrustStore([]) });
      const failure = failureOf(socket);
      expect(await socket.judgeAgain()).toBe(false);
      expect(await failure).toMatchObject({ reason: "unknown_ca" });
    });
  });
});
