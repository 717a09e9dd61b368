/** What two ends agree on, from what each was told. */
import { describe, expect, it } from "vitest";
import type { ClientOptions, ServerOptions } from "../../src/connection/index.ts";
import { MemoryReplayGuard } from "../../src/handshake/index.ts";
import type { Signer } from "../../src/identity/index.ts";
import { decodeMessage, type MessageType, messageType } from "../../src/messages/index.ts";
import { recordHeaderLength } from "../../src/record/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { providers } from "../crypto/providers.ts";
import { concat } from "../../src/wire/index.ts";
import { connect, makeEnds } from "../support/ends.ts";
import { ca, clientCredential, serverCredential, testTime } from "../support/identities.ts";
import { resumable, sessionFrom } from "../support/sessions.ts";

/** The messages that a client sends and receives, in order. */
function traced(client: Partial<ClientOptions>, server: Partial<ServerOptions> = {}) {
  const messages: { direction: string; type: MessageType; raw: Uint8Array }[] = [];
  const observer = {
    message: (direction: string, raw: Uint8Array) => {
      messages.push({ direction, type: messageType(raw)!, raw });
    },
  };
  return { ...connect({ ...client, observer }, server), messages };
}
const hellosIn = ({ messages }: ReturnType<typeof traced>) =>
  messages.flatMap(({ type, raw }) =>
    type === "client_hello" ? [decodeMessage(type, raw).body] : [],
  );

describe.each(providers)("authentication of the client with $name", ({ provider }) => {
  const certificate = { provider, credentials: [clientCredential] };

  it.each<[string, Partial<ClientOptions>, ServerOptions["clientAuthentication"], boolean]>([
    ["is not asked for", certificate, "none", false],
    ["is asked for, and given", certificate, "request", true],
    ["is asked for, and declined", { provider }, "request", false],
    ["is required, and given", certificate, "require", true],
  ])("%s", (_, client, clientAuthentication, isKnown) => {
    const ends = connect(client, { provider, clientAuthentication: clientAuthentication! });
    expect([ends.client.state, ends.server.state]).toEqual(["open", "open"]);
    expect(ends.server.negotiated?.peer !== undefined).toBe(isKnown);
    expect(ends.server.negotiated?.peerSignatureScheme).toBe(isKnown ? "ed25519" : undefined);
    expect(ends.client.negotiated?.signatureScheme).toBe(isKnown ? "ed25519" : undefined);
  });

  it("is required, and declined", () => {
    const { client, server } = connect({ provider }, { provider, clientAuthentication: "require" });
    expect(server.error).toMatchObject({ code: "certificate_required" });
    // RFC 9846 §4.5.3: the client was done, and learns it afterwards
    expect(client.error).toMatchObject({ code: "peer_alert" });
    expect(client.error?.message).toContain("certificate_required");
  });

  it("chooses the first credential that the server takes", () => {
    const other = ca.issue({ names: ["other"], algorithm: "secp256r1", usage: "client" });
    const credentials = [other, clientCredential];
    const request = (schemes: string[]) =>
      connect(
        { provider, credentials },
        { provider, clientAuthentication: "require", schemes: [...schemes, "ed448"] },
      ).client.negotiated?.signatureScheme;
    expect(request(["ed25519", "ecdsa_secp256r1_sha256"])).toBe("ecdsa_secp256r1_sha256");
    expect(request(["ed25519"])).toBe("ed25519");
  });
});

describe("ALPN", () => {
  // RFC 7301 §3.2
  it.each([
    [["h2", "http/1.1"], ["h2", "http/1.1"], "h2"],
    [["h2", "http/1.1"], ["http/1.1", "h2"], "http/1.1"],
    [["h2", "http/1.1"], ["http/1.1"], "http/1.1"],
    [["h2"], [], undefined],
    [[], ["h2"], undefined],
  ])("client %j, server %j: %s", (client, server, expected) => {
    const ends = connect({ alpn: client }, { alpn: server });
    expect([ends.client.negotiated?.alpn, ends.server.negotiated?.alpn]).toEqual([
      expected,
      expected,
    ]);
    expect(ends.client.state).toBe("open");
  });

  it("without a protocol in common ends the connection", () => {
    const { client, server } = connect({ alpn: ["h3"] }, { alpn: ["h2"] });
    expect(server.error).toMatchObject({ code: "no_application_protocol" });
    expect(client.error?.message).toContain("no_application_protocol");
  });
});

