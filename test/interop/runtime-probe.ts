/** What the README says of other runtimes, tried in one of them; prints what came of it as JSON. */
import { once } from "node:events";
import { get } from "node:http";
import type { AddressInfo, Server } from "node:net";
import {
  createClientConnection,
  createDevelopmentCa,
  createServerConnection,
  createTrustStore,
  joinInMemory,
  noble,
} from "../../src/index.ts";
import { connect, createHttpsServer, createServer, HttpsAgent, TlsSocket } from "../../src/node.ts";

const ca = createDevelopmentCa({ provider: noble, now: Date.now() });
const issued = ca.issue({ names: ["localhost"] });
const files = { cert: issued.certificatePem, key: issued.privateKeyPem };

function core(): unknown {
  const client = createClientConnection({
    trust: createTrustStore(ca.pem),
    serverName: "localhost",
  });
  const server = createServerConnection({ credentials: [issued] });
  joinInMemory(client, server);
  return [client.state, server.state, client.negotiated?.group];
}

const portOf = async (server: Server): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

async function sockets(): Promise<unknown> {
  const server = createServer(files, (socket) => socket.end("hello"));
  const port = await portOf(server);
  const client = connect({ host: "127.0.0.1", port, servername: "localhost", ca: ca.pem });
  let text = "";
  client.on("data", (chunk) => (text += String(chunk)));
  await once(client, "end");
  server.close();
  return [text, client.negotiated?.group];
}

async function https(): Promise<unknown> {
  try {
    const server = createHttpsServer(files, ({ socket }, response) => {
      response.end((socket as unknown) instanceof TlsSocket ? "by ours" : "by another");
    });
    const port = await portOf(server);
    const agent = new HttpsAgent({ ca: ca.pem });
    const options = { agent, host: "127.0.0.1", servername: "localhost", port, protocol: "https:" };
    const [response] = await once(get(options), "response");
    let text = "";
    for await (const chunk of response) text += String(chunk);
    return text;
  } catch (error) {
    return String(error);
  }
}

console.log(JSON.stringify({ core: core(), sockets: await sockets(), https: await https() }));
process.exit(0);
