/**
 * Which requests came as early data (RFC 8470). A socket gives early data to its reader when the handshake is over, and
 * then nobody has replayed that flight to this server. But a client may have sent the request before, on a connection
 * that came to nothing, and only the application knows what it may do twice.
 */
import type * as http from "node:http";
import type { TlsSocket } from "./socket.ts";

/** Requests whose head, or a part of it, was early data. */
const early = new WeakSet<object>();

interface Reading {
  /** `carried`: what is parsed next may have begun as early data. */
  phase: "early" | "carried" | "later";
  /** Bytes that the parser was given. */
  given: number;
  chunk: Uint8Array;
  last: http.IncomingMessage | undefined;
}

const readings = new WeakMap<object, Reading>();

/**
 * Whether a request came as early data, here or, as `Early-Data: 1` says, at a proxy in front of us (RFC 8470 §5.1). What is
 * not safe to do twice is answered with 425 (Too Early, §5.2): the client sends it again, not early.
 * @param request of a {@link HttpsServer}
 */
export const cameEarly = (request: http.IncomingMessage): boolean =>
  early.has(request) || request.headers["early-data"] === "1";

/** To be called before an HTTP parser listens to the socket. */
export function watchEarlyRequests(socket: TlsSocket): void {
  const length = socket.earlyDataLength;
  if (length === 0) return;
  const reading: Reading = { phase: "early", given: 0, chunk: new Uint8Array(0), last: undefined };
  readings.set(socket, reading);
  const look = (chunk: Uint8Array): void => {
    if (reading.given < length) reading.chunk = chunk;
    else {
      reading.phase = endsWith(reading) ? "later" : "carried";
      socket.off("data", look);
    }
    reading.given += chunk.length;
  };
  socket.prependListener("data", look);
}

/** Listens for requests before anybody else does. */
export function markEarlyRequests(server: http.Server): void {
  const mark = (request: http.IncomingMessage): void => {
    const reading = readings.get(request.socket);
    if (reading === undefined || reading.phase === "later") return;
    early.add(request);
    reading.last = request;
    if (reading.phase === "carried") reading.phase = "later";
  };
  // Nobody listens to the others by default, and a listener changes what node:http does
  server.prependListener("request", mark);
  server.on("newListener", (event: string | symbol) => {
    const isAsked =
      event === "checkContinue" || event === "checkExpectation" || event === "upgrade";
    if (isAsked && !server.listeners(event).includes(mark)) server.prependListener(event, mark);
  });
}

/** Whether early data ended where its last request did; where that cannot be seen it did not. */
function endsWith({ chunk, last }: Reading): boolean {
  if (last?.complete !== true) return false;
  const end = chunk.length - Number(last.headers["content-length"] ?? 0);
  return Buffer.from(chunk.subarray(Math.max(0, end - 4), Math.max(0, end))).equals(blankLine);
}

const blankLine = Buffer.from("\r\n\r\n");
