/** The server of clients that are compared. Its process is another: what it spends is not theirs. */
import { Worker } from "../child.ts";

/** What a client asks for by the first byte that it sends while nothing is under way. */
export const Request = {
  /** {@link transferLength} bytes from the server. */
  download: 1,
  /** So many bytes to the server, this one included; one byte answers. */
  upload: 2,
} as const;

export const transferLength = 2 ** 20;

export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export interface FixedServer {
  readonly port: number;
  stop(): void;
}

export async function startFixedServer(identity: Identity): Promise<FixedServer> {
  const worker = new Worker<Identity, number>(new URL("server.js", import.meta.url));
  try {
    return { port: await worker.do(identity), stop: () => worker.stop() };
  } catch (error) {
    worker.stop();
    throw error;
  }
}
