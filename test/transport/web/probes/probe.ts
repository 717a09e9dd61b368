/** What a page, a worker and another runtime do alike: a handshake over streams, a question and its echo. */
import {
  type ByteStreams,
  createClientConnection,
  createDevelopmentCa,
  createServerConnection,
  createTrustStore,
  noble,
  TlsError,
  toWebStreams,
  webSocketStreams,
} from "../../../../src/index.ts";
import type { IssuedCredential } from "../../../../src/pki.ts";

export interface Question {
  /** Whom to trust. */
  readonly pem: string;
  /** What the server must be called. */
  readonly serverName: string;
  readonly tcpPort: number;
  readonly webSocketUrl: string;
}

/** What came of it: the group and what came back, or the code of the error. */
export async function tryOver(
  transport: ByteStreams,
  { pem, serverName }: Question,
): Promise<string> {
  const ends = toWebStreams(
    (wiring) => createClientConnection({ trust: createTrustStore(pem), serverName, ...wiring }),
    transport,
  );
  try {
    const { group } = await ends.opened;
    const text = new Response(ends.readable as BodyInit).text();
    const writer = ends.writable.getWriter();
    await writer.write(new TextEncoder().encode("there and back"));
    await writer.close();
    const answer = `${group}: ${await text}`;
    await ends.closed;
    return answer;
  } catch (error) {
    return error instanceof TlsError ? error.code : String(error);
  }
}

/** A server's certificate, and the authority that clients have to trust. */
export function newServer(): {
  readonly pem: string;
  readonly credentials: readonly IssuedCredential[];
} {
  const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
  return { pem: ca.pem, credentials: [ca.issue({ names: ["server.example"] })] };
}

/** A server's end, which sends back what it gets. */
export function echo(transport: ByteStreams, credentials: readonly IssuedCredential[]): void {
  const ends = toWebStreams(
    (wiring) => createServerConnection({ credentials, ...wiring }),
    transport,
  );
  ends.readable.pipeTo(ends.writable).catch(() => {});
}

/** Over a WebSocket, which all of them have. */
export const tryWebSocket = (question: Question): Promise<string> =>
  tryOver(webSocketStreams(new WebSocket(question.webSocketUrl)), question);
