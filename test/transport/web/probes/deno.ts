import { type ByteStreams, type WebSocketLike, webSocketStreams } from "../../../../src/index.ts";
import { echo, newServer, type Question, tryOver, tryWebSocket } from "./probe.ts";

type Place = { readonly hostname: string; readonly port: number };

/** What is used of Deno. */
declare const Deno: {
  readonly args: readonly string[];
  connect(to: Place): Promise<ByteStreams>;
  listen(at: Place): { accept(): Promise<ByteStreams>; readonly addr: Place };
  serve(
    at: Place & { onListen(): void },
    answer: (request: Request) => Response,
  ): { readonly addr: Place };
  upgradeWebSocket(request: Request): {
    readonly socket: WebSocketLike;
    readonly response: Response;
  };
  exit(): void;
};

const question = JSON.parse(Deno.args[0] ?? "") as Question;
const connection = await Deno.connect({ hostname: "127.0.0.1", port: question.tcpPort });
const tcp = await tryOver(connection, question);
const webSocket = await tryWebSocket(question);

/** A server of this runtime's own. */
const { pem, credentials } = newServer();
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
void listener.accept().then((accepted) => echo(accepted, credentials));
const served = await tryOver(await Deno.connect(listener.addr), { ...question, pem });

/** And one over WebSockets. */
const { addr } = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  echo(webSocketStreams(socket), credentials);
  return response;
});
const upgraded = await tryOver(webSocketStreams(new WebSocket(`ws://127.0.0.1:${addr.port}/`)), {
  ...question,
  pem,
});
console.log(JSON.stringify({ tcp, webSocket, served, upgraded }));
Deno.exit();
