/**
 * The other end of the tests with Node's own TLS; run by a newer Node than ours. It prints one line of
 * JSON for what it has to say. Arguments: the role, and its options as JSON.
 */
import { createHash } from "node:crypto";
import * as https from "node:https";
import * as tls from "node:tls";

const [role, json] = process.argv.slice(2);
const { size = 0, port, ...options } = JSON.parse(json);
const say = (what) => console.log(JSON.stringify(what));
const sha256 = (data) => createHash("sha256").update(data).digest("hex");

const stateOf = (socket) => ({
  // Only a client can tell
  group: socket.getEphemeralKeyInfo()?.name ?? null,
  cipher: socket.getCipher().standardName,
  alpn: socket.alpnProtocol,
  authorized: socket.authorized,
  peer: socket.getPeerCertificate().subject?.CN ?? null,
  reused: socket.isSessionReused(),
});

const roles = {
  /** Sends back what it gets, and ends when the client does. */
  server() {
    const server = tls.createServer(options, (socket) => {
      say(stateOf(socket));
      socket.on("error", (error) => say({ error: error.code }));
      socket.on("end", () => say({ end: true }));
      socket.pipe(socket);
    });
    server.on("tlsClientError", (error) => say({ error: error.code }));
    server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
  },

  /** Sends `size` bytes to a server that echoes, and compares. */
  client() {
    const data = Buffer.alloc(size, "0123456789");
    const hash = createHash("sha256");
    const socket = tls.connect({ ...options, port, host: "127.0.0.1" }, () => {
      say(stateOf(socket));
      socket.end(data);
    });
    socket.on("data", (chunk) => hash.update(chunk));
    socket.on("error", (error) => say({ error: error.code }));
    socket.on("end", () => say({ end: true, intact: hash.digest("hex") === sha256(data) }));
  },

  /** Connects again with the session of a first connection. */
  resume() {
    const first = tls.connect({ ...options, port, host: "127.0.0.1" });
    first.resume().once("session", (session) => {
      first.end();
      const second = tls.connect({ ...options, port, host: "127.0.0.1", session }, () => {
        say(stateOf(second));
        second.end();
      });
      second.resume();
    });
  },

  /** Fetches a page twice over one connection. */
  async get() {
    const agent = new https.Agent({ ...options, keepAlive: true, maxSockets: 1 });
    for (const path of ["/first", "/second"]) {
      const body = await new Promise((resolve, reject) => {
        const request = https.get({ agent, host: "localhost", port, path }, (response) => {
          const chunks = [];
          response.on("data", (chunk) => chunks.push(chunk));
          response.on("end", () => resolve(Buffer.concat(chunks).toString()));
        });
        request.on("error", reject);
      });
      say({ body });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    agent.destroy();
  },
};

roles[role]();
