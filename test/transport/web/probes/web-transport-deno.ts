import { tryWebTransport, type WebTransportQuestion } from "./web-transport.ts";

declare const Deno: { readonly args: readonly string[]; exit(): void };

const question = JSON.parse(Deno.args[0] ?? "") as WebTransportQuestion;
console.log(JSON.stringify(await tryWebTransport(question)));
Deno.exit();
