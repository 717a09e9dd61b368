/** Who vouched for a peer, whichever way it is known, as a socket and a rule see it. */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import {
  acceptAnyCertificate,
  type AuthorizationQuestion,
  connect,
  createServer,
  createSigner,
  type Credential,
  type PeerQuestion,
  type TlsSocket,
} from "../../../src/node.ts";
import { anyProvider } from "../../support/ends.ts";
import { ca, closed, portOf, quick } from "./support.ts";

const serverCredential = ca.issue({ names: ["localhost"] });
const [leaf] = serverCredential.chain;
const rawCredential = {
  chain: [],
  signer: createSigner(serverCredential.privateKey, anyProvider),
  rawPublicKey: leaf!.publicKey,
};

async function withServer(
  credential: Credential | undefined,
  use: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer({ ...quick, credentials: [credential ?? serverCredential] });
  server.on("tlsClientError", () => {});
  server.on("secureConnection", (socket: TlsSocket) => socket.on("error", () => {}).resume());
  const port = await portOf(server);
  try {
    await use(port);
  } finally {
    await closed(server);
  }
}

describe("a server", () => {
  const ways = {
    "with a path to a trusted certificate": [undefined, { ca: ca.pem }, "a trust anchor"],
    "whose key is trusted": [
      rawCredential,
      { trustedKeys: [leaf!.publicKey.spki] },
      "a trusted key",
    ],
    "that the caller's own verifier knows": [
      undefined,
      { verifyServer: ({ chain }: PeerQuestion) => ({ chain, vouchedBy: "our directory" }) },
      "our directory",
    ],
  } as const;

  it.each(Object.entries(ways))("%s is authorized", async (_, [credential, client, voucher]) => {
    const asked: AuthorizationQuestion[] = [];
    await withServer(credential, async (port) => {
      const authorize = (question: AuthorizationQuestion) => asked.push(question) > 0;
      const options = { ...quick, ...client, servername: "localhost", authorize };
      const socket: TlsSocket = connect(port, "127.0.0.1", options as never);
      await once(socket, "secureConnect");
      expect([socket.authorized, socket.authorizationError]).toEqual([true, null]);
      socket.destroy();
    });
    expect(asked).toMatchObject([{ vouchedBy: voucher }]);
    // The names are those of a certificate that somebody vouched for
    expect(asked[0]!.names.dns).toEqual(voucher === "a trusted key" ? [] : ["localhost"]);
  });

  it.each([
    ["anybody's certificate", acceptAnyCertificate],
    ["an answer that names nobody", ({ chain }: PeerQuestion) => ({ chain })],
  ])("is not authorized by %s", async (_, verifyServer) => {
    const asked: AuthorizationQuestion[] = [];
    await withServer(undefined, async (port) => {
      const authorize = (question: AuthorizationQuestion) => asked.push(question) > 0;
      const options = { ...quick, verifyServer, servername: "localhost", authorize };
      const socket: TlsSocket = connect(port, "127.0.0.1", options as never);
      await once(socket, "secureConnect");
      expect(socket.authorized).toBe(false);
      expect(socket.authorizationError?.message).toContain("`vouchedBy`");
      socket.destroy();
    });
    expect(asked).toMatchObject([{ vouchedBy: undefined, chain: [], names: { dns: [] } }]);
  });

  it.each([
    ["another certificate", { chain: ca.issue({ names: ["localhost"] }).chain, vouchedBy: "us" }],
    ["no certificate", { chain: [], vouchedBy: "us" }],
    ["another key", { chain: [], rawPublicKey: ca.certificate.publicKey, vouchedBy: "us" }],
    ["nothing", undefined],
    ["a verifier without a name", { chain: serverCredential.chain, vouchedBy: "" }],
    ["a verifier that is no name", { chain: serverCredential.chain, vouchedBy: true }],
  ])("is refused by an answer about %s", async (_, answer) => {
    await withServer(undefined, async (port) => {
      const verifyServer = () => answer;
      const options = { ...quick, verifyServer, servername: "localhost" };
      const socket: TlsSocket = connect(port, "127.0.0.1", options as never);
      const [error] = await once(socket, "error");
      expect(error).toMatchObject({ reason: "misuse", detail: { where: "verifyServer" } });
    });
  });
});
