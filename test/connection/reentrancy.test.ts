/** What a callback in the middle of a step may do with its own connection: everything. */
import { describe, expect, it } from "vitest";
import type { ClientOptions, Connection } from "../../src/connection/index.ts";
import type { ConnectionHistory } from "../../src/detection/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { carry, joinInMemory, type PairEvents } from "../../src/connection/pair.ts";
import { utf8 } from "../../src/wire/index.ts";
import { connect, type Ends, makeEnds } from "../support/ends.ts";
import { acceptAnyCertificate } from "../../src/connection/index.ts";
import type { Signer } from "../../src/identity/index.ts";
import { clientCredential, trust } from "../support/identities.ts";

/** Every place from which the engine calls back before the handshake is over. */
const hooks: Readonly<Record<string, (act: () => void) => Partial<ClientOptions>>> = {
  keyLog: (act) => ({ keyLog: act }),
  "observer.message received": (act) => ({
    observer: { message: (direction) => direction === "received" && act() },
  }),
  "observer.message sent": (act) => ({
    observer: { message: (direction) => direction === "sent" && act() },
  }),
  "observer.record received": (act) => ({
    observer: { record: (direction) => direction === "received" && act() },
  }),
  "observer.record sent": (act) => ({
    observer: { record: (direction) => direction === "sent" && act() },
  }),
  padding: (act) => ({
    padding: () => {
      act();
      return 0;
    },
  }),
  verifyServer: (act) => ({
    verifyServer: (question) => {
      act();
      return acceptAnyCertificate(question);
    },
  }),
  authorize: (act) => ({
    authorize: () => {
      act();
      return true;
    },
  }),
  "history.recall": (act) => ({ history: historyThat("recall", act) }),
  "history.remember": (act) => ({ history: historyThat("remember", act) }),
};

function historyThat(name: keyof ConnectionHistory, act: () => void): ConnectionHistory {
  const idle: ConnectionHistory = { recall: () => [], remember: () => {} };
  return {
    ...idle,
    [name]: () => {
      act();
      return [];
    },
  };
}

interface Run {
  readonly client: Connection;
  readonly server: Connection;
  readonly events: PairEvents;
  /** What a method threw at the callback. */
  readonly thrown: readonly unknown[];
}

/** Joins two ends, of which the client's callback acts on the client, each time that it is called. */
function runWith(hook: string, act: (client: Connection) => void): Run {
  const thrown: unknown[] = [];
  let calls = 0;
  const made: Connection[] = [];
  const options = hooks[hook]!(() => {
    // What is asked while a connection is made cannot reach it
    const [client] = made;
    if (client === undefined) return;
    calls++;
    try {
      act(client);
    } catch (error) {
      thrown.push(error);
    }
  });
  const ends = makeEnds(options);
  made.push(ends.client);
  const events = joinInMemory(ends.client, ends.server);
  expect(calls).toBeGreaterThan(0);
  return { ...ends, events, thrown };
}

describe.each(Object.keys(hooks))("from inside %s", (hook) => {
  it.each([
    ["close", (client: Connection) => client.close(), "closed", undefined],
    ["abort", (client: Connection) => client.abort(), "failed", "canceled"],
    [
      "abort with an error",
      (client: Connection) => client.abort(new TlsError("access_denied", "not you")),
      "failed",
      "access_denied",
    ],
    ["discard", (client: Connection) => client.discard(), "failed", "canceled"],
  ] as const)("%s ends the connection, and nothing else of it is seen", (_, act, state, code) => {
    const { client, server, events, thrown } = runWith(hook, act);
    expect(thrown).toEqual([]);
    expect([client.state, client.error?.code]).toEqual([state, code]);
    expect(client.takeOutput()).toEqual([]);
    // No data, no ticket, and one error at most, which is the last
    const told = events.client.map(({ type }) => type).filter((type) => type !== "finding");
    expect(told).toEqual(code === undefined ? [] : ["error"]);
    // These two judge what has come about, when our Finished is on its way
    const isLate = hook === "authorize" || hook === "history.remember";
    if (!isLate) expect(server.negotiated).toBeUndefined();
    if (code !== undefined || !isLate)
      expect(server.error?.code ?? "peer_alert").toBe("peer_alert");
  });

  it("input waits for the step to end", () => {
    const noise = Uint8Array.of(99, 3, 3, 0, 1, 0);
    const { client, thrown } = runWith(hook, (end) => {
      end.receive(noise);
      // The caller's buffer is its own again
      noise.fill(0);
      noise[0] = 99;
    });
    expect(thrown).toEqual([]);
    expect([client.state, client.error?.code]).toEqual(["failed", "unexpected_message"]);
  });

  it("so does the end of the input", () => {
    const { client, thrown } = runWith(hook, (end) => end.receiveEnd());
    expect(thrown).toEqual([]);
    expect([client.state, client.error?.code]).toEqual(["failed", "truncated"]);
  });
});

