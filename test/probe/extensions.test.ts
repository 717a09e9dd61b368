/** What a server has beside the necessary: each with a server that has it, and the same without. */
import { afterAll, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "../../src/messages/index.ts";
import type { MessageBody, MessageType } from "../../src/messages/index.ts";
import { Link } from "../../src/record/index.ts";
import type { Role } from "../../src/schedule/index.ts";
import { createServerOver } from "../../src/connection/create.ts";
import type { ServerOptions } from "../../src/index.ts";
import { certificateCompressors, native, TlsSocket } from "../../src/node.ts";
import { Asker } from "../../src/probe/asker.ts";
import { Dialer } from "../../src/probe/dialer.ts";
import { extensions } from "../../src/probe/questions/extensions.ts";
import { closeAll, identity, listen, ours, usual } from "./servers.ts";

afterAll(closeAll);

const base = usual(native);

function ask(port: number) {
  const pace = { rate: 1000, maxConnections: 20, timeout: 5000 };
  const dialer = new Dialer({ host: "127.0.0.1", port }, pace);
  const asker = new Asker(dialer, { provider: native, serverName: "localhost", trust: undefined });
  const each = { name: "x25519", postQuantum: false, hybrid: false, works: true } as const;
  const groups = { accepted: ["x25519"], each: [each], withoutShares: "", preference: "server" };
  return extensions.ask(asker, { groups } as never);
}

it("finds compression and record_size_limit, and none of them where they are not", async () => {
  const certificateCompression = certificateCompressors.slice(0, 1);
  const has = { ...base, certificateCompression, recordSizeLimit: 4000 };
  expect(await ask(await listen(ours(has)))).toEqual({
    compression: ["brotli"],
    recordSizeLimit: 4000,
    ech: false,
    keyUpdate: "not answered",
  });
  expect(await ask(await listen(ours(base)))).toEqual({
    compression: [],
    recordSizeLimit: null,
    ech: false,
    keyUpdate: "not answered",
  });
});

/** Answers an encrypted_client_hello as a server that has another configuration (RFC 9849 §7.1). */
class RetryingLink<Self extends Role> extends Link<Self> {
  encode<T extends MessageType>(type: T, body: MessageBody<T>): Uint8Array {
    if (type !== "encrypted_extensions") return encodeMessage(type, body);
    const { extensions: block } = body as MessageBody<"encrypted_extensions">;
    const answered = { ...block, encrypted_client_hello: new Uint8Array(20) };
    return encodeMessage("encrypted_extensions", { extensions: answered });
  }
}

it("finds ECH by the answer to what no configuration was needed for", async () => {
  const offered: boolean[] = [];
  const options: ServerOptions = {
    ...base,
    credentials: [identity],
    observer: {
      message: (direction, raw) => {
        if (direction !== "received" || raw[0] !== 1) return;
        const hello = decodeMessage("client_hello", raw).body.extensions;
        offered.push(hello.encrypted_client_hello !== undefined);
      },
    },
  };
  const port = await listen((socket) => {
    const secured = new TlsSocket(socket, {
      createConnection: (wiring) =>
        createServerOver({ ...options, ...wiring }, (how) => new RetryingLink(how)),
    });
    secured.on("error", () => {}).resume();
  });
  expect(await ask(port)).toMatchObject({ ech: true });
  expect(offered[0]).toBe(true);
});