describe("the name of the server", () => {
  it.each([
    ["server.example", "server.example"],
    ["server.example.", "server.example"],
    ["192.0.2.1", undefined],
    ["2001:db8::1", undefined],
  ])("%s is sent as %s", (serverName, sent) => {
    const ends = traced({
      serverName,
      verifyServer: ({ chain }) => ({ chain, verified: undefined }),
    });
    expect(hellosIn(ends)[0]?.extensions.server_name).toEqual(
      sent === undefined ? undefined : [{ nameType: 0, name: sent }],
    );
    expect(ends.server.negotiated?.serverName).toBe(sent);
    expect(ends.client.negotiated?.serverName).toBe(sent);
  });
});

describe("suites", () => {
  const all = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
  ] as const;

  it("follow the preference of the server, or the client's if it is told so", () => {
    const [first, , third] = all;
    const choice = (suitePreference?: "client" | "server") =>
      connect(
        { suites: [third, first] },
        { suites: all, ...(suitePreference && { suitePreference }) },
      ).client.negotiated?.cipherSuite;
    expect([choice(), choice("server"), choice("client")]).toEqual([first, first, third]);
  });

  it("have nothing in common", () => {
    const { client, server } = connect({ suites: [all[0]] }, { suites: [all[1]] });
    expect(server.error).toMatchObject({ code: "no_common_cipher_suite" });
    expect(client.error?.message).toContain("handshake_failure");
  });
});

describe("groups", () => {
  const negotiate = (
    client: Pick<ClientOptions, "groups" | "shares">,
    server: Pick<ServerOptions, "groups" | "groupPreference" | "retry">,
  ) => {
    const { negotiated } = connect(client, server).client;
    return [negotiated?.group, negotiated?.retried];
  };
  const hybrid = "X25519MLKEM768";
  const both = { groups: [hybrid, "x25519"] };

  // RFC 9846 §4.3.8
  it("take a share that is there, and retry for post-quantum security", () => {
    expect(negotiate(both, both)).toEqual([hybrid, false]);
    expect(negotiate({ ...both, shares: ["x25519"] }, both)).toEqual([hybrid, true]);
    expect(negotiate({ ...both, shares: ["x25519"] }, { ...both, retry: "if-needed" })).toEqual([
      "x25519",
      false,
    ]);
    expect(negotiate({ groups: ["x25519"] }, both)).toEqual(["x25519", false]);
  });

  it("follow the preference that decides", () => {
    const client = { groups: ["secp256r1", "x25519"], shares: ["secp256r1", "x25519"] };
    const server = { groups: ["x25519", "secp256r1"] };
    expect(negotiate(client, server)).toEqual(["x25519", false]);
    expect(negotiate(client, { ...server, groupPreference: "client" })).toEqual([
      "secp256r1",
      false,
    ]);
    expect(negotiate({ ...client, shares: ["secp256r1"] }, server)).toEqual(["secp256r1", false]);
    expect(
      negotiate({ ...client, shares: ["secp256r1"] }, { ...server, retry: "for-preferred" }),
    ).toEqual(["x25519", true]);
  });

  it("may be offered without a share", () => {
    expect(negotiate({ groups: ["x25519"], shares: [] }, { groups: ["x25519"] })).toEqual([
      "x25519",
      true,
    ]);
  });

  it("have nothing in common", () => {
    const { server } = connect({ groups: ["x25519"] }, { groups: ["secp256r1"] });
    expect(server.error).toMatchObject({ code: "no_common_group", alert: "handshake_failure" });
  });

  // RFC 9954 §3.2
  it("may have the key pair of a component in common, within one ClientHello", () => {
    const groups = [hybrid, "x25519", "MLKEM768"];
    const ends = (reuseComponents: boolean) =>
      traced({ groups, shares: groups, reuseComponents }, { groups: ["x25519"] });
    for (const isReused of [true, false]) {
      const result = ends(isReused);
      expect(result.client.negotiated?.group).toBe("x25519");
      const [first, second, third] = hellosIn(result)[0]!.extensions.key_share!.map(
        ({ keyExchange }) => keyExchange,
      );
      expect(concat(third!, second!).every((byte, i) => byte === first![i])).toBe(isReused);
    }
    expect(
      connect({ groups, shares: groups, reuseComponents: true }, { groups: [hybrid] }).server.state,
    ).toBe("open");
  });

  // RFC 9846 §4.3.8
  it("never share a key between connections", () => {
    const share = () => hellosIn(traced({}))[0]!.extensions.key_share![0]!.keyExchange;
    expect(share()).not.toEqual(share());
  });
});

