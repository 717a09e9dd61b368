/** `pfx` and `passphrase`, as node:tls takes them. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import * as https from "node:https";
import * as tls from "node:tls";
import { describe, expect, it } from "vitest";
import { writePkcs12 } from "../../../src/authority/index.ts";
import {
  createHttpsServer,
  createSecureContext,
  createServer,
  createServerContext,
  HttpsAgent,
  native,
  parseCertificates,
  parsePrivateKey,
} from "../../../src/node.ts";
import { emptyFolders } from "../../authority/folders.ts";
import { itWith } from "../../interop/peers.ts";
import {
  ca,
  clientPem,
  closed,
  connected,
  portOf,
  quick,
  serverPem,
  withServer,
} from "./support.ts";

const folder = emptyFolders();
const passphrase = "secret";

const fileOf = ({ cert, key }: typeof serverPem, word = passphrase): Buffer =>
  Buffer.from(
    writePkcs12({ certificates: parseCertificates(cert), privateKey: parsePrivateKey(key) }, word, {
      provider: native,
      iterations: 1000,
    }),
  );
const server = fileOf(serverPem);
const client = fileOf(clientPem);

describe("pfx", { timeout: 60_000 }, () => {
  it.each([
    ["bytes, with the passphrase of the options", { pfx: client, passphrase }],
    ["an object with its own", { pfx: { buf: client, passphrase }, passphrase: "another" }],
    ["a list", { pfx: [{ buf: client, passphrase }] }],
  ])("authenticates a client: %s", async (_, own) => {
    const names: unknown[] = [];
    await withServer({ requestCert: true, ca: ca.pem }, async (port, listening) => {
      listening.on("secureConnection", (socket) =>
        names.push(socket.getPeerCertificate()?.subject),
      );
      const socket = await connected(port, own);
      await expect.poll(() => names).toEqual([{ CN: "client.example" }]);
      socket.destroy();
    });
  });

  it("is taken by the same words as in node:tls", async () => {
    const options = { pfx: server, passphrase };
    for (const listening of [
      createServer({ ...quick, ...options }),
      tls.createServer({ ...options, minVersion: "TLSv1.3" }),
    ]) {
      listening.on("secureConnection", (socket: tls.TLSSocket) => socket.end());
      const socket = await connected(await portOf(listening));
      expect(socket.authorized).toBe(true);
      socket.destroy();
      await closed(listening);
    }
  });

  it("is taken for one request, and is replaced by update", async () => {
    const listening = createHttpsServer(
      { ...quick, ...serverPem, requestCert: true, ca: ca.pem },
      (_, response) => response.end(),
    );
    const port = await portOf(listening);
    const agent = new HttpsAgent({ ca: ca.pem });
    const status = async (options: object): Promise<number | undefined> => {
      const request = https.get({
        host: "localhost",
        port,
        agent,
        ...options,
      } as https.RequestOptions);
      const [response] = (await once(request, "response")) as [
        { statusCode?: number; resume(): void },
      ];
      response.resume();
      return response.statusCode;
    };
    expect(await status({ pfx: client, passphrase })).toBe(200);
    await expect(status({})).rejects.toMatchObject({ reason: "peer_alert" });
    agent.update({ pfx: client, passphrase });
    expect(await status({})).toBe(200);
    agent.destroy();
    listening.closeAllConnections();
    await closed(listening);
    const context = createServerContext({ pfx: server, passphrase });
    const credentials = [ca.issue({ names: ["localhost"] })];
    expect(() => context.update(serverPem)).not.toThrow();
    expect(() => context.update({ pfx: server, passphrase })).not.toThrow();
    expect(() => context.update({ credentials })).not.toThrow();
  });

  it.each([
    [{ pfx: client, passphrase: "another" }, /the passphrase is wrong, or somebody has changed it/],
    [{ pfx: client }, /the passphrase is wrong/],
    [{ pfx: Buffer.from(clientPem.cert) }, /DER of PKCS #12 was expected/],
    [{ pfx: client.toString("latin1"), passphrase }, /pfx must be bytes, a Uint8Array/],
    [{ pfx: [] }, /pfx must not be empty/],
    [{ pfx: { buf: client, pasphrase: "x" } }, /pfx has no option pasphrase; did you mean/],
    [{ pfx: { passphrase } }, /pfx lacks buf; write \{ buf, passphrase \}/],
  ])("is refused: %#", (options, message) => {
    expect(() => createSecureContext({ ca: ca.pem, ...(options as object) })).toThrow(message);
    expect(() => createServerContext(options as object)).toThrow(message);
  });

  it("makes nobody trusted: its authority must be in `ca`", async () => {
    const authority = parseCertificates(ca.pem);
    const key = parsePrivateKey(clientPem.key);
    const certificates = [...parseCertificates(clientPem.cert), ...authority];
    const pfx = writePkcs12({ certificates, privateKey: key }, passphrase, {
      provider: native,
      iterations: 1000,
    });
    await withServer({}, async (port) => {
      const refused = connected(port, { secureContext: createSecureContext({ pfx, passphrase }) });
      await expect(refused).rejects.toMatchObject({ reason: "unknown_ca" });
      const taken = { secureContext: createSecureContext({ pfx, passphrase, ca: ca.pem }) };
      (await connected(port, taken)).destroy();
    });
  });

  itWith("openssl", "of an older program, in 3DES", ({ path }) => {
    writeFileSync(folder.at("all.pem"), serverPem.key + serverPem.cert);
    const how = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"];
    const files = ["-in", folder.at("all.pem"), "-out", folder.at("old.p12")];
    spawnSync(path, ["pkcs12", "-export", ...files, "-passout", `pass:${passphrase}`, ...how]);
    const pfx = readFileSync(folder.at("old.p12"));
    expect(() => createServerContext({ pfx, passphrase })).not.toThrow();
    expect(() => createServerContext({ pfx, passphrase: "another" })).toThrow(
      /passphrase is wrong/,
    );
  });
});
