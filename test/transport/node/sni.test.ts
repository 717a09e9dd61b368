import { once } from "node:events";
import * as tls from "node:tls";
import { describe, expect, it } from "vitest";
import { createDevelopmentCa, noble } from "../../../src/index.ts";
import {
  connect,
  createSecureContext,
  createServerContext,
  type SecureContext,
  type TlsError,
  type TlsSocket,
} from "../../../src/node.ts";
import { ca, clientPem, connected, failureOf, quick, withServer } from "./support.ts";

const pemOf = (name: string) => {
  const { certificatePem, privateKeyPem } = ca.issue({ names: [name] });
  return { cert: certificatePem, key: privateKeyPem };
};
const ofShop = pemOf("shop.example");

type Answer = { readonly update: (changes: never) => void } | undefined;
const answering = (answer: () => Answer) => ({
  SNICallback(name: string, done: (error: Error | null, context?: NonNullable<Answer>) => void) {
    if (name === "nobody.example") done(new Error("nobody lives here"));
    else if (name === "shop.example") setImmediate(() => done(null, answer()));
    else done(null);
  },
});

describe("SNICallback", () => {
  it.each<[string, () => SecureContext | SecureContext<never>]>([
    ["createSecureContext", () => createSecureContext(ofShop)],
    ["createServerContext", () => createServerContext(ofShop)],
  ])("takes a context of %s, and serves others as ever", async (_, make) => {
    await withServer(answering(make), async (port) => {
      const shop = await connected(port, { servername: "shop.example" });
      expect(shop.getPeerCertificate().subject?.CN).toBe("shop.example");
      shop.destroy();
      const other = await connected(port, { servername: "localhost" });
      expect(other.getPeerCertificate().subject?.CN).toBe("localhost");
      other.destroy();
      const unnamed = await connected(port);
      expect(unnamed.servername).toBe(false);
      unnamed.destroy();
    });
  });

  it.each<[string, () => Answer, RegExp]>([
    ["nobody.example", () => undefined, /nobody lives here/],
    ["shop.example", () => tls.createSecureContext() as never, /no context of kemistry/],
    ["shop.example", () => createServerContext({ ...ofShop, alpn: ["h2"] }), /a context with alpn/],
    ["shop.example", () => createServerContext({ ...ofShop, tickets: false }), /with tickets/],
  ])("refuses %s with unrecognized_name: %#", async (servername, answer, message) => {
    await withServer(answering(answer), async (port, server) => {
      const told = once(server, "tlsClientError") as Promise<[TlsError]>;
      const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, servername });
      const error = (await failureOf(client)) as TlsError;
      expect(error.message).toMatch(/unrecognized_name/);
      expect((await told)[0]).toMatchObject({ reason: "unrecognized_name" });
      expect((await told)[0].message).toMatch(message);
    });
  });

  it("says whom the name trusts", async () => {
    const strangers = createDevelopmentCa({ provider: noble, now: Date.now() });
    const stranger = strangers.issue({ names: ["stranger.example"], usage: "client" });
    const strangerPem = { cert: stranger.certificatePem, key: stranger.privateKeyPem };
    const callback = answering(() => createSecureContext({ ...ofShop, ca: strangers.pem }));
    await withServer({ ...callback, ca: ca.pem, requestCert: true }, async (port, server) => {
      server.on("secureConnection", (socket: TlsSocket) => {
        socket.on("error", () => undefined);
        socket.end(String(socket.authorized));
      });
      const outcome = async (own: object): Promise<string> => {
        const client = connect(port, "127.0.0.1", { ...quick, ca: ca.pem, ...own });
        const answer: unknown = await once(client, "data").catch((error: unknown) => error);
        client.destroy();
        return String(answer);
      };
      expect(await outcome({ servername: "shop.example", ...strangerPem })).toBe("true");
      expect(await outcome({ servername: "shop.example", ...clientPem })).toMatch(/unknown_ca/);
      expect(await outcome({ servername: "localhost", ...clientPem })).toBe("true");
      expect(await outcome({ servername: "localhost", ...strangerPem })).toMatch(/unknown_ca/);
    });
  });
});