// RFC 9846 Appendix E.4
describe("middlebox compatibility", () => {
  const records = (isOn: boolean) => {
    const seen = { sent: [] as number[], received: [] as number[] };
    const options = { middleboxCompatibility: isOn };
    const ends = traced({ ...options });
    const observed = connect(
      {
        ...options,
        observer: { record: (direction, { type }) => void seen[direction].push(type) },
      },
      options,
    );
    expect([ends.client.state, observed.server.state]).toEqual(["open", "open"]);
    return { ...seen, hello: hellosIn(ends)[0]! };
  };

  it("sends a session id, and change_cipher_spec once on each side", () => {
    const { sent, received, hello } = records(true);
    expect(hello.legacySessionId).toHaveLength(32);
    expect(received.filter((type) => type === 20)).toHaveLength(1);
    expect(received.indexOf(20)).toBe(1);
    expect(sent.length).toBeGreaterThan(0);
  });

  it("can be left out", () => {
    const { received, hello } = records(false);
    expect(hello.legacySessionId).toHaveLength(0);
    expect(received).not.toContain(20);
  });

  it("puts the client's record before its second flight, with a retry or without", () => {
    for (const groups of [["x25519"], ["secp256r1"]]) {
      const { client, server } = makeEnds({ groups: ["x25519", "secp256r1"] }, { groups });
      client.start();
      server.start();
      server.receive(concat(...client.takeOutput()));
      const answer = concat(...server.takeOutput());
      client.receive(answer);
      const flight = concat(...client.takeOutput());
      expect([...flight.subarray(0, 6)]).toEqual([20, 3, 3, 0, 1, 1]);
      // Once: what follows a retry has none
      server.receive(flight);
      client.receive(concat(...server.takeOutput()));
      const last = concat(...client.takeOutput());
      if (groups[0] === "secp256r1") expect(last[0]).toBe(23);
      expect(client.state).toBe("open");
    }
  });

  it("puts the client's record immediately before it, and not as soon as ServerHello is there", async () => {
    const { signer } = clientCredential;
    let sign = (): void => {};
    const signed = new Promise<void>((resolve) => (sign = resolve));
    const slow: Signer = {
      ...signer,
      schemes: signer.schemes,
      sign: (scheme, message) => signed.then(() => signer.sign(scheme, message)),
    };
    const { client, server } = makeEnds(
      { credentials: [{ ...clientCredential, signer: slow }] },
      { clientAuthentication: "require" },
    );
    client.start();
    server.start();
    server.receive(concat(...client.takeOutput()));
    const flight = recordsIn(concat(...server.takeOutput()));
    expect(flight.length).toBeGreaterThan(2);
    for (const record of flight) {
      client.receive(record);
      expect(client.takeOutput()).toEqual([]);
    }
    sign();
    await expect.poll(() => client.state).toBe("open");
    expect(recordsIn(concat(...client.takeOutput())).map(([type]) => type)).toEqual([20, 23]);
  });

  it("puts the client's record before an alert that it sends instead of its second flight", () => {
    const verifyServer = () => {
      throw new TlsError("certificate_unknown", "no");
    };
    for (const middleboxCompatibility of [true, false]) {
      const { client, server } = makeEnds({ verifyServer, middleboxCompatibility });
      client.start();
      server.start();
      server.receive(concat(...client.takeOutput()));
      client.receive(concat(...server.takeOutput()));
      const types = recordsIn(concat(...client.takeOutput())).map(([type]) => type);
      expect(types).toEqual(middleboxCompatibility ? [20, 23] : [23]);
    }
  });

  it("puts the client's record behind the first ClientHello where early data follows", () => {
    const server = resumable({
      earlyData: { maxSize: 100, replayGuard: new MemoryReplayGuard(() => testTime) },
    });
    const session = sessionFrom(server);
    for (const groups of [["x25519"], ["secp256r1"]]) {
      const ends = makeEnds(
        { groups: ["x25519", "secp256r1"], psks: [session], earlyData: "safe-to-replay" },
        { ...server, groups },
      );
      ends.client.start();
      ends.client.write(Uint8Array.of(1));
      const first = concat(...ends.client.takeOutput());
      expect(recordsIn(first).map(([type]) => type)).toEqual([22, 20, 23]);
      ends.server.start();
      ends.server.receive(first);
      const rest: Uint8Array[] = [];
      for (let round = 0; round < 2; round++) {
        ends.client.receive(concat(...ends.server.takeOutput()));
        const bytes = concat(...ends.client.takeOutput());
        rest.push(bytes);
        ends.server.receive(bytes);
      }
      expect(ends.client.state).toBe("open");
      expect(recordsIn(concat(...rest)).map(([type]) => type)).not.toContain(20);
    }
  });
});

