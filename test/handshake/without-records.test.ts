/** Both roles over a carrier that has no records: what {@link Carrier} asks for is all that a handshake needs. */
import { describe, expect, it } from "vitest";
import { clientConfig } from "../../src/connection/client-config.ts";
import { serverConfig } from "../../src/connection/server-config.ts";
import { noble } from "../../src/crypto/index.ts";
import type { ClientOptions, ServerOptions } from "../../src/connection/index.ts";
import {
  clientAfterHandshake,
  clientHandshake,
  type Established,
  type Handshake,
  LaterRequests,
  MemoryReplayGuard,
  type OfferedPsk,
  sealedTickets,
  serverAfterHandshake,
  serverHandshake,
  TicketKeys,
} from "../../src/handshake/index.ts";
import type { OwnExtension } from "../../src/extensions/index.ts";
import { type MessageType, messageType } from "../../src/messages/index.ts";
import { defaultLimits } from "../../src/record/index.ts";
import type { Role } from "../../src/schedule/index.ts";
import { concat, toHex, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { CryptoFrames, type Frame, type Level } from "../support/crypto-frames.ts";
import { anyProvider, clientOptions, serverOptions } from "../support/ends.ts";
import { clientCredential, testTime } from "../support/identities.ts";

interface Terms {
  readonly client?: Partial<ClientOptions>;
  readonly server?: Partial<ServerOptions>;
  /** What a client says before the handshake is over. */
  readonly early?: Uint8Array;
  /** Changes what is on its way. */
  readonly onPath?: (from: Role, frame: Frame) => Frame;
}

/** Two coroutines, and the frames between them. */
class Conversation {
  readonly links: {
    readonly client: CryptoFrames<"client">;
    readonly server: CryptoFrames<"server">;
  };
  readonly established: Partial<Record<Role, Established>> = {};
  readonly errors: Partial<Record<Role, unknown>> = {};
  readonly sessions: OfferedPsk[] = [];
  /** Every message, by the level at which it went. */
  readonly seen: (readonly [Role, Level, MessageType | undefined])[] = [];
  readonly #coroutines: Record<Role, Handshake<Established> | Handshake<never>>;
  readonly #after: Record<Role, (established: Established) => Handshake<never>>;

  constructor({ client = {}, server = {}, early, onPath = (_, frame) => frame }: Terms) {
    const common = { middleboxCompatibility: false };
    const ofClient = clientConfig(clientOptions({ ...common, ...client }), noble);
    const ofServer = serverConfig(serverOptions({ ...common, ...server }), noble);
    const links = {
      client: new CryptoFrames("client", ofClient.provider),
      server: new CryptoFrames("server", ofServer.provider),
    };
    this.links = links;
    this.#coroutines = {
      client: clientHandshake(ofClient, links.client, () => {}),
      server: serverHandshake(ofServer, links.server, () => {}),
    };
    const requests = new LaterRequests(ofServer, links.server);
    this.#after = {
      client: (established) =>
        clientAfterHandshake(ofClient, links.client, established, (session) =>
          this.sessions.push(session),
        ),
      server: (established) =>
        serverAfterHandshake(ofServer, links.server, established, requests, () => {}),
    };
    this.#resume("server");
    this.#resume("client");
    if (early !== undefined) links.client.sendData(early);
    while (this.#carry("client", onPath) || this.#carry("server", onPath));
  }

  #carry(from: Role, onPath: NonNullable<Terms["onPath"]>): boolean {
    const frames = this.links[from].output.splice(0);
    const to = from === "client" ? "server" : "client";
    for (const frame of frames) {
      this.#try(to, () => this.links[to].receive(onPath(from, frame)));
      for (let raw = this.links[to].next(); raw; raw = this.links[to].next()) {
        this.seen.push([from, frame.level, messageType(raw)]);
        this.#resume(to, raw);
      }
    }
    return frames.length > 0;
  }

  #resume(role: Role, raw?: Uint8Array): void {
    this.#try(role, () => {
      const incoming = raw && ({ kind: "message", raw, limits: defaultLimits } as const);
      const step = this.#coroutines[role].next(incoming);
      if (step.done !== true) return;
      this.established[role] = step.value;
      this.#coroutines[role] = this.#after[role](step.value);
      this.#coroutines[role].next(undefined);
    });
  }

  #try(role: Role, action: () => void): void {
    if (this.errors[role] !== undefined) return;
    try {
      action();
    } catch (error) {
      this.errors[role] = error;
    }
  }

  expectOpen(): this {
    expect(this.errors).toEqual({});
    const { client, server } = this.established;
    const exported = [client, server].map((end) =>
      toHex(end!.exporter.export("EXPERIMENTAL", new Uint8Array(0), 32)),
    );
    expect(exported[0]).toBe(exported[1]);
    this.links.client.sendData(utf8("ping"));
    this.links.server.sendData(utf8("pong"));
    while (
      this.#carry("client", (_, frame) => frame) ||
      this.#carry("server", (_, frame) => frame)
    );
    const last = (role: Role) => this.links[role].data.at(-1);
    expect(last("server")).toEqual({ level: "application", bytes: utf8("ping") });
    expect(last("client")).toEqual({ level: "application", bytes: utf8("pong") });
    return this;
  }
}

