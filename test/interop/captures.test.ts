/** What tcpdump captures of others' handshakes, as we read it. */
import { readFileSync } from "node:fs";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, firefox } from "playwright-core";
import { describe, expect, it } from "vitest";
import { certificateCompressors, createHttpsServer, native } from "../../src/node.ts";
import {
  inspectCapture,
  type InspectedCapture,
  type InspectedConnection,
} from "../../src/lab/inspection/inspect.ts";
import { portOf } from "../../src/peers/openssl.ts";
import { findPeer as findKnownPeer } from "../../src/peers/find.ts";
import { go } from "../../src/peers/known/go.ts";
import { pause, withPeer } from "../../src/peers/process.ts";
import { closed } from "../transport/node/support.ts";
import { credentialsOf, temporaryFolder } from "./credentials.ts";
import { findPeer, isRequired, itWith, whyMissing } from "./peers.ts";

const files = credentialsOf();
const folder = temporaryFolder();
let count = 0;

interface Captured {
  readonly file: string;
  /** Where programs are told to log their secrets. */
  readonly keys: string;
}

/** Captures on the loopback interface until `during` is over; `undefined` where that may not be. */
async function captured(
  port: number,
  { file }: Captured,
  during: () => Promise<void>,
  form: readonly string[] = ["-i", "lo"],
): Promise<InspectedCapture> {
  const tcpdump = findPeer("tcpdump");
  if (tcpdump === undefined) throw new Error(whyMissing("tcpdump"));
  const args = [
    ...form,
    "-U",
    "--immediate-mode",
    "-Z",
    "root",
    "-B",
    "16384",
    "-w",
    file,
    `tcp port ${port}`,
  ];
  return withPeer(tcpdump.path, args, async (dump) => {
    await dump.expect(/listening on/);
    await during();
    // What was captured last is on its way to the file
    await pause(300);
    dump.child.kill("SIGINT");
    await dump.exit();
    return inspectFile(file);
  });
}

const inspectFile = (file: string, keyLog = ""): InspectedCapture =>
  inspectCapture([readFileSync(file)], {
    provider: native,
    keyLog,
    certificateCompression: certificateCompressors,
  });

const place = (name: string): Captured => ({
  file: join(folder, `${name}-${++count}.pcap`),
  keys: join(folder, `${name}-${count}.keys`),
});

/** Whether tcpdump may capture here; else why a test is skipped. */
function reasonNot(): string | undefined {
  if (findPeer("tcpdump") === undefined) return whyMissing("tcpdump");
  return process.getuid?.() === 0 ? undefined : "only root may capture";
}

/** What a connection with secrets must show, whoever had it. */
function expectWhole(connection: InspectedConnection | undefined): void {
  expect(connection).toMatchObject({
    protocol: "TLS 1.3",
    fromTheStart: true,
    gaps: [],
    violations: [],
  });
  expect(connection?.sealed).toEqual({ client: 0, server: 0 });
  const verdicts = connection?.proofs.map(
    ({ what, from, verdict }) => `${what} ${from} ${verdict}`,
  );
  expect(verdicts).toEqual(
    expect.arrayContaining(["finished server right", "finished client right"]),
  );
}

const reason = reasonNot();
const isNeeded = isRequired("tcpdump") && process.getuid?.() === 0;
const withTcpdump = reason === undefined || isNeeded;

describe.runIf(withTcpdump)("a capture of OpenSSL", () => {
  const own = ["-cert", join(files.folder, "server.pem"), "-key", join(files.folder, "server.key")];
  const capture = (
    path: string,
    how: { form?: readonly string[]; server?: readonly string[]; client?: readonly string[] },
  ): Promise<Captured & { readonly inspected: InspectedCapture }> =>
    withPeer(
      path,
      ["s_server", "-accept", "127.0.0.1:0", ...own, ...(how.server ?? [])],
      async (server) => {
        const port = await portOf(server);
        const at = place("openssl");
        const client = [
          "s_client",
          "-connect",
          `127.0.0.1:${port}`,
          "-keylogfile",
          at.keys,
          ...(how.client ?? []),
        ];
        const during = (): Promise<void> =>
          withPeer(path, client, async (peer) => {
            await peer.expect(/Verify return code|---\nread R BLOCK|DONE/);
            peer.write("hello\n");
            await server.expect(/hello/);
            peer.child.stdin.end();
            await peer.ended(3000);
          });
        const inspected = await captured(port, at, during, how.form);
        return { ...at, inspected };
      },
    );

  itWith("openssl35", "is read with its key log: on Ethernet, SLL and SLL2", async ({ path }) => {
    for (const form of [
      ["-i", "lo"],
      ["-i", "any", "-y", "LINUX_SLL"],
      ["-i", "any", "-y", "LINUX_SLL2"],
    ]) {
      const { file, keys, inspected } = await capture(path, { form });
      expect(inspected.connections[0]?.sealed.server).toBeGreaterThan(0);
      const [connection, ...others] = inspectFile(file, readFileSync(keys, "utf8")).connections;
      expect(others).toEqual([]);
      expectWhole(connection);
      expect(connection?.facts).toMatchObject({ group: "X25519MLKEM768", hybrid: true });
      expect(connection?.proofs[0]).toMatchObject({ what: "certificate_verify", verdict: "right" });
    }
  });

  itWith(
    "openssl35",
    "shows a retry, a client's certificate, and other groups",
    async ({ path }) => {
      const client = join(files.folder, "client");
      const { file, keys } = await capture(path, {
        server: ["-groups", "P-384", "-verify", "1", "-CAfile", join(files.folder, "ca.pem")],
        client: ["-groups", "X25519:P-384", "-cert", `${client}.pem`, "-key", `${client}.key`],
      });
      const [connection] = inspectFile(file, readFileSync(keys, "utf8")).connections;
      expectWhole(connection);
      expect(connection?.facts).toMatchObject({ group: "secp384r1", retried: true });
      expect(connection?.facts.clientSignature).toBe("ecdsa_secp256r1_sha256");
      expect(connection?.proofs.map(({ verdict }) => verdict)).toEqual([
        "right",
        "right",
        "right",
        "right",
      ]);
    },
  );

  itWith("openssl35", "of TLS 1.2 is named, and left alone", async ({ path }) => {
    const { inspected } = await capture(path, { client: ["-tls1_2"] });
    expect(inspected.connections).toMatchObject([{ protocol: "TLS 1.2", violations: [] }]);
  });
});

