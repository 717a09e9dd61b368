/** A secret that has done its work does not wait for the end of the handshake, or of the connection. */
import { hashNamed } from "../../src/crypto/index.ts";
import { describe, expect, it } from "vitest";
import {
  type Connection,
  createClientConnection,
  createServerConnection,
} from "../../src/connection/index.ts";
import { sealedTickets, TicketKeys } from "../../src/handshake/index.ts";
import { joinInMemory } from "../../src/connection/pair.ts";
import { concat, equal } from "../../src/wire/index.ts";
import { anyProvider, clientOptions, serverOptions } from "../support/ends.ts";
import { watch } from "../support/watched-provider.ts";

describe("secrets that have done their work", () => {
  const inner = anyProvider;
  const keys = new TicketKeys(inner);
  const server = { tickets: sealedTickets(keys) };
  const client = { provider: inner };
  /** Everything that an end was given and that is not wiped. */
  function liveIn({ live }: ReturnType<typeof watch>) {
    const values: Uint8Array[] = [];
    const keyPairs = live((bytes) => values.push(bytes) > 0);
    return { values, keyPairs };
  }
  const holds = (values: readonly Uint8Array[], secret: Uint8Array): boolean =>
    values.some((each) => equal(each, secret));
  function sessionAndEarlySecret() {
    const a = createClientConnection(clientOptions(client));
    const b = createServerConnection(serverOptions({ ...server, provider: inner }));
    const { client: events } = joinInMemory(a, b);
    const session = events.flatMap((event) =>
      event.type === "session" ? [event.session] : [],
    )[0]!;
    const hash = hashNamed(session.hash, inner);
    return { session, earlySecret: hash.hmac(new Uint8Array(hash.length), session.secret) };
  }
  const give = (to: Connection, chunks: readonly Uint8Array[]) => {
    for (const chunk of chunks) to.receive(chunk);
  };

  it("are a server's early secret, once it has answered, and what its tickets came from", () => {
    const { session, earlySecret } = sessionAndEarlySecret();
    const watched = watch(inner);
    const a = createClientConnection(clientOptions({ ...client, psks: [session] }));
    const b = createServerConnection(serverOptions({ ...server, provider: watched.provider }));
    b.start();
    a.start();
    give(b, a.takeOutput());
    expect(b.state).toBe("handshaking");
    expect(holds(liveIn(watched).values, earlySecret)).toBe(false);
    give(a, b.takeOutput());
    give(b, a.takeOutput());
    expect(b.state).toBe("open");
    expect(b.negotiated?.resumed).toBe(true);
    const left = watched.live(() => false).filter((what) => what.startsWith("res master"));
    expect(left).toEqual([]);
  });

  it("are a client's early secret and its shares, once it has read ServerHello", () => {
    const { session, earlySecret } = sessionAndEarlySecret();
    const watched = watch(inner);
    const a = createClientConnection(
      clientOptions({ psks: [session], provider: watched.provider }),
    );
    const b = createServerConnection(serverOptions({ ...server, provider: inner }));
    b.start();
    a.start();
    expect(holds(liveIn(watched).values, earlySecret)).toBe(true);
    expect(liveIn(watched).keyPairs).toHaveLength(1);
    give(b, a.takeOutput());
    const flight = concat(...b.takeOutput());
    a.receive(flight.slice(0, 5 + (flight[3]! << 8) + flight[4]!));
    expect(a.state).toBe("handshaking");
    const { values, keyPairs } = liveIn(watched);
    expect(values.length).toBeGreaterThan(0);
    expect(holds(values, earlySecret)).toBe(false);
    expect(keyPairs).toEqual([]);
  });
});
