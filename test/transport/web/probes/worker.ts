/** A Worker of Cloudflare's: it asks by POST, and serves over a WebSocket by whom its certificate was issued. */
// @ts-expect-error -- a module of that runtime
import { connect as open } from "cloudflare:sockets";
import { type ByteStreams, type WebSocketLike, webSocketStreams } from "../../../../src/index.ts";
import { echo, newServer, type Question, tryOver, tryWebSocket } from "./probe.ts";

type Connect = (
  address: { readonly hostname: string; readonly port: number },
  options: { readonly allowHalfOpen: boolean },
) => ByteStreams;

type Accepted = WebSocketLike & { accept(): void };
declare const WebSocketPair: new () => { readonly 0: WebSocket; readonly 1: Accepted };

/** Made when somebody asks: a Worker has no randomness before. */
let server: ReturnType<typeof newServer> | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    const { pem, credentials } = (server ??= newServer());
    if (request.headers.get("upgrade") === "websocket") {
      const { 0: webSocket, 1: accepted } = new WebSocketPair();
      accepted.accept();
      echo(webSocketStreams(accepted), credentials);
      return new Response(null, { status: 101, webSocket } as ResponseInit);
    }
    if (request.method === "GET") return new Response(pem);
    const question = (await request.json()) as Question;
    const to = { hostname: "127.0.0.1", port: question.tcpPort };
    const socket = (open as Connect)(to, { allowHalfOpen: true });
    const tcp = await tryOver(socket, question);
    return Response.json({ tcp, webSocket: await tryWebSocket(question) });
  },
};
