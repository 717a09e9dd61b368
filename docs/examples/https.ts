/** An HTTPS server and a client for it, with `node:http` and `node:https` above our sockets. */
import { once } from "node:events";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import { createDevelopmentCa, createHttpsServer, HttpsAgent, native } from "kemistry/node";

const ca = createDevelopmentCa({ provider: native, now: Date.now() });
const { certificatePem: cert, privateKeyPem: key } = ca.issue({ names: ["localhost"] });

const server = createHttpsServer({ cert, key }, (_request, response) => {
  response.end("hello, after a hybrid key exchange\n");
}).listen(0);
await once(server, "listening");
const { port } = server.address() as AddressInfo;

// An agent keeps connections open, and resumes sessions
const agent = new HttpsAgent({ ca: ca.pem, keepAlive: true });
const [response] = await once(get(`https://localhost:${port}/`, { agent }), "response");
for await (const chunk of response) console.log(String(chunk));

agent.destroy();
server.close();
