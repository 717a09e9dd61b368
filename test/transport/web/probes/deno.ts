import type { ByteStreams } from "../../../../src/index.ts";
import { type Question, tryOver, tryWebSocket } from "./probe.ts";

/** What is used of Deno. */
declare const Deno: {
  readonly args: readonly string[];
  connect(to: { readonly hostname: string; readonly port: number }): Promise<ByteStreams>;
  exit(): void;
};

const question = JSON.parse(Deno.args[0] ?? "") as Question;
const connection = await Deno.connect({ hostname: "127.0.0.1", port: question.tcpPort });
const tcp = await tryOver(connection, question);
console.log(JSON.stringify({ tcp, webSocket: await tryWebSocket(question) }));
Deno.exit();