describe("a callback that looks and does nothing", () => {
  it.each(Object.keys(hooks))("changes nothing: %s", (hook) => {
    const { client, server } = runWith(hook, (end) => void [end.state, end.busy, end.canWrite]);
    expect([client.state, server.state]).toEqual(["open", "open"]);
    client.write(utf8("a question"));
    const { server: events } = carry(client, server);
    expect(events).toMatchObject([{ type: "data", data: utf8("a question") }]);
  });
});

describe("a callback that throws", () => {
  /** A conversation with all that an open connection can be asked for, in which the client's callback throws once. */
  function throwAt(hook: string, nth: number): Ends & { readonly hasThrown: boolean } {
    // Not while it is made, where it throws at its maker
    let calls = -Infinity;
    const options = hooks[hook]!(() => {
      if (++calls === nth) throw new RangeError("the disk is full");
    });
    const { client, server } = makeEnds(
      { ...options, credentials: [clientCredential], postHandshakeAuthentication: true },
      { clientAuthentication: "request", trust },
    );
    calls = 0;
    joinInMemory(client, server);
    const steps = [
      () => client.write(utf8("a question")),
      () => client.updateKeys(),
      () => server.requestCertificate(),
      () => server.write(utf8("an answer")),
      () => client.close(),
    ];
    for (const step of steps) {
      if (client.state === "open") step();
      carry(client, server);
    }
    return { client, server, hasThrown: calls >= nth };
  }

  it.each(Object.keys(hooks))("ends the connection, whichever call it is: %s", (hook) => {
    const outcomes: string[] = [];
    for (let nth = 1; ; nth++) {
      const { client, hasThrown } = throwAt(hook, nth);
      if (!hasThrown) break;
      outcomes.push(`${client.state} ${client.error?.code}`);
    }
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome !== "failed internal")).toEqual([]);
  });
});

describe("an end in the middle of an open connection", () => {
  it.each(["close", "abort", "discard"] as const)(
    "%s from an observer of its own tickets",
    (act) => {
      const ends = connect(
        {},
        {
          observer: {
            message: (direction, _raw, epoch) => {
              if (direction === "received" && epoch === "application") ends.server[act]();
            },
          },
        },
      );
      const { client, server } = ends;
      client.updateKeys();
      if (act === "close") client.close();
      carry(client, server);
      expect(server.state).toBe(act === "abort" ? "failed" : "closed");
      expect(server.takeOutput()).toEqual([]);
    },
  );

  it("comes from a signer that is asked and ends its own connection", () => {
    const { signer } = clientCredential;
    const ending: Signer = {
      ...signer,
      sign: (scheme, message) => {
        ends.client.abort();
        return signer.sign(scheme, message);
      },
    };
    const ends = makeEnds(
      { credentials: [{ ...clientCredential, signer: ending }] },
      { clientAuthentication: "require", trust },
    );
    joinInMemory(ends.client, ends.server);
    expect(ends.client.error?.code).toBe("canceled");
    expect(ends.server.error).toMatchObject({ code: "peer_alert" });
  });
});

describe("a history that fails", () => {
  it("does not hide what the connection failed of", () => {
    const history: ConnectionHistory = {
      recall: () => [],
      remember: () => {
        throw new Error("the disk is full");
      },
    };
    const { client } = makeEnds({ history });
    client.start();
    client.receive(Uint8Array.of(99, 3, 3, 0, 1, 0));
    expect(client.error?.code).toBe("unexpected_message");
  });
});
