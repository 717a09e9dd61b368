/** curl against an HTTP server over our sockets. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type * as http from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { createHttpsServer, type TlsServerOptions, type TlsSocket } from "../../src/node.ts";
import { closed } from "../transport/node/support.ts";
import { credentialsOf, temporaryFolder } from "./credentials.ts";
import { withPeer } from "../../src/peers/process.ts";
import { itWith } from "./peers.ts";

const { server: serverPem, ca, folder } = credentialsOf();
const page = randomBytes(1_000_000).toString("base64");

/** The page, the digest of what was posted, or the name of who asks. */
const answer: http.RequestListener = (request, response) => {
  const socket = request.socket as unknown as TlsSocket;
  if (request.url === "/page") response.end(page);
  if (request.url === "/who") response.end(String(socket.getPeerCertificate().subject?.CN));
  if (request.url === "/group") response.end(socket.negotiated?.group);
  if (request.url === "/digest") {
    const hash = createHash("sha256");
    request.on("data", (chunk: Buffer) => hash.update(chunk));
    request.on("end", () => response.end(hash.digest("hex")));
  }
};

/** What curl prints, and its exit code. */
async function curl(
  path: string,
  args: (url: string) => readonly string[],
  options: Partial<TlsServerOptions> = {},
): Promise<{ readonly code: number | null; readonly text: string; readonly log: string }> {
  const server = createHttpsServer({ ...serverPem, ...options }, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const always = ["--silent", "--show-error", "--verbose", "--max-time", "10"];
  try {
    return await withPeer(path, [...always, ...args(url)], async (peer) => {
      const code = await peer.exit();
      return { code, text: peer.bytes.toString(), log: peer.output };
    });
  } finally {
    server.closeAllConnections();
    await closed(server);
  }
}

const trust = ["--cacert", join(folder, "ca.pem")];

describe("curl", () => {
  itWith("curl", "fetches a page, and another over the same connection", async ({ path }) => {
    const result = await curl(path, (url) => [...trust, `${url}/page`, `${url}/group`]);
    expect(result.code).toBe(0);
    expect(result.text.slice(0, page.length)).toBe(page);
    expect(result.text.slice(page.length)).toMatch(/^(x25519|X25519MLKEM768)$/);
    expect(result.log).toMatch(/TLSv1\.3/);
    expect(result.log).toMatch(/Re-using existing connection/i);
  });

  itWith("curl", "posts a file", async ({ path }) => {
    const data = randomBytes(3_000_000);
    const file = join(temporaryFolder(), "upload");
    writeFileSync(file, data);
    const post = ["--data-binary", `@${file}`];
    const { text } = await curl(path, (url) => [...trust, ...post, `${url}/digest`]);
    expect(text).toBe(createHash("sha256").update(data).digest("hex"));
  });

  itWith("curl", "shows a certificate where one is required", async ({ path }) => {
    const options = { clientAuthentication: "require", ca } as const;
    const own = ["--cert", join(folder, "client.pem"), "--key", join(folder, "client.key")];
    const { text } = await curl(path, (url) => [...trust, ...own, `${url}/who`], options);
    expect(text).toBe("client.example");
    const without = await curl(path, (url) => [...trust, `${url}/who`], options);
    expect(without.code).not.toBe(0);
    expect(without.log).toMatch(/certificate required/i);
  });

  itWith("curl", "chooses HTTP/1.1 by ALPN", async ({ path }) => {
    const options = { alpn: ["http/1.1"] };
    const result = await curl(path, (url) => [...trust, `${url}/group`], options);
    expect(result.code).toBe(0);
    expect(result.log).toMatch(/ALPN.*server accepted.*http\/1\.1/i);
  });

  itWith("curl", "does not trust an authority that it does not know", async ({ path }) => {
    const { code, text } = await curl(path, (url) => [`${url}/page`]);
    expect(code).toBe(60);
    expect(text).toBe("");
  });
});