const tickets = sealedTickets(new TicketKeys(anyProvider));
const replayGuard = new MemoryReplayGuard(() => testTime);
const takesEarlyData = { tickets, earlyData: { maxSize: 100, replayGuard } };

const typesOf = ({ seen }: Conversation, role: Role) =>
  seen.filter(([from]) => from === role).map(([, , type]) => type);
const early = utf8("early");

describe.each(providers)("a handshake without records, with $name", ({ provider }) => {
  it("has its messages at the levels of RFC 9001", () => {
    const conversation = new Conversation({
      client: { provider },
      server: { provider, tickets },
    }).expectOpen();
    expect(conversation.seen).toEqual([
      ["client", "plaintext", "client_hello"],
      ["server", "plaintext", "server_hello"],
      ["server", "handshake", "encrypted_extensions"],
      ["server", "handshake", "certificate"],
      ["server", "handshake", "certificate_verify"],
      ["server", "handshake", "finished"],
      ["client", "handshake", "finished"],
      ...conversation.sessions.map(() => ["server", "application", "new_session_ticket"]),
    ]);
    expect(conversation.sessions.length).toBeGreaterThan(0);
  });

  it("retries, and lets both ends authenticate", () => {
    const { established } = new Conversation({
      client: { provider, groups: ["x25519", "secp256r1"], credentials: [clientCredential] },
      server: {
        provider,
        groups: ["secp256r1"],
        clientAuthentication: "require",
        retryCookie: true,
      },
    }).expectOpen();
    expect(established.client?.negotiated).toMatchObject({ retried: true, group: "secp256r1" });
    expect(established.server?.negotiated.peer?.chain).toHaveLength(1);
  });

  it("resumes, and early data has its level and no end", () => {
    const first = new Conversation({
      client: { provider },
      server: { provider, ...takesEarlyData },
    });
    const resumed = new Conversation({
      client: { provider, psks: first.sessions, earlyData: "safe-to-replay" },
      server: { provider, ...takesEarlyData },
      early,
    });
    expect(resumed.links.server.data).toEqual([{ level: "early", bytes: early }]);
    expect(typesOf(resumed.expectOpen(), "client")).toEqual(["client_hello", "finished"]);
    const { client, server } = resumed.established;
    expect([client, server].map((end) => end?.negotiated.earlyData)).toEqual([
      "accepted",
      "accepted",
    ]);
  });
});

describe("a handshake without records", () => {
  const sessions = () => new Conversation({ server: takesEarlyData }).sessions;

  it.each<[string, Partial<ServerOptions>, string]>([
    ["that a server does not take", { tickets }, "disabled"],
    ["and a retry", { ...takesEarlyData, groups: ["secp256r1"] }, "retried"],
  ])("drops early data %s", (_, server, outcome) => {
    const conversation = new Conversation({
      client: {
        groups: ["x25519", "secp256r1"],
        psks: sessions(),
        earlyData: "safe-to-replay",
      },
      server,
      early,
    });
    expect(conversation.links.server.data).toEqual([]);
    expect(conversation.expectOpen().established.server?.negotiated.earlyData).toBe(outcome);
  });

  // RFC 9001 §8.2
  it("carries parameters of the transport, which has them before the handshake is over", () => {
    const heard: unknown[] = [];
    const parameters: OwnExtension = {
      name: "quic_transport_parameters",
      type: 0x39,
      offer: () => utf8("of the client"),
      answer(offered) {
        heard.push(offered);
        return utf8("of the server");
      },
      check: (answered) => void heard.push(answered),
    };
    const extensions = [parameters];
    const { established } = new Conversation({ client: { extensions }, server: { extensions } });
    expect(heard).toEqual([utf8("of the client"), utf8("of the server")]);
    expect(established.client?.negotiated.extensions).toEqual({
      quic_transport_parameters: utf8("of the server"),
    });
  });

  it("ends where a frame is changed, or a message begins before the keys change", () => {
    const flipped = new Conversation({
      onPath: (from, frame) =>
        from === "server" && frame.level === "handshake"
          ? { ...frame, bytes: frame.bytes.map((byte) => byte ^ 1) }
          : frame,
    });
    expect(flipped.errors.client).toMatchObject({ code: "bad_record_mac" });
    const more = new Conversation({
      onPath: (from, frame) =>
        from === "server" && frame.level === "plaintext"
          ? { ...frame, bytes: concat(frame.bytes, Uint8Array.of(8, 0, 0)) }
          : frame,
    });
    expect(more.errors.client).toMatchObject({
      code: "unexpected_message",
      detail: { section: "RFC 9001 §4.1.3" },
    });
    expect(more.established).toEqual({});
  });

  it("refuses what only records can do", () => {
    const limited = new Conversation({
      client: { recordSizeLimit: 1000 },
      server: { recordSizeLimit: 1000 },
    });
    expect(limited.errors.server).toMatchObject({ code: "misuse" });
    expect(limited.established).toEqual({});
  });
});
