/** What an agent asks its authority, which may be several processes at several places: the next is tried where one fails. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { TlsError } from "../../registry/index.ts";
import { HttpsAgent, type HttpsAgentOptions } from "../../transport/node/index.ts";

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly etag: string | undefined;
  /** Seconds. */
  readonly retryAfter: number | undefined;
}

export interface Ask {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Bytes of an answer: lists grow with what was revoked. */
const mostBytes = 16 * 2 ** 20;

/** Milliseconds for one place. */
const patience = 10_000;

export class AuthorityClient {
  readonly #places: readonly URL[];
  readonly #agent: HttpsAgent;
  /** The place that has answered last. */
  #first = 0;

  /** @throws TypeError for what is not an https URL */
  constructor(places: readonly string[], options: HttpsAgentOptions) {
    this.#places = places.map((place) => {
      const url = new URL(place);
      if (url.protocol === "https:" && /^\/?$/.test(url.pathname)) return url;
      throw new TypeError(`joinMesh: authority is https://<host>:<port>, not ${place}`);
    });
    this.#agent = new HttpsAgent(options);
  }

  /**
   * The answer of the first place that gives one which is not about itself.
   * @throws the error of the last one
   */
  async ask(what: Ask): Promise<Reply> {
    let failure: unknown;
    for (let at = 0; at < this.#places.length; at++) {
      const place = (this.#first + at) % this.#places.length;
      try {
        const reply = await this.#askAt(this.#places[place]!, what);
        if (reply.status < 500) {
          this.#first = place;
          return reply;
        }
        failure = refusalIn(reply);
      } catch (error) {
        what.signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }

  close(): void {
    this.#agent.destroy();
  }

  async #askAt(place: URL, { method, path, body, headers, signal }: Ask): Promise<Reply> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    const request = httpRequest({
      protocol: "https:",
      // An address of version 6 stands in brackets in a URL only
      host: place.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: place.port === "" ? 443 : Number(place.port),
      method,
      path,
      headers: { ...headers, ...(body && { "content-length": body.length }) },
      agent: this.#agent,
      signal: limit,
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve).on("error", reject);
    });
    request.end(body);
    const response = await answered;
    return {
      status: response.statusCode ?? 0,
      body: await textOf(response),
      etag: response.headers.etag,
      retryAfter: Number(response.headers["retry-after"]) || undefined,
    };
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > mostBytes) {
      response.destroy();
      throw new Error(`the authority's answer has more than ${mostBytes} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** What the authority says is wrong. */
export function refusalIn({ status, body }: Reply): TlsError {
  let reason = body.slice(0, 200);
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") reason = error.slice(0, 500);
  } catch {
    // Somebody else has answered
  }
  return new TlsError("access_denied", `the authority refuses: ${reason}`, {
    received: `status ${status}`,
  });
}
