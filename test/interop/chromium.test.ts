/** Chromium loads a page from an HTTP server over our sockets. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { chromium as launcher, type Page } from "playwright-core";
import { describe, expect } from "vitest";
import { parseCertificates } from "../../src/index.ts";
import { createHttpsServer, type TlsServerOptions, type TlsSocket } from "../../src/node.ts";
import { SignatureScheme } from "../../src/registry/index.ts";
import { closed } from "../transport/node/support.ts";
import { type Algorithm, credentialsOf } from "./credentials.ts";
import { itWith } from "./peers.ts";

/** What the DevTools protocol tells of a connection. */
interface SecurityDetails {
  readonly protocol: string;
  readonly keyExchangeGroup?: string;
  readonly serverSignatureAlgorithm?: number;
}

const html = "<!doctype html><title>hybrid</title><link rel=icon href=data:,><p id=p>loading";
const script = `<script>
  fetch("/post", { method: "POST", body: "x".repeat(500_000) })
    .then((response) => response.text())
    .then((text) => (document.getElementById("p").textContent = text));
</script>`;

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Loads the page from a server, and gives what both ends say of the connection. */
async function load(
  executablePath: string,
  algorithm: Algorithm,
  options: Partial<TlsServerOptions>,
): Promise<{
  readonly details: SecurityDetails;
  readonly socket: TlsSocket;
  readonly text: string;
}> {
  const credentials = credentialsOf(algorithm);
  let socket: TlsSocket | undefined;
  const server = createHttpsServer({ ...credentials.server, ...options }, (request, response) => {
    socket = request.socket as unknown as TlsSocket;
    if (request.method === "GET") {
      response.setHeader("content-type", "text/html").end(html + script);
      return;
    }
    let length = 0;
    request.on("data", (chunk: Buffer) => (length += chunk.length));
    request.on("end", () => response.end(`got ${length} bytes`));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const args = [...quiet, `--ignore-certificate-errors-spki-list=${pin(credentials.server.cert)}`];
  const browser = await launcher.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    const { seen } = await watchSecurity(page);
    await page.goto(`https://localhost:${port}/`);
    await page.waitForFunction(`document.getElementById("p").textContent !== "loading"`);
    const text = (await page.textContent("#p")) ?? "";
    if (socket === undefined) throw new Error("nothing was asked for");
    return { details: await seen, socket, text };
  } finally {
    await browser.close();
    server.closeAllConnections();
    await closed(server);
  }
}

/** Waits for the first response. Playwright's own way does not tell the group. */
async function watchSecurity(page: Page): Promise<{ readonly seen: Promise<SecurityDetails> }> {
  const session = await page.context().newCDPSession(page);
  const seen = new Promise<SecurityDetails>((resolve) => {
    session.on("Network.responseReceived", ({ response }) => {
      if (response.securityDetails !== undefined) resolve(response.securityDetails);
    });
  });
  await session.send("Network.enable");
  return { seen };
}

/** The digest of the public key. */
function pin(pem: string): string {
  const [certificate] = parseCertificates(pem);
  return createHash("sha256").update(certificate!.spki).digest("base64");
}

describe("Chromium", () => {
  itWith("chromium", "loads a page over X25519MLKEM768", async ({ path }) => {
    const { details, socket, text } = await load(path, "secp256r1", {});
    expect(details).toMatchObject({ protocol: "TLS 1.3", keyExchangeGroup: "X25519MLKEM768" });
    const hybrid = { group: "X25519MLKEM768", postQuantum: true, retried: false };
    expect(socket.negotiated).toMatchObject({ ...hybrid, serverName: "localhost" });
    expect(text).toBe("got 500000 bytes");
  });

  itWith("chromium", "verifies a post-quantum signature", async ({ path }) => {
    const { details, socket } = await load(path, "ML-DSA-65", {});
    expect(details.serverSignatureAlgorithm).toBe(SignatureScheme.mldsa65);
    expect(socket.negotiated?.signatureScheme).toBe("mldsa65");
  });

  itWith("chromium", "is asked again for a curve", async ({ path }) => {
    const { details, socket } = await load(path, "secp256r1", { groups: ["secp384r1"] });
    expect(details.keyExchangeGroup).toBe("P-384");
    expect(socket.negotiated).toMatchObject({ group: "secp384r1", retried: true });
  });
});