/** A stream of records, cut. */
function recordsIn(bytes: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + recordHeaderLength + (bytes[at + 3]! << 8) + bytes[at + 4]!;
    records.push(bytes.subarray(at, end));
    at = end;
  }
  return records;
}

// RFC 8701
describe("GREASE", () => {
  it("at both ends changes nothing", () => {
    for (let i = 0; i < 20; i++) {
      const { client, server } = connect(
        { grease: true, credentials: [clientCredential] },
        { grease: true, clientAuthentication: "require" },
      );
      expect([client.error, server.error]).toEqual([undefined, undefined]);
      expect(client.negotiated).toMatchObject({ group: "x25519", retried: false });
    }
  });
});

describe("what was negotiated", () => {
  it("is not known before the end of the handshake", () => {
    const { client, server } = makeEnds();
    expect(client.negotiated).toBeUndefined();
    client.start();
    server.start();
    expect(client.negotiated).toBeUndefined();
  });

  it("is the same at both ends, and in the event", () => {
    const { client, server, events } = connect({ alpn: ["h2"] }, { alpn: ["h2"] });
    const shared = ["version", "cipherSuite", "group", "postQuantum", "hybrid", "retried"] as const;
    for (const field of [...shared, "alpn", "serverName", "resumed"] as const) {
      expect(client.negotiated?.[field]).toEqual(server.negotiated?.[field]);
    }
    expect(events.client[0]).toEqual({ type: "open", negotiated: client.negotiated });
    expect(events.server[0]).toEqual({ type: "open", negotiated: server.negotiated });
    expect(client.negotiated?.peer?.chain[0]?.der).toEqual(serverCredential.chain[0]?.der);
    expect(client.negotiated?.peer?.verified?.leaf.der).toEqual(serverCredential.chain[0]?.der);
    expect(client.negotiated?.peerSignatureScheme).toBe("ed25519");
    expect(server.negotiated?.signatureScheme).toBe("ed25519");
    expect(server.negotiated?.peerGroups).toEqual([0x001d]);
  });
});
