/** Signers and verifiers that answer later: in a token, or at the other end of a network. */
import { describe, expect, it } from "vitest";
import type { ClientOptions, ServerOptions } from "../../src/connection/index.ts";
import type { VerifyPeer } from "../../src/handshake/index.ts";
import type { CredentialWithKey, Signer } from "../../src/identity/index.ts";
import { TlsError } from "../../src/registry/index.ts";
import { carry, joinInMemory, joinInMemoryAsync } from "../../src/connection/pair.ts";
import { utf8 } from "../../src/wire/index.ts";
import { makeEnds } from "../support/ends.ts";
import { clientCredential, serverCredential } from "../support/identities.ts";

/** A promise, and how to end it. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

/** A credential whose signatures come when they are let go. */
function slow(credential: CredentialWithKey) {
  const gate = deferred<void>();
  const signer: Signer = {
    backend: "a token",
    schemes: credential.signer.schemes,
    sign: async (scheme, message) => {
      await gate.promise;
      return credential.signer.sign(scheme, message);
    },
  };
  return { credential: { ...credential, signer }, ...gate };
}

const accept: VerifyPeer = ({ chain }) => ({ chain, verified: undefined });
function slowVerifier() {
  const gate = deferred<void>();
  const verify: VerifyPeer = async (question) => {
    await gate.promise;
    return accept(question);
  };
  return { verify, ...gate };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** The four places where a handshake may wait, and which end waits there. */
const places = {
  "the server's signer": () => {
    const gate = slow(serverCredential);
    return { gate, waits: "server", client: {}, server: { credentials: [gate.credential] } };
  },
  "the client's verifier": () => {
    const gate = slowVerifier();
    return { gate, waits: "client", client: { verifyServer: gate.verify }, server: {} };
  },
  "the client's signer": () => {
    const gate = slow(clientCredential);
    return {
      gate,
      waits: "client",
      client: { credentials: [gate.credential] },
      server: { clientAuthentication: "require" },
    };
  },
  "the server's verifier": () => {
    const gate = slowVerifier();
    return {
      gate,
      waits: "server",
      client: { credentials: [clientCredential] },
      server: { clientAuthentication: "require", verifyClient: gate.verify },
    };
  },
} satisfies Record<
  string,
  () => {
    gate: { resolve: (value: void) => void; reject: (error: unknown) => void };
    waits: string;
    client: Partial<ClientOptions>;
    server: Partial<ServerOptions>;
  }
>;

describe.each(Object.entries(places))("%s", (name, make) => {
  /** Both ends, stopped where one waits. */
  function stopped() {
    const { gate, waits, client, server } = make();
    let progress = 0;
    const onProgress = () => progress++;
    const toldOf = (side: string) => (waits === side ? { onProgress } : {});
    const ends = makeEnds({ ...client, ...toldOf("client") }, { ...server, ...toldOf("server") });
    joinInMemory(ends.client, ends.server);
    const [near, far] =
      waits === "client" ? [ends.client, ends.server] : [ends.server, ends.client];
    expect(near.busy).toBe(true);
    expect(near.state).toBe("handshaking");
    expect(far.busy).toBe(false);
    return { ...ends, near, far, gate, progress: () => progress };
  }

  it("may take its time", async () => {
    const { client, server, near, gate, progress } = stopped();
    await settled();
    expect(near.busy).toBe(true);
    expect(progress()).toBe(0);
    gate.resolve();
    await settled();
    expect(progress()).toBe(1);
    expect(near.busy).toBe(false);
    carry(client, server);
    expect([client.state, server.state]).toEqual(["open", "open"]);
    client.write(utf8("x"));
    expect(carry(client, server).server.at(-1)).toMatchObject({ type: "data" });
  });

  it("may fail, and that is our fault", async () => {
    const { near, far, gate, client, server } = stopped();
    gate.reject(new RangeError("the token is gone"));
    await settled();
    expect(near.error).toMatchObject({
      code: "internal",
      alert: "internal_error",
      role: near.role,
    });
    expect(near.error?.message).toContain("the token is gone");
    expect(near.error?.cause).toBeInstanceOf(RangeError);
    carry(client, server);
    expect(far.error).toMatchObject({ code: "peer_alert" });
    expect(far.error?.message).toContain("internal_error");
  });

  it("may refuse with an error that has its own alert", async () => {
    const { near, far, gate, client, server } = stopped();
    gate.reject(new TlsError("access_denied", "not today"));
    await settled();
    expect(near.error).toMatchObject({ code: "access_denied", role: near.role });
    carry(client, server);
    expect(far.error?.message).toContain("access_denied");
  });

  it("may come back when nobody waits any more", async () => {
    const { near, far, gate, client, server, progress } = stopped();
    near.close();
    expect(near.state).toBe("closed");
    expect(near.busy).toBe(false);
    carry(client, server);
    gate.resolve();
    await settled();
    // Nothing follows close_notify, and nothing happened
    expect(near.takeOutput()).toEqual([]);
    expect(near.takeEvents()).toEqual([]);
    expect(progress()).toBe(0);
    expect(near.state).toBe("closed");
    // The other end was told; a client that was open already sees an ordinary end
    expect(far.state).toBe(far.negotiated === undefined ? "failed" : "open");
  });

  it("may fail when nobody waits any more", async () => {
    const { near, gate } = stopped();
    near.abort();
    gate.reject(new Error("late"));
    await settled();
    expect(near.error).toMatchObject({ code: "canceled" });
  });

  // Nothing can come while a server makes its first flight
  if (name === "the server's signer") return;
  it("leaves what comes meanwhile for later, and does not keep the caller's buffer", async () => {
    const { near, far, gate } = stopped();
    // RFC 9846 §2: a server may send before it has heard the client
    far.write(utf8("meanwhile"));
    for (const chunk of far.takeOutput()) {
      const buffer = Buffer.from(chunk);
      near.receive(buffer);
      buffer.fill(0);
    }
    expect(near.takeEvents()).toEqual([]);
    gate.resolve();
    await settled();
    expect(near.takeEvents()).toMatchObject([
      { type: "open" },
      { type: "data", data: utf8("meanwhile") },
    ]);
  });
});

describe("all parts asynchronous", () => {
  it("open a connection through joinInMemoryAsync", async () => {
    const own = (credential: CredentialWithKey): CredentialWithKey => ({
      ...credential,
      signer: {
        ...credential.signer,
        backend: "slow",
        schemes: credential.signer.schemes,
        sign: (scheme, message) => Promise.resolve(credential.signer.sign(scheme, message)),
      },
    });
    const verify: VerifyPeer = (question) => Promise.resolve(accept(question));
    const { client, server } = makeEnds(
      { credentials: [own(clientCredential)], verifyServer: verify },
      {
        credentials: [own(serverCredential)],
        clientAuthentication: "require",
        verifyClient: verify,
      },
    );
    const events = await joinInMemoryAsync(client, server);
    expect(events.client.map(({ type }) => type)).toEqual(["open"]);
    expect(events.server.map(({ type }) => type)).toEqual(["open"]);
    expect(client.negotiated?.backends.signature).toBe("slow");
  });
});

describe("a verifier with another library's promise", () => {
  it("is awaited, and its refusal is one", async () => {
    const refusal = new TlsError("access_denied", "not today");
    const promise = Promise.reject(refusal);
    promise.catch(() => undefined);
    // oxlint-disable-next-line unicorn/no-thenable
    const foreign = { then: promise.then.bind(promise) } as Promise<never>;
    const { client, server } = makeEnds({ verifyServer: () => foreign });
    joinInMemory(client, server);
    expect(client.state).toBe("handshaking");
    await settled();
    expect(client.error).toBe(refusal);
    carry(client, server);
    expect(server.error).toMatchObject({ code: "peer_alert" });
  });
});
