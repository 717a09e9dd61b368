/** What a page and Deno do alike over WebTransport, which carries a server's TLS in its streams. */
import {
  type ByteStreams,
  createClientConnection,
  createTrustStore,
  TlsError,
  toWebStreams,
} from "../../../../src/index.ts";

export interface WebTransportQuestion {
  /** Of the server, which does by its path what {@link ways} says. */
  readonly url: string;
  /** SHA-256 of the certificate of HTTP/3, which is not that of the TLS inside. */
  readonly hash: readonly number[];
  /** Whom to trust inside. */
  readonly pem: string;
  /** What the server inside must be called. */
  readonly serverName: string;
}

/** Who ends first; in the last the server's session goes, without a close_notify. */
export const ways = ["client", "server", "nobody"] as const;
export type Way = (typeof ways)[number];

/** More than any buffer on the way holds. */
export const much = Uint8Array.from({ length: 400_000 }, (_, at) => at * 31 + (at >> 8));

/** `all` for {@link much}, otherwise how much came. */
export const whatCame = (data: Uint8Array): string =>
  data.length === much.length && data.every((byte, at) => byte === much[at])
    ? "all"
    : `${data.length} bytes`;

/** A `Response` would read it too, and hide the error in one of its own. */
export async function readAll(readable: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const read: number[] = [];
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Uint8Array.from(read);
    for (const byte of value) read.push(byte);
  }
}

export async function sayMuch(writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  await writer.write(much);
  await writer.close();
}

/** Says much, and hears much, in the order that the way asks for. */
async function talk(
  transport: ByteStreams,
  { pem, serverName }: WebTransportQuestion,
  way: Way,
): Promise<string> {
  const ends = toWebStreams(
    (wiring) => createClientConnection({ trust: createTrustStore(pem), serverName, ...wiring }),
    transport,
  );
  try {
    const { group } = await ends.opened;
    const reading = readAll(ends.readable);
    if (way !== "client") await reading;
    await Promise.all([sayMuch(ends.writable), reading]);
    await ends.closed;
    return `${group}: ${whatCame(await reading)}`;
  } catch (error) {
    return error instanceof TlsError ? error.code : String(error);
  }
}

/** Whoever hears the last word closes the session: that throws away what is on its way. After an alert it is the server. */
export const hearsLast = (role: "client" | "server", way: Way, outcome: string): boolean =>
  (way === "client" && outcome.endsWith("all")) === (role === "client");

/** What came of each way: the group and what was heard, or the code of the error. */
export async function tryWebTransport(
  question: WebTransportQuestion,
): Promise<Readonly<Partial<Record<Way, string>>>> {
  const value = Uint8Array.from(question.hash);
  const outcomes: Partial<Record<Way, string>> = {};
  for (const way of ways) {
    const session = new WebTransport(question.url + way, {
      serverCertificateHashes: [{ algorithm: "sha-256", value }],
    });
    await session.ready;
    const outcome = await talk(await session.createBidirectionalStream(), question, way);
    outcomes[way] = outcome;
    if (hearsLast("client", way, outcome)) session.close();
    await session.closed.catch(() => {});
  }
  return outcomes;
}