describe.runIf(withTcpdump)("a capture of Go", () => {
  it("is read with its key log, both ends Go", async ({ skip }) => {
    const found = findKnownPeer(go, fileURLToPath(new URL("../../.peers", import.meta.url)));
    if ("absent" in found) {
      if (isRequired("interop-go")) throw new Error(found.absent);
      return skip(found.absent);
    }
    const { program } = found;
    const options = { cwd: files.folder };
    const own = ["--ca", "ca.pem", "--certificate", "server.pem", "--key", "server.key"];
    await withPeer(
      program,
      own,
      async (server) => {
        const port = Number((await server.expect(/listening on (\d+)/, 60_000))[1]);
        const at = place("go");
        const args = ["--ca", "ca.pem", "--port", String(port), "--key-log", at.keys];
        const talk = () =>
          withPeer(
            program,
            args,
            async (client) => {
              client.write("gopher".repeat(10_000));
              await server.until(() => server.length >= 60_000, "all that it was sent", 60_000);
              client.write("Q\n");
              await client.exit();
            },
            options,
          );
        await captured(port, at, talk);
        const [connection] = inspectFile(at.file, readFileSync(at.keys, "utf8")).connections;
        expectWhole(connection);
        expect(connection?.facts.group).toBe("X25519MLKEM768");
        expect(connection!.bytes.client).toBeGreaterThan(60_000);
      },
      options,
    );
  }, 180_000);
});

/** Each writes its secrets to a file. */
const browsers = {
  chromium: (executablePath: string, keys: string) =>
    chromium.launch({
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        // Else it gives up the first connection before its Finished
        "--ignore-certificate-errors",
        `--ssl-key-log-file=${keys}`,
      ],
      timeout: 120_000,
    }),
  firefox: (executablePath: string, keys: string) =>
    firefox.launch({
      executablePath,
      // As it is released, over WebDriver BiDi
      channel: "moz-firefox",
      env: { ...process.env, SSLKEYLOGFILE: keys },
      timeout: 120_000,
    }),
};

describe.runIf(withTcpdump)("a capture of a browser", () => {
  for (const name of ["chromium", "firefox"] as const) {
    itWith(
      name,
      `is read with its key log: ${name}`,
      async ({ path }) => {
        const server = createHttpsServer(
          files.server,
          (_request, response) => void response.end("a page"),
        );
        server.listen(0, "127.0.0.1");
        await once(server, "listening");
        const { port } = server.address() as AddressInfo;
        const at = place(name);
        const browser = await browsers[name](path, at.keys);
        try {
          await captured(port, at, async () => {
            const page = await browser.newPage({ ignoreHTTPSErrors: true });
            await page.goto(`https://localhost:${port}/`, { timeout: 120_000 });
          });
        } finally {
          await browser.close();
          server.closeAllConnections();
          await closed(server);
        }
        const { connections } = inspectFile(at.file, readFileSync(at.keys, "utf8"));
        // Who does not know the authority tries once more
        const spoken = connections.filter(({ proofs }) => proofs.length > 1);
        expect(spoken.length).toBeGreaterThan(0);
        for (const connection of spoken) {
          expectWhole(connection);
          expect(connection.facts).toMatchObject({
            group: "X25519MLKEM768",
            serverName: "localhost",
          });
        }
      },
      240_000,
    );
  }
});

if (!withTcpdump) {
  describe("captures of others", () => {
    it("are made with tcpdump", ({ skip }) => skip(reason));
  });
}
