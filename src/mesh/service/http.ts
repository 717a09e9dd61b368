/** What an authority says over HTTP: one table of paths, and one way in which errors become answers. */
import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { AuthorityError, type AuthorityErrorCode } from "../../authority/index.ts";
import { TlsError } from "../../registry/index.ts";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Seconds; the answer is one that changes, and who has it asks whether it has. */
  readonly maxAge?: number;
  /** Seconds after which to ask again. */
  readonly retryAfter?: number;
}

export interface Asked {
  readonly request: IncomingMessage;
  readonly path: string;
  readonly body: Uint8Array;
}

/** By method and the first part of the path: `POST /enrol`. */
export type Routes = Readonly<Record<string, (asked: Asked) => Answer | Promise<Answer>>>;

/** Bytes of a request: one with the largest keys of SLH-DSA has 60 000. */
const mostBytes = 65_536;

/** Who asks is told what is wrong with their request; what went wrong here is told to the owner. */
const statuses: Readonly<Record<AuthorityErrorCode, number>> = {
  not_found: 404,
  exists: 409,
  busy: 503,
  damaged: 500,
  refused: 403,
  misuse: 500,
};

export const json = (status: number, value: object): Answer => ({
  status,
  type: "application/json",
  body: `${JSON.stringify(value)}\n`,
});

/** Says no, in one line. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @param onError told of what is nobody's fault who asked */
export const serve =
  (routes: Routes, onError: (error: unknown) => void): RequestListener =>
  (request, response) => {
    void answerTo(routes, request)
      .catch((error: unknown) => {
        const answer = failure(error);
        if (answer.status >= 500) onError(error);
        return answer;
      })
      .then((answer) => send(request, response, answer));
  };

async function answerTo(routes: Routes, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? "/").split("?")[0]!;
  const [, first = ""] = path.split("/");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = Object.hasOwn(routes, `${method} /${first}`)
    ? routes[`${method} /${first}`]
    : undefined;
  const body = await bodyOf(request);
  if (route === undefined) throw new Refusal(404, `there is no ${method} ${path}`);
  return route({ request, path, body });
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > mostBytes) throw new Refusal(413, `more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function failure(error: unknown): Answer {
  if (error instanceof Refusal) return json(error.status, { error: error.message });
  if (error instanceof AuthorityError) {
    const status = statuses[error.code];
    const message = status === 500 ? "the authority cannot" : error.message;
    return { ...json(status, { error: message }), ...(status === 503 && { retryAfter: 1 }) };
  }
  if (error instanceof TlsError) {
    const { code, message } = error;
    if (code === "access_denied") return json(403, { error: message });
    if (code.startsWith("bad_certificate") || code === "unsupported_certificate") {
      return json(400, { error: message });
    }
  }
  return json(500, { error: "the authority cannot" });
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, type, body, maxAge, retryAfter } = answer;
  const tag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  const isKnown = maxAge !== undefined && request.headers["if-none-match"] === tag;
  const bytes = Buffer.from(body as Uint8Array);
  response.writeHead(isKnown ? 304 : status, {
    "content-type": type,
    "content-length": String(isKnown ? 0 : bytes.length),
    "cache-control": maxAge === undefined ? "no-store" : `max-age=${maxAge}`,
    ...(maxAge === undefined ? {} : { etag: tag }),
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    // What was not read would be taken for the next request
    ...(request.complete ? {} : { connection: "close" }),
  });
  response.end(isKnown || request.method === "HEAD" ? undefined : bytes);
}
