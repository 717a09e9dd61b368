import { type Question, tryWebSocket } from "./probe.ts";

const question = JSON.parse(process.argv[2] ?? "") as Question;
console.log(JSON.stringify({ webSocket: await tryWebSocket(question) }));
process.exit(0);
