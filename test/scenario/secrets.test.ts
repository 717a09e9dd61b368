/** Whichever way a connection ends, and wherever it stands then: nothing that was secret is left. */
import { describe, expect, it } from "vitest";
import {
  type Connection,
  createClientConnection,
  createServerConnection,
} from "../../src/connection/index.ts";
import {
  importPsk,
  MemoryTicketStore,
  type OfferedPsk,
  type Psk,
  sealedTickets,
  storedTickets,
  TicketKeys,
  type Tickets,
} from "../../src/handshake/index.ts";
import { equal, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { clientOptions, serverOptions } from "../support/ends.ts";
import { clientCredential, serverCredential } from "../support/identities.ts";
import type { Client, Server } from "../support/sessions.ts";
import { watch } from "../support/watched-provider.ts";

const ends = {
  "abort()": (end: Connection) => end.abort(),
  "close()": (end: Connection) => end.close(),
  "discard()": (end: Connection) => end.discard(),
  "the end of the stream": (end: Connection) => end.receiveEnd(),
  "a record that nobody can read": (end: Connection) =>
    end.receive(Uint8Array.of(23, 3, 3, 0, 1, 0)),
} as const;

/** How many steps nobody takes: a handshake is over long before. */
const forever = 1000;

const fastest = providers.some(({ name }) => name === "native") ? "native" : providers[0]!.name;

describe.each(providers)("secrets, with $name", ({ name: providerName, provider: inner }) => {
  const { provider, ...watched } = watch(inner);
  const keys = new TicketKeys(inner);
  const guard = { firstUse: () => true };
  const takesEarly = { earlyData: { maxSize: 1000, replayGuard: guard } };

  /** Two ends, walked piece by piece. What is written is public, as is what the application was given. */
  function conversation(client: Client, server: Server) {
    const open: Uint8Array[] = [];
    const sessions: OfferedPsk[] = [];
    const observer = { message: (_: string, raw: Uint8Array) => void open.push(raw.slice()) };
    const a = createClientConnection(clientOptions({ ...client, provider, observer }));
    const b = createServerConnection(serverOptions({ ...server, provider, observer }));
    const isPublic = (bytes: Uint8Array): boolean =>
      open.some((raw) => contains(raw, bytes)) ||
      [...sessions, ...(client.psks ?? [])].some(({ secret }) => equal(secret, bytes));
    /** What the application is given is its own from then on. */
    const takeSessions = (): OfferedPsk[] => {
      for (const event of a.takeEvents()) {
        if (event.type === "session") sessions.push(event.session);
      }
      return sessions;
    };
    const moves = function* (): Generator<void> {
      b.start();
      a.start();
      if (a.canWrite) a.write(utf8("early"));
      yield;
      let isUpdated = false;
      for (let isMoving = true; isMoving;) {
        isMoving = false;
        for (const [from, to] of [
          [a, b],
          [b, a],
        ] as const) {
          for (const chunk of from.takeOutput()) {
            isMoving = true;
            to.receive(chunk);
            yield;
          }
        }
        if (!isMoving && !isUpdated && a.state === "open" && b.state === "open") {
          isUpdated = isMoving = true;
          for (const end of [a, b]) {
            end.write(utf8("data"));
            end.updateKeys();
            end.write(utf8("more"));
          }
          yield;
        }
      }
    };
    return { a, b, takeSessions, live: () => (takeSessions(), watched.live(isPublic)), moves };
  }

  /** Goes so many steps. Gives how many there were. */
  function walk(moves: Iterator<void>, steps: number): number {
    for (let taken = 0; taken < steps; taken++) if (moves.next().done === true) return taken;
    return steps;
  }

  /** A session of such a server, made where nobody looks. */
  function sessionOf(server: Server): OfferedPsk {
    const first = conversation({}, server);
    walk(first.moves(), forever);
    watched.forget();
    return first.takeSessions()[0]!;
  }

  const sealed = { tickets: sealedTickets(keys) };
  const hybrid = { groups: ["X25519MLKEM768", "x25519"] };
  const external = importPsk(
    inner,
    { identity: utf8("a"), secret: utf8("a shared key"), context: utf8("") },
    "sha256",
  );
  const scenarios: Readonly<Record<string, () => [Client, Server]>> = {
    "a full handshake": () => [hybrid, { ...hybrid, ...sealed }],
    "a client with a certificate": () => [
      { credentials: [clientCredential] },
      { ...sealed, clientAuthentication: "require" },
    ],
    "a retry": () => [
      { groups: ["secp256r1", "x25519"], shares: ["secp256r1"] },
      { groups: ["x25519"], retry: "for-preferred" },
    ],
    "a resumption": () => [{ psks: [sessionOf(sealed)] }, sealed],
    "a resumption from a store": () => {
      const stored = { tickets: storedTickets(new MemoryTicketStore(), inner.random) };
      return [{ psks: [sessionOf(stored)] }, stored];
    },
    "a resumption after a retry": () => [
      { psks: [sessionOf(sealed)], groups: ["secp256r1", "x25519"], shares: ["secp256r1"] },
      { ...sealed, groups: ["x25519"] },
    ],
    "early data": () => {
      const server = { ...sealed, ...takesEarly };
      return [{ psks: [sessionOf(server)], earlyData: "safe-to-replay" }, server];
    },
    "early data that is refused": () => {
      const psks = [sessionOf({ ...sealed, ...takesEarly })];
      return [{ psks, earlyData: "safe-to-replay" }, sealed];
    },
    "an external key": () => [
      { psks: [external] },
      { lookUpPsk: (identity) => (equal(identity, external.identity) ? external : undefined) },
    ],
    "a server of another name": () => [{ serverName: "other.example" }, sealed],
  };

  it.each(Object.keys(scenarios))("are gone wherever %s ends", { timeout: 60_000 }, (name) => {
    const make = scenarios[name]!;
    const count = walk(conversation(...make()).moves(), forever);
    expect(count).toBeLessThan(forever);
    // With what is made once for each hash, which is public
    watched.forget();
    const ways = Object.entries(ends);
    for (let steps = 1; steps <= count; steps++) {
      // Every way everywhere would take minutes
      const turns = providerName === fastest ? [0, 2] : [0];
      const some = turns.map((turn) => ways[(steps + turn) % ways.length]!);
      for (const [way, end] of some) {
        const { a, b, live, moves } = conversation(...make());
        walk(moves(), steps);
        for (const side of [a, b]) end(side);
        // What only closes ends when the other has closed, too
        for (const side of [a, b]) if (!["closed", "failed"].includes(side.state)) side.abort();
        expect([way, steps, live()]).toEqual([way, steps, []]);
        watched.forget();
      }
    }
  });

  const never = new Promise<never>(() => {});
  const pending: Readonly<Record<string, () => [Client, Server]>> = {
    "the client's verifier": () => [{ verifyServer: () => never }, sealed],
    "the client's verifier, for a session": () => [
      { psks: [sessionOf(sealed)], verifyServer: () => never },
      sealed,
    ],
    "the server's signer": () => {
      const signer = { ...serverCredential.signer, sign: () => never };
      return [{}, { credentials: [{ ...serverCredential, signer }] }];
    },
    "the client's signer": () => {
      const signer = { ...clientCredential.signer, sign: () => never };
      return [
        { credentials: [{ ...clientCredential, signer }] },
        { clientAuthentication: "require" },
      ];
    },
    "the server's authorize": () => [{}, { ...sealed, authorize: () => never }],
    "the replay guard": () => {
      const server = { ...sealed, ...takesEarly };
      const asks = {
        ...server,
        earlyData: { ...takesEarly.earlyData, replayGuard: { firstUse: () => never } },
      };
      return [{ psks: [sessionOf(server)], earlyData: "safe-to-replay" }, asks];
    },
    "a ticket that is made": () => [{}, { tickets: { ...sealed.tickets, issue: () => never } }],
    "a ticket that is looked up": () => [
      { psks: [sessionOf(sealed)] },
      { tickets: { ...sealed.tickets, redeem: () => never } },
    ],
  };

  it.each(Object.keys(pending))("are gone if it ends while %s is asked", (name) => {
    walk(conversation({}, {}).moves(), forever);
    for (const [way, end] of Object.entries(ends)) {
      watched.forget();
      const { a, b, live, moves } = conversation(...pending[name]!());
      walk(moves(), forever);
      expect(a.busy || b.busy).toBe(true);
      for (const side of [a, b]) end(side);
      for (const side of [a, b]) if (!["closed", "failed"].includes(side.state)) side.abort();
      expect([way, live()]).toEqual([way, []]);
      watched.forget();
    }
  });

  it("are gone that come after the end", async () => {
    let found: Psk | undefined;
    let answer: (psk: Psk | undefined) => void = () => {};
    const tickets: Tickets = {
      ...sealed.tickets,
      redeem(ticket) {
        found = sealed.tickets.redeem(ticket) as Psk;
        return new Promise((resolve) => (answer = resolve));
      },
    };
    const { a, b, moves } = conversation({ psks: [sessionOf(sealed)] }, { tickets });
    walk(moves(), forever);
    b.abort();
    a.abort();
    expect(found!.secret.some((byte) => byte !== 0)).toBe(true);
    answer(found);
    await new Promise((resolve) => setTimeout(resolve));
    expect(found!.secret.every((byte) => byte === 0)).toBe(true);
    watched.forget();
  });

  it("of one connection are not those of another", () => {
    const first = conversation({}, sealed);
    walk(first.moves(), forever);
    const second = conversation({}, sealed);
    walk(second.moves(), forever);
    for (const side of [first.a, first.b]) side.abort();
    second.a.write(utf8("still here"));
    for (const chunk of second.a.takeOutput()) second.b.receive(chunk);
    expect(second.b.takeEvents().at(-1)).toMatchObject({ type: "data" });
    expect(second.a.exportKeyingMaterial("EXPERIMENTAL", utf8(""), 32)).toHaveLength(32);
    watched.forget();
  });
});

function contains(whole: Uint8Array, part: Uint8Array): boolean {
  for (let at = 0; at + part.length <= whole.length; at++) {
    if (whole[at] === part[0] && equal(whole.subarray(at, at + part.length), part)) return true;
  }
  return false;
}
