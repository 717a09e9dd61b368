/** Whatever certificate a peer has, no getter of a socket throws, and nothing out of a handler. */
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type * as http from "node:http";
import * as https from "node:https";
import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { acceptAnyCertificate, spiffeIdOf, validityOf } from "../../../src/index.ts";
import { createSigner, parseCertificate } from "../../../src/identity/index.ts";
import { negotiatedFacts } from "../../../src/lab.ts";
import {
  connect,
  createHttpsServer,
  createServer,
  HttpsAgent,
  native,
  type TlsSocket,
} from "../../../src/node.ts";
import { refusedOfSocket } from "../../../src/transport/node/node-members.ts";
import { TlsError } from "../../../src/registry/index.ts";
import { equal } from "../../../src/wire/index.ts";
import { leaf } from "../../identity/fuzz.ts";
import { mutate } from "../../support/mutate.ts";
import { worstCertificates } from "../../support/worst-certificates.ts";
import { closed, portOf, quick } from "./support.ts";

const signer = createSigner(leaf.privateKey, native);

/** The key is still the signer's, so that the handshake comes to its end. */
const isUsable = (der: Uint8Array): boolean => {
  try {
    return equal(parseCertificate(der).spki, leaf.certificate.spki);
  } catch (error) {
    expect(error).toBeInstanceOf(TlsError);
    return false;
  }
};

const isOpenssls = (der: Uint8Array): boolean => {
  try {
    return new X509Certificate(der).subject !== "";
  } catch {
    return false;
  }
};

/** `FUZZ_ROUNDS` gives more of them. */
const wanted = Number(process.env["FUZZ_ROUNDS"] ?? 40);

function damaged(): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let seed = 1; found.length < wanted; seed++) {
    const der = mutate(leaf.certificate.der, seed);
    if (isUsable(der)) found.push(der);
  }
  return found;
}

const credentialOf = (der: Uint8Array) => ({
  chain: [{ ...leaf.certificate, der }],
  signer,
});

/** Calls every getter, and every method that only tells. */
function askAll(object: object): string[] {
  const asked: string[] = [];
  for (
    let level: object = object;
    level !== Duplex.prototype && level !== Object.prototype;
    level = Object.getPrototypeOf(level) as object
  ) {
    for (const [name, { get, value }] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      const method: unknown = value;
      const tells = typeof method === "function" && /^(get|is|address)/.test(name);
      if ((get === undefined && !tells) || Object.hasOwn(refusedOfSocket, name)) continue;
      asked.push(name);
      if (get === undefined) Reflect.apply(method as () => unknown, object, []);
      else Reflect.apply(get, object, []);
    }
  }
  return asked;
}

function askSocket(socket: TlsSocket): void {
  const asked = askAll(socket);
  expect(asked).toEqual(
    expect.arrayContaining([
      "negotiated",
      "authorizationError",
      "getPeerX509Certificate",
      "address",
    ]),
  );
  socket.exportKeyingMaterial(16, "EXPORTER-test");
  const { negotiated } = socket;
  const [certificate] = negotiated!.peer!.chain;
  JSON.stringify(negotiatedFacts(negotiated!));
  validityOf({ chain: [certificate!] } as never);
  askAll(certificate!.subject);
  // A certificate that cannot be used for it says so by its own error
  for (const look of [() => spiffeIdOf(certificate!), () => certificate!.publicKey]) {
    try {
      look();
    } catch (error) {
      expect(error).toBeInstanceOf(TlsError);
    }
  }
}

const certificates = damaged();

it("are such as OpenSSL takes and refuses", () => {
  const taken = certificates.filter(isOpenssls).length;
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(certificates.length);
});

const anybody = { verifyServer: acceptAnyCertificate };
const anyClient = {
  clientAuthentication: "require" as const,
  verifyClient: acceptAnyCertificate,
};

describe.each([
  ["damaged", certificates],
  ["of the worst shapes", Object.values(worstCertificates).map((make) => make(200))],
] as const)("certificates that are %s", { timeout: 120_000 }, (what, ders) => {
  it("do no harm to sockets of both ends", async () => {
    let done = 0;
    for (const der of ders) {
      const credentials = [credentialOf(der)];
      const server = createServer({ ...quick, ...anyClient, credentials });
      const accepted = once(server, "secureConnection") as Promise<[TlsSocket]>;
      server.on("tlsClientError", () => {});
      const client = connect({
        ...quick,
        ...anybody,
        port: await portOf(server),
        host: "127.0.0.1",
        servername: "localhost",
        credentials,
      });
      const failed = new Promise<undefined>((resolve) => {
        client.on("error", () => resolve(undefined));
        client.on("close", () => resolve(undefined));
        server.on("tlsClientError", () => resolve(undefined));
      });
      const socket = await Promise.race([accepted.then(([each]) => each), failed]);
      if (socket !== undefined) {
        askSocket(socket);
        socket.on("error", () => {});
        if (client.negotiated === undefined) await once(client, "secureConnect");
        askSocket(client);
        done++;
      }
      client.destroy();
      socket?.destroy();
      await closed(server);
    }
    if (what === "damaged") expect(done).toBeGreaterThan(ders.length / 2);
  });

  it("do no harm to an HTTPS server's page and an agent's response", async () => {
    let done = 0;
    for (const der of ders.slice(0, 20)) {
      const credentials = [credentialOf(der)];
      const server = createHttpsServer(
        { ...quick, ...anyClient, credentials },
        (request, answer) => {
          askSocket(request.socket as unknown as TlsSocket);
          answer.end("asked");
        },
      );
      server.on("tlsClientError", () => {});
      const agent = new HttpsAgent({ ...quick, ...anybody, credentials, keepAlive: true });
      const url = { host: "localhost", port: await portOf(server), agent };
      await new Promise<void>((resolve) => {
        const request = https.get(url, (response: http.IncomingMessage) => {
          askSocket(response.socket as unknown as TlsSocket);
          done++;
          response.resume().on("end", resolve);
        });
        request.on("error", () => resolve());
      });
      agent.destroy();
      server.closeAllConnections();
      await closed(server);
    }
    if (what === "damaged") expect(done).toBeGreaterThan(5);
  });
});
