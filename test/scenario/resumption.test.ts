/** Resumption by ticket and by external key, and what must not resume: RFC 9846 §2.2, §4.3.11, §4.7.1. */
import { describe, expect, it } from "vitest";
import { acceptAnyCertificate } from "../../src/connection/index.ts";
import { type HashName, noble, suites } from "../../src/crypto/index.ts";
import { groups, isHybrid, isPostQuantum } from "../../src/groups/index.ts";
import {
  importPsk,
  MemoryTicketStore,
  type OfferedPsk,
  type PeerQuestion,
  type PskLookup,
  sealedTickets,
  storedTickets,
  TicketKeys,
} from "../../src/handshake/index.ts";
import { createDevelopmentCa, createTrustStore } from "../../src/identity/index.ts";
import { type ClientHello, decodeMessage } from "../../src/messages/index.ts";
import { equal, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { anyProvider, connect } from "../support/ends.ts";
import { clientCredential, serverCredential, testTime } from "../support/identities.ts";
import { edit, intercept, type Interceptor } from "../support/interceptor.ts";
import { changed } from "../support/raw.ts";
import { expectRefused, expectRefusedAndTold } from "../support/refusal.ts";
import {
  type Client,
  clockAt,
  days,
  editOffer,
  helloOf,
  isResumed,
  pskOf,
  resumable,
  seconds,
  type Server,
  sessionFrom,
  sessionsFrom,
  typesBy,
} from "../support/sessions.ts";

const other = createDevelopmentCa({ provider: noble, algorithm: "ed448", now: testTime });

describe.each(providers)("a session, with $name", ({ provider }) => {
  it.each(groups)("resumes with a new exchange of $name", (group) => {
    const common = { provider, groups: [group] };
    const server = resumable(common);
    const session = sessionFrom(server, common);
    const between = intercept({}, { ...common, psks: [session] }, server);
    expect(isResumed(between)).toBe(true);
    expect(between.client.negotiated).toMatchObject({
      group: group.name,
      hybrid: isHybrid(group),
      postQuantum: isPostQuantum(group),
      signatureScheme: undefined,
      peerSignatureScheme: "ed25519",
      origin: { group: group.name, postQuantum: isPostQuantum(group) },
    });
    expect(between.client.negotiated?.peer?.verified?.names).toContain("server.example");
    expect(typesBy("server", between)).toEqual([
      "server_hello",
      "encrypted_extensions",
      "finished",
      "new_session_ticket",
    ]);
    between.client.write(utf8("resumed"));
    between.run();
    expect(between.events.server.at(-1)).toMatchObject({ type: "data", data: utf8("resumed") });
  });

  it.each(suites)("resumes under $name", (suite) => {
    const common = { provider, suites: [suite] };
    const server = resumable(common);
    const psks = [sessionFrom(server, common)];
    expect(isResumed(intercept({}, { ...common, psks }, server))).toBe(true);
  });
});

describe("a session", () => {
  it("lasts for as long as its tickets of tickets, seven days from the full handshake at most", () => {
    const clock = clockAt();
    const tickets = sealedTickets(new TicketKeys(anyProvider), { lifetime: 604_800 });
    const server: Server = { tickets, now: clock.read };
    const client: Client = { now: clock.read };
    let [session] = sessionsFrom(server, client);
    expect(session?.origin).toMatchObject({ lifetime: 604_800, authenticatedAt: testTime });
    clock.now += 6 * days;
    const { events, ...ends } = connect({ ...client, psks: [session!] }, server);
    expect(isResumed(ends)).toBe(true);
    [session] = events.client.flatMap((event) => (event.type === "session" ? event.session : []));
    expect(session?.origin).toMatchObject({ lifetime: 86_400, authenticatedAt: testTime });
    clock.now += days - 1;
    const last = connect({ ...client, psks: [session!] }, server);
    expect(isResumed(last)).toBe(true);
    clock.now += 1;
    expect(isResumed(connect({ ...client, psks: [session!] }, server))).toBe(false);
  });

  it("is not offered after its ticket's lifetime, and not taken then", () => {
    const clock = clockAt();
    const tickets = sealedTickets(new TicketKeys(anyProvider), { lifetime: 60 });
    const server: Server = { tickets, now: clock.read };
    const session = sessionFrom(server);
    clock.now = testTime + 60 * seconds - 1;
    expect(isResumed(connect({ now: clock.read, psks: [session] }, server))).toBe(true);
    clock.now += 1;
    const fresh = intercept({}, { now: clock.read, psks: [session] }, server);
    expect(isResumed(fresh)).toBe(false);
    expect(helloOf(fresh).extensions.pre_shared_key).toBeUndefined();
    // This client believes that no time has passed
    const late = intercept({}, { psks: [session] }, server);
    expect(helloOf(late).extensions.pre_shared_key).toBeDefined();
    expect(isResumed(late)).toBe(false);
  });

  it("belongs to the name of its server, for both ends", () => {
    const server = resumable();
    const psks = [sessionFrom(server)];
    expect(isResumed(connect({ psks }, server))).toBe(true);
    const anyone = { verifyServer: acceptAnyCertificate };
    for (const serverName of ["192.0.2.1", "other.example"]) {
      const elsewhere = intercept({}, { psks, serverName, ...anyone }, server);
      expect(isResumed(elsewhere)).toBe(false);
      expect(helloOf(elsewhere).extensions.pre_shared_key).toBeUndefined();
    }
    // A client that offers it all the same
    const [session] = psks;
    const moved = { ...session!, origin: { ...session!.origin!, serverName: "other.example" } };
    const asked = { psks: [moved], serverName: "other.example", ...anyone };
    const between = intercept({}, asked, server);
    expect(helloOf(between).extensions.pre_shared_key).toBeDefined();
    expect(isResumed(between)).toBe(false);
  });

  it("belongs to the address of its server, which SNI does not say", () => {
    const server = resumable();
    const psks = [sessionFrom(server, { serverName: "192.0.2.1" })];
    expect(isResumed(connect({ psks, serverName: "192.0.2.1" }, server))).toBe(true);
    const elsewhere = intercept({}, { psks, serverName: "192.0.2.2" }, server);
    expect(helloOf(elsewhere).extensions.pre_shared_key).toBeUndefined();
    expectRefused(elsewhere, "client", { code: "wrong_name" });
  });

  it("resumes under another suite with the same hash, and not with another", () => {
    const all = { suites: suites.map(({ name }) => name) };
    const server = resumable(all);
    const session = sessionFrom(server, { suites: ["TLS_AES_128_GCM_SHA256"] });
    const resume = (...names: string[]) =>
      intercept({}, { suites: names, psks: [session] }, server);
    const chacha = resume("TLS_CHACHA20_POLY1305_SHA256");
    expect(isResumed(chacha)).toBe(true);
    expect(chacha.client.negotiated?.cipherSuite).toBe("TLS_CHACHA20_POLY1305_SHA256");
    expect(isResumed(resume("TLS_AES_256_GCM_SHA384"))).toBe(false);
  });

  it("is refused by a policy that does not like where it came from", () => {
    const both = { groups: ["X25519MLKEM768", "x25519"] };
    const server = resumable({ ...both, acceptOrigin: ({ postQuantum }) => postQuantum });
    const classical = sessionFrom(server, { groups: ["x25519"] });
    const hybrid = sessionFrom(server, both);
    expect(isResumed(connect({ ...both, psks: [classical] }, server))).toBe(false);
    expect(isResumed(connect({ ...both, psks: [hybrid] }, server))).toBe(true);
    const second = connect({ ...both, psks: [classical, hybrid] }, server);
    expect(isResumed(second)).toBe(true);
    expect(second.server.negotiated?.origin?.postQuantum).toBe(true);
  });

  it("is verified where nobody verified it", () => {
    const server = resumable();
    const session = sessionFrom(server, { verifyServer: acceptAnyCertificate });
    expect(session.origin?.peer?.verified).toBeUndefined();
    const strict = connect({ psks: [session] }, server);
    expect(isResumed(strict)).toBe(true);
    expect(strict.client.negotiated?.peer?.verified?.names).toContain("server.example");
  });

  it("comes only to clients that could use it", () => {
    const dropModes = edit("client_hello", ({ extensions }: ClientHello) => {
      delete extensions.psk_key_exchange_modes;
    });
    const between = intercept({ client: { client_hello: dropModes } }, {}, resumable());
    expect(typesBy("server", between)).not.toContain("new_session_ticket");
    expect(typesBy("server", intercept({}, {}, resumable()))).toContain("new_session_ticket");
    expect(typesBy("server", intercept({}, {}, {}))).not.toContain("new_session_ticket");
  });

  it("resumes after a retry, with sealed tickets and with those that count once", () => {
    for (const tickets of [
      sealedTickets(new TicketKeys(anyProvider)),
      storedTickets(new MemoryTicketStore(), anyProvider.random),
    ]) {
      const server: Server = { tickets, groups: ["secp256r1", "x25519"] };
      const psks = [sessionFrom(server)];
      const between = intercept(
        {},
        { psks, groups: ["x25519", "secp256r1"] },
        { ...server, groups: ["secp256r1"] },
      );
      expect(isResumed(between)).toBe(true);
      expect(between.server.negotiated).toMatchObject({ retried: true, group: "secp256r1" });
    }
  });

  it("stays out of the second ClientHello if the retry chose a suite of another hash", () => {
    const server = resumable({ groups: ["secp256r1"] });
    const offers = { groups: ["x25519", "secp256r1"] };
    const psks = [sessionFrom(server, { ...offers, suites: ["TLS_AES_128_GCM_SHA256"] })];
    const offered = (suite: string) => {
      const { messages } = intercept(
        {},
        {
          ...offers,
          shares: ["x25519"],
          psks,
          suites: ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"],
        },
        { ...server, suites: [suite] },
      );
      const hellos = messages.filter(({ type }) => type === "client_hello");
      return hellos.map(({ raw }) => {
        const { extensions } = decodeMessage("client_hello", raw).body;
        return extensions.pre_shared_key?.identities.length;
      });
    };
    expect(offered("TLS_AES_128_GCM_SHA256")).toEqual([1, 1]);
    expect(offered("TLS_AES_256_GCM_SHA384")).toEqual([1, undefined]);
  });

  it("may be resumed while its connection is open, and again from there", () => {
    const server = resumable();
    let psks = sessionsFrom(server);
    expect(psks).toHaveLength(2);
    for (let i = 0; i < 3; i++) {
      const { events, ...ends } = connect({ psks }, server);
      expect(isResumed(ends)).toBe(true);
      psks = events.client.flatMap((event) => (event.type === "session" ? [event.session] : []));
      expect(psks).toHaveLength(1);
    }
  });
});

describe("a server's tickets", () => {
  const keys = sealedTickets(new TicketKeys(anyProvider), { count: 3 });
  const countOf = (ends: ReturnType<typeof connect>) =>
    ends.events.client.filter(({ type }) => type === "session").length;

  it("are as many as it likes after a full handshake, and one after a resumed one", () => {
    const first = connect({}, { tickets: keys });
    expect(countOf(first)).toBe(3);
    const psks = [sessionFrom({ tickets: keys })];
    expect(countOf(connect({ psks }, { tickets: keys }))).toBe(1);
    const none = { tickets: { ...keys, count: 0 } };
    expect(countOf(connect({}, none))).toBe(0);
    const resumed = connect({ psks }, none);
    expect([isResumed(resumed), countOf(resumed)]).toEqual([true, 0]);
  });

  it("are left out where they are too long to come back", () => {
    for (const [length, count] of [
      [0xf000, 3],
      [0xf001, 0],
    ] as const) {
      const tickets = { ...keys, issue: () => new Uint8Array(length) };
      const ends = connect({}, { tickets });
      expect([ends.client.state, ends.server.state, countOf(ends)]).toEqual([
        "open",
        "open",
        count,
      ]);
    }
    const psks = [{ ...sessionFrom({ tickets: keys }), identity: new Uint8Array(0xf000) }];
    expect(isResumed(connect({ psks }, { tickets: keys }))).toBe(false);
  });

  it("have a nonce, a secret and an age of their own", () => {
    const sessions = sessionsFrom({ tickets: keys });
    const distinct = (values: unknown[]) => new Set(values.map(String)).size;
    expect(distinct(sessions.map(({ identity }) => identity))).toBe(3);
    expect(distinct(sessions.map(({ secret }) => secret))).toBe(3);
    expect(distinct(sessions.map(({ origin }) => origin?.ageAdd))).toBe(3);
  });
});

describe("a ticket that is not good", () => {
  const server = resumable();
  const session = sessionFrom(server);
  const identities: readonly [string, (identity: Uint8Array) => Uint8Array][] = [
    ["is forged in its key's name", (bytes) => changed(bytes, (copy) => (copy[0]! ^= 1))],
    ["is forged in its nonce", (bytes) => changed(bytes, (copy) => (copy[20]! ^= 1))],
    ["is forged in its content", (bytes) => changed(bytes, (copy) => (copy[60]! ^= 1))],
    ["is forged in its tag", (bytes) => changed(bytes, (copy) => (copy[copy.length - 1]! ^= 1))],
    ["lacks a byte", (bytes) => bytes.subarray(0, -1)],
    ["is the name of a key and nothing more", (bytes) => bytes.subarray(0, 16)],
    ["ends in its nonce", (bytes) => bytes.subarray(0, 20)],
    ["ends behind its nonce", (bytes) => bytes.subarray(0, 28)],
    ["ends in its tag", (bytes) => bytes.subarray(0, 40)],
    ["is one byte", () => Uint8Array.of(7)],
    ["is long", () => new Uint8Array(40_000)],
  ];

  it.each(identities)("is passed over when it %s", (_, change) => {
    const bad = { ...session, identity: change(session.identity) };
    const alone = connect({ psks: [bad] }, server);
    expect(isResumed(alone)).toBe(false);
    expect(alone.client.negotiated?.peerSignatureScheme).toBe("ed25519");
    expect(isResumed(connect({ psks: [bad, session] }, server))).toBe(true);
  });

  it("is one among more than anybody looks at", () => {
    const bad = { ...session, identity: Uint8Array.of(7) };
    expect(isResumed(connect({ psks: [bad, bad, bad, session] }, server))).toBe(true);
    expect(isResumed(connect({ psks: [bad, bad, bad, bad, session] }, server))).toBe(false);
  });

  it("is another server's", () => {
    const psks = [sessionFrom(resumable())];
    expect(isResumed(connect({ psks }, server))).toBe(false);
  });
});

// RFC 9846 §4.3.11, §4.3.11.2
describe("a binder", () => {
  const server = resumable();
  const session = sessionFrom(server);
  type Offered = NonNullable<ClientHello["extensions"]["pre_shared_key"]>;
  const change = (edited: (offered: Offered) => void, psks = [session]) => {
    const rule = edit("client_hello", ({ extensions }: ClientHello) => {
      edited(extensions.pre_shared_key!);
    });
    return intercept({ client: { client_hello: rule } }, { psks }, server);
  };

  it.each([0, 31])("is refused with byte %d changed", (at) => {
    const between = change(({ binders }) => (binders[0]![at]! ^= 1));
    expectRefusedAndTold(between, "server", {
      code: "bad_binder",
      alert: "decrypt_error",
      where: "client_hello.extensions.pre_shared_key.binders",
      section: "RFC 9846 §4.3.11",
    });
  });

  it("is refused with another length", () => {
    const between = change(({ binders }) => (binders[0] = new Uint8Array(48)));
    expectRefusedAndTold(between, "server", { code: "bad_binder", alert: "decrypt_error" });
  });

  it("covers what stands before it", () => {
    const between = change(({ identities }) => (identities[0]!.obfuscatedTicketAge = 7));
    expectRefusedAndTold(between, "server", { code: "bad_binder", alert: "decrypt_error" });
  });

  it.each<[string, (offered: Offered) => void]>([
    ["too few", ({ binders }) => binders.pop()],
    ["too many", ({ binders }) => binders.push(new Uint8Array(32))],
  ])("is refused where there are %s of them", (_, edited) => {
    const between = change(edited, [session, session]);
    expectRefusedAndTold(between, "server", {
      code: "illegal_parameter",
      where: "client_hello.extensions.pre_shared_key.binders",
      section: "RFC 9846 §4.3.11",
    });
  });

  it("is not looked at where its identity is unknown", () => {
    const stranger = { ...session, identity: utf8("a stranger's") };
    const rule = edit("client_hello", ({ extensions }: ClientHello) => {
      extensions.pre_shared_key!.binders[0]!.fill(0);
    });
    const between = intercept({ client: { client_hello: rule } }, { psks: [stranger] }, server);
    // Only the transcripts differ now, and with them the keys
    expectRefused(between, "client", { code: "bad_record_mac" });
    expect(typesBy("server", between)).toContain("certificate");
  });
});

describe("the answer to an offer of keys", () => {
  const server = resumable();
  const session = sessionFrom(server);

  it("is one of those that were offered", () => {
    const rule = edit("server_hello", ({ extensions }) => {
      extensions.pre_shared_key = 1;
    });
    const between = intercept({ server: { server_hello: rule } }, { psks: [session] }, server);
    expectRefused(between, "client", {
      code: "illegal_parameter",
      where: "server_hello.extensions.pre_shared_key",
      section: "RFC 9846 §4.3.11",
    });
  });

  it("is none where none was offered", () => {
    const rule = edit("server_hello", ({ extensions }) => {
      extensions.pre_shared_key = 0;
    });
    expectRefused(intercept({ server: { server_hello: rule } }, {}, server), "client", {
      code: "unsupported_extension",
      where: "server_hello.extensions.pre_shared_key",
    });
  });

  it("fits the suite", () => {
    const common = { suites: ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"] };
    const key = { ...session, hash: "sha384" as HashName, identity: utf8("unknown") };
    const rule = edit("server_hello", ({ extensions }) => {
      extensions.pre_shared_key = 0;
    });
    const rules = { server: { server_hello: rule } };
    expectRefused(intercept(rules, { ...common, psks: [key] }, server), "client", {
      code: "illegal_parameter",
      where: "server_hello.extensions.pre_shared_key",
      section: "RFC 9846 §4.3.11",
    });
  });

  // RFC 9846 §4.4.2, §4.5
  it("leaves no place for certificates", () => {
    const between = intercept(
      {
        server: {
          encrypted_extensions: (raw, to) => {
            to.message(raw);
            to.send("certificate", {
              certificateRequestContext: new Uint8Array(0),
              certificateList: [{ certData: serverCredential.chain[0]!.der, extensions: {} }],
            });
            return [];
          },
        },
      },
      { psks: [session] },
      server,
    );
    expectRefused(between, "client", { code: "unexpected_message", section: "RFC 9846 §4" });
  });
});

describe("a client's identity", () => {
  const mutual: Server = resumable({ clientAuthentication: "require" });
  const client: Client = { credentials: [clientCredential] };
  const session = sessionFrom(mutual, client);

  it("is carried over, and verified again", () => {
    const questions: PeerQuestion[] = [];
    const resumed = connect(
      { psks: [session] },
      {
        ...mutual,
        verifyClient: (question) => {
          questions.push(question);
          return { chain: question.chain, verified: undefined };
        },
      },
    );
    expect(isResumed(resumed)).toBe(true);
    const { peer, peerSignatureScheme } = resumed.server.negotiated!;
    expect(peer?.chain[0]?.der).toEqual(clientCredential.chain[0]?.der);
    expect(peerSignatureScheme).toBe("ed25519");
    expect(questions).toMatchObject([{ usage: "client", resumed: true, name: undefined }]);
  });

  it("is verified again where the key stayed with the server, too", () => {
    const clock = clockAt();
    const tickets = storedTickets(new MemoryTicketStore(), anyProvider.random);
    const server: Server = { clientAuthentication: "require", tickets, now: clock.read };
    const [first, second] = sessionsFrom(server, client);
    expect(isResumed(connect({ ...client, psks: [first!] }, server))).toBe(true);
    // Its certificate is over before its ticket is
    const short = { ...second!, origin: { ...second!.origin!, lifetime: 604_800 } };
    clock.now += 91 * days;
    const late = { ...client, psks: [short], now: () => testTime };
    const between = intercept({}, late, server);
    expect(between.client.negotiated?.resumed ?? false).toBe(false);
    expectRefused(between, "server", { code: "certificate_expired" });
  });

  it("is refused to resume where it is not accepted any more, and says why", () => {
    const strict = { ...mutual, trust: createTrustStore([other.certificate]) };
    const between = intercept({}, { ...client, psks: [session] }, strict);
    expectRefused(between, "server", { code: "unknown_ca" });
  });

  it("ends the connection where the question itself fails", () => {
    const broken: Server = {
      ...mutual,
      verifyClient: () => {
        throw new Error("the directory is down");
      },
    };
    const between = intercept({}, { psks: [session] }, broken);
    expectRefusedAndTold(between, "server", { code: "internal", alert: "internal_error" });
  });

  it("is missing in a session that began without", () => {
    const open = { ...mutual, clientAuthentication: "none" as const };
    const anonymous = sessionFrom(open);
    expect(isResumed(connect({ psks: [anonymous] }, open))).toBe(true);
    const ask = connect(
      { psks: [anonymous] },
      { ...mutual, clientAuthentication: "request" as const },
    );
    expect(isResumed(ask)).toBe(true);
    expect(ask.server.negotiated?.peer).toBeUndefined();
    const full = connect({ ...client, psks: [anonymous] }, mutual);
    expect(isResumed(full)).toBe(false);
    expect(full.server.negotiated?.peer).toBeDefined();
  });

  it("stays outside where the server does not ask", () => {
    const ends = connect({ psks: [session] }, { ...mutual, clientAuthentication: "none" });
    expect(isResumed(ends)).toBe(true);
    expect(ends.server.negotiated?.peer).toBeUndefined();
  });
});

// RFC 9846 §4.3.9
describe("a key without key exchange", () => {
  const server = resumable();
  const session = sessionFrom(server);
  const modes = (...values: number[]) => ({
    client: {
      client_hello: editOffer([session], ({ extensions }) => {
        extensions.psk_key_exchange_modes = values;
      }),
    },
  });
  const answerOf = ({ messages }: Interceptor) => {
    const answer = messages.find(({ type }) => type === "server_hello");
    const { extensions } = decodeMessage("server_hello", answer!.raw).body;
    return [extensions.pre_shared_key !== undefined, extensions.key_share !== undefined];
  };

  it.each([
    ["psk_dhe_ke", [1], false, [true, true]],
    ["psk_dhe_ke", [1], true, [true, true]],
    ["both", [0, 1], false, [true, true]],
    ["both", [0, 1], true, [true, true]],
    ["psk_ke", [0], false, [false, true]],
    ["psk_ke", [0], true, [true, false]],
    ["neither", [0x0b], true, [false, true]],
  ])("is taken by a server: %s, %j, allowed: %s", (_, offered, allowPskOnly, answer) => {
    const between = intercept(modes(...offered), { psks: [session] }, { ...server, allowPskOnly });
    expect(answerOf(between)).toEqual(answer);
  });

  it("is offered by a client that allows it, beside the exchange", () => {
    const modesOf = (allowPskOnly: boolean) =>
      helloOf(intercept({}, { psks: [session], allowPskOnly }, server)).extensions
        .psk_key_exchange_modes;
    expect(modesOf(true)).toEqual([1, 0]);
    expect(modesOf(false)).toEqual([1]);
  });

  it("is refused by a client that does not allow it", () => {
    const rules = {
      server: {
        server_hello: edit("server_hello", ({ extensions }) => {
          delete extensions.key_share;
        }),
      },
    };
    expectRefused(intercept(rules, { psks: [session] }, server), "client", {
      code: "missing_extension",
      where: "server_hello.extensions",
      section: "RFC 9846 §9.2",
    });
    // One that does has other keys than this server
    const allowed = intercept(rules, { psks: [session], allowPskOnly: true }, server);
    expectRefused(allowed, "client", { code: "bad_record_mac" });
  });

  it("goes with the modes that the extension names", () => {
    const rules = {
      client: {
        client_hello: editOffer([session], ({ extensions }) => {
          delete extensions.psk_key_exchange_modes;
        }),
      },
    };
    expectRefusedAndTold(intercept(rules, { psks: [session] }, server), "server", {
      code: "missing_extension",
      where: "client_hello.extensions.psk_key_exchange_modes",
    });
  });
});

describe("an external key", () => {
  const secret = utf8("sixteen bytes, or more of them");
  const key = (hash: HashName, kind: "external" | "imported" = "external"): OfferedPsk => ({
    identity: utf8(`the ${hash} key`),
    secret,
    hash,
    kind,
  });
  const knows =
    (...known: OfferedPsk[]): PskLookup =>
    (identity) =>
      known.find((entry) => equal(entry.identity, identity));
  const resume = (psks: OfferedPsk[], lookUpPsk: PskLookup, special: Server = {}) =>
    intercept({}, { psks }, { lookUpPsk, ...special });

  it("authenticates both ends, without certificates", () => {
    const between = resume([key("sha256")], knows(key("sha256")), { credentials: [] });
    expect(pskOf(between)).toBe("external");
    for (const end of [between.client, between.server]) {
      expect(end.negotiated?.pskIdentity).toEqual(key("sha256").identity);
    }
    expect(between.client.negotiated).toMatchObject({
      resumed: false,
      peer: undefined,
      origin: undefined,
      group: "x25519",
      peerSignatureScheme: undefined,
    });
    expect(typesBy("server", between)).not.toContain("certificate");
  });

  it("has no age", () => {
    const between = resume([key("sha256")], knows(key("sha256")));
    const [identity] = helloOf(between).extensions.pre_shared_key!.identities;
    expect(identity).toEqual({ identity: utf8("the sha256 key"), obfuscatedTicketAge: 0 });
  });

  it("belongs to the suites of its hash", () => {
    const suite384 = { suites: ["TLS_AES_256_GCM_SHA384"] };
    const both = [key("sha256"), key("sha384")];
    expect(pskOf(resume([key("sha384")], knows(...both)))).toBeUndefined();
    const between = intercept(
      {},
      { ...suite384, psks: both },
      { ...suite384, lookUpPsk: knows(...both) },
    );
    expect(pskOf(between)).toBe("external");
    const chosen = between.messages.find(({ type }) => type === "server_hello")!;
    expect(decodeMessage("server_hello", chosen.raw).body.extensions.pre_shared_key).toBe(1);
  });

  it("is passed over by a server that does not know it, or does not know it any more", () => {
    expect(pskOf(resume([key("sha256")], () => undefined))).toBeUndefined();
    expectRefused(
      resume([key("sha256")], () => undefined, { credentials: [] }),
      "server",
      {
        code: "no_common_signature_scheme",
        alert: "handshake_failure",
      },
    );
  });

  it("is refused with another secret, and with another label", () => {
    for (const wrong of [
      { ...key("sha256"), secret: utf8("another") },
      { ...key("sha256"), kind: "imported" as const },
      { ...key("sha256"), kind: "resumption" as const },
    ]) {
      expectRefusedAndTold(resume([wrong], knows(key("sha256"))), "server", { code: "bad_binder" });
    }
  });

  it("does not name a client, where one must be named", () => {
    const strict = { clientAuthentication: "require" as const };
    const between = resume([key("sha256")], knows(key("sha256")), strict);
    expectRefused(between, "server", { code: "certificate_required" });
  });

  it("may be looked up elsewhere", async () => {
    const lookUpPsk = async () => key("sha256");
    const between = resume([key("sha256")], lookUpPsk);
    expect(between.server.busy).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(pskOf(between.run())).toBe("external");
    const broken = resume([key("sha256")], async () => {
      throw new Error("the store is down");
    });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expectRefusedAndTold(broken.run(), "server", { code: "internal", alert: "internal_error" });
  });

  it("is imported for a suite's hash, and then no other key", () => {
    const external = { identity: utf8("epsk"), secret, context: utf8("a test") };
    const imported = importPsk(anyProvider, external, "sha256");
    expect(pskOf(resume([imported], knows(imported)))).toBe("imported");
    const wrong = importPsk(anyProvider, { ...external, context: utf8("another") }, "sha256");
    expect(pskOf(resume([wrong], knows(imported)))).toBeUndefined();
    expectRefusedAndTold(
      resume([{ ...wrong, identity: imported.identity }], knows(imported)),
      "server",
      {
        code: "bad_binder",
      },
    );
  });

  it("leaves tickets behind as certificates do", () => {
    const server = resumable({ lookUpPsk: knows(key("sha256")) });
    const session = sessionFrom(server, { psks: [key("sha256")] });
    expect(session.origin).toMatchObject({ authenticatedAt: testTime, peer: undefined });
    const between = intercept({}, { psks: [session] }, server);
    expect(isResumed(between)).toBe(true);
    expect(between.server.negotiated?.origin).toBeDefined();
  });
});
