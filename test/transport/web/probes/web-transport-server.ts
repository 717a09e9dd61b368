/** A server of WebTransport in Deno; TLS of ours is in its streams. It prints where it is, and what came of each stream. */
import {
  type ByteStreams,
  createDevelopmentCa,
  createServerConnection,
  noble,
  TlsError,
  toWebStreams,
} from "../../../../src/index.ts";
import { hearsLast, readAll, sayMuch, type Way, whatCame } from "./web-transport.ts";

/** What is used of Deno. */
declare const Deno: {
  readonly QuicEndpoint: new (at: { readonly hostname: string; readonly port: number }) => {
    readonly addr: { readonly port: number };
    listen(options: {
      readonly cert: string;
      readonly key: string;
      readonly alpnProtocols: readonly string[];
    }): { accept(): Promise<object> };
  };
  upgradeWebTransport(connection: object): Promise<WebTransport & { readonly url: string }>;
};

const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
/** A browser knows it by its hash, which must not be good for more than two weeks. */
const outer = ca.issue({ names: ["127.0.0.1"], days: 10 });
const credentials = [ca.issue({ names: ["server.example"] })];

async function serve(session: WebTransport, stream: ByteStreams, way: Way): Promise<string> {
  const ends = toWebStreams((wiring) => createServerConnection({ credentials, ...wiring }), stream);
  try {
    await ends.opened;
    if (way === "nobody") {
      await ends.writable.getWriter().write(new Uint8Array(1000));
      session.close();
      return whatCame(await readAll(ends.readable));
    }
    const reading = readAll(ends.readable);
    if (way === "client") await reading;
    await Promise.all([sayMuch(ends.writable), reading]);
    await ends.closed;
    return whatCame(await reading);
  } catch (error) {
    return error instanceof TlsError ? error.code : String(error);
  }
}

async function report(session: WebTransport, stream: ByteStreams, way: Way): Promise<void> {
  const came = await serve(session, stream, way);
  console.log(`${way}: ${came}`);
  if (hearsLast("server", way, came)) session.close();
}

const endpoint = new Deno.QuicEndpoint({ hostname: "127.0.0.1", port: 0 });
const listener = endpoint.listen({
  cert: outer.certificatePem,
  key: outer.privateKeyPem,
  alpnProtocols: ["h3"],
});
const hash = new Uint8Array(
  await crypto.subtle.digest("SHA-256", new Uint8Array(outer.chain[0]!.der)),
);
const url = `https://127.0.0.1:${endpoint.addr.port}/`;
console.log(JSON.stringify({ url, hash: [...hash], pem: ca.pem }));

for (;;) {
  const session = await Deno.upgradeWebTransport(await listener.accept());
  await session.ready;
  const way = new URL(session.url).pathname.slice(1) as Way;
  const { value } = await session.incomingBidirectionalStreams.getReader().read();
  void report(session, value as ByteStreams, way);
}
