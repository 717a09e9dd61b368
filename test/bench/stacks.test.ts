/** The stacks that are compared do what the benchmark says that they do. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import * as tls from "node:tls";
import { describe, expect, it } from "vitest";
import { Unavailable } from "../../bench/measure.ts";
import { type Client, clientStacks, type ClientTerms } from "../../bench/subjects/clients.ts";
import { pems } from "../../bench/subjects/identity.ts";
import { installed } from "../../bench/subjects/installed.ts";
import { type Connector, lemonTls, nodeTls, ours, type Way } from "../../bench/subjects/sockets.ts";
import { createDevelopmentCa, native } from "../../src/node.ts";

type StackName = keyof typeof clientStacks;

/** A server that sends back what it gets. */
async function withEcho<T>(
  identity: { readonly cert: string; readonly key: string },
  work: (port: number) => Promise<T>,
): Promise<T> {
  const server = tls.createServer(
    { ...identity, minVersion: "TLSv1.3", ecdhCurve: "X25519:P-256" },
    (socket) => {
      socket.on("error", () => {});
      socket.pipe(socket);
    },
  );
  server.on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

/** What a client hears of what it says. */
async function echo(client: Client, port: number): Promise<string> {
  const { write, listen, destroy } = await client(port);
  const heard = new Promise<string>((resolve) =>
    listen((data) => resolve(String(Buffer.from(data)))),
  );
  await write(Buffer.from("there"));
  try {
    return await heard;
  } finally {
    destroy();
  }
}

const groupOf = (name: StackName): ClientTerms["group"] =>
  name === "subtls" ? "secp256r1" : "x25519";
const aes = "TLS_AES_128_GCM_SHA256";

describe.each(Object.keys(clientStacks) as StackName[])("the client %s", (name) => {
  const stack = clientStacks[name];
  const group = groupOf(name);

  it("reaches a server that it trusts, and exchanges data", async () => {
    const client = await stack({ group, suite: aes, verify: true });
    expect(await withEcho(pems, (port) => echo(client, port))).toBe("there");
  });

  it("refuses a server under another CA, unless it shall not verify", async () => {
    const other = createDevelopmentCa({ provider: native, now: Date.now() });
    const { certificatePem, privateKeyPem } = other.issue({ names: ["localhost"] });
    const identity = { cert: certificatePem, key: privateKeyPem };
    const strict = await stack({ group, suite: aes, verify: true });
    await expect(withEcho(identity, strict)).rejects.toThrow(/certif|issuer|trust|anchor/i);
    if (name === "subtls") {
      await expect(stack({ group, suite: aes, verify: false })).rejects.toThrow(Unavailable);
    } else {
      const lenient = await stack({ group, suite: aes, verify: false });
      expect(await withEcho(identity, (port) => echo(lenient, port))).toBe("there");
    }
  });
});

describe.each(["pipe", "tcp"] satisfies Way[])("handshakes over a %s", (way) => {
  const use = async (connecting: Promise<Connector>): Promise<void> => {
    const connector = await connecting;
    const { client, server } = await connector.open();
    client.write("there");
    expect(String((await once(server, "data"))[0])).toBe("there");
    client.destroy();
    server.destroy();
    connector.close();
  };

  it.each(["full", "resumed"] as const)("are %s by node:tls and by ours", async (mode) => {
    await use(nodeTls({ group: "x25519", way, mode }));
    await use(ours({ group: "x25519", way, mode }));
  });

  it("are not to be had of node:tls with a group that it has not", async () => {
    await expect(nodeTls({ group: "no-such-group", way })).rejects.toThrow(
      "node:tls has no no-such-group here",
    );
    // Nothing of the failure is left in OpenSSL, where ours would meet it
    await use(ours({ group: "x25519", way }));
  });
});

it("lemon-tls shakes hands over TCP", async () => {
  const { open, close } = await lemonTls({ way: "tcp" });
  const { client, server } = await open();
  expect(client.destroyed).toBe(false);
  client.destroy();
  server.destroy();
  close();
});

it("a stack that is not installed is unavailable; one that is broken is not hidden", async () => {
  const gone = Object.assign(new Error("gone"), { code: "ERR_MODULE_NOT_FOUND" });
  await expect(installed("a-stack", () => Promise.reject(gone))).rejects.toThrow(
    new Unavailable("a-stack is not installed"),
  );
  await expect(installed("a-stack", () => Promise.reject(new Error("broken")))).rejects.toThrow(
    "broken",
  );
});
