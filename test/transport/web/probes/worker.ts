/** A Worker of Cloudflare's: it is asked by POST. */
// @ts-expect-error -- a module of that runtime
import { connect as open } from "cloudflare:sockets";
import type { ByteStreams } from "../../../../src/index.ts";
import { type Question, tryOver, tryWebSocket } from "./probe.ts";

type Connect = (
  address: { readonly hostname: string; readonly port: number },
  options: { readonly allowHalfOpen: boolean },
) => ByteStreams;

export default {
  async fetch(request: Request): Promise<Response> {
    const question = (await request.json()) as Question;
    const to = { hostname: "127.0.0.1", port: question.tcpPort };
    const socket = (open as Connect)(to, { allowHalfOpen: true });
    const tcp = await tryOver(socket, question);
    return Response.json({ tcp, webSocket: await tryWebSocket(question) });
  },
};
