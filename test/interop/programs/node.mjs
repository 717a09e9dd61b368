/**
 * node:tls as an end of a run. It sends what it reads, and prints what it is sent. A line `Q` alone closes the
 * connection, `H` only its own direction. A client has `--port`.
 */
import { appendFileSync, readFileSync } from "node:fs";
import * as tls from "node:tls";
import { parseArgs } from "node:util";

const options = (type, names) => Object.fromEntries(names.map((each) => [each, { type }]));
const texts = ["port", "name", "ca", "certificate", "key", "key-log"];
const { values: given } = parseArgs({
  options: {
    ...options("string", [...texts, "groups", "suites", "alpn", "exporter"]),
    ...options("boolean", ["require-client", "tickets", "half-open"]),
  },
});
const { port, name, ca, certificate, key, groups, suites, alpn, exporter, tickets } = given;
const common = {
  ca: readFileSync(ca),
  ...(certificate && { cert: readFileSync(certificate), key: readFileSync(key) }),
  minVersion: "TLSv1.3",
  ...(groups && { ecdhCurve: groups }),
  ...(suites && { ciphers: suites }),
  ...(alpn && { ALPNProtocols: alpn.split(",") }),
};

/** Whom it speaks to, and what it was told before there was anybody. */
let current;
const waiting = [];
process.stdin.on("data", (bytes) => {
  if (current === undefined) waiting.push(bytes);
  else tell(bytes);
});

function tell(bytes) {
  const line = bytes.length === 2 ? bytes.toString() : "";
  if (line === "Q\n") current.destroySoon();
  else if (line === "H\n") current.end();
  else current.write(bytes);
}

/** Secrets are there before what they protect is sent. */
const log = (line) => appendFileSync(given["key-log"], line);

function opened(socket) {
  current = socket;
  socket.once("close", () => (current = undefined));
  if (exporter) {
    const secret = socket.exportKeyingMaterial(32, exporter);
    console.error(`exported ${secret.toString("hex")}`);
  }
  for (const bytes of waiting.splice(0)) tell(bytes);
}

const show = (socket) => {
  socket.on("data", (bytes) => process.stdout.write(bytes));
  socket.on("error", (error) => console.error(error.message));
};

function serve() {
  const requireClient = given["require-client"] === true;
  const server = tls.createServer(
    {
      ...common,
      requestCert: requireClient,
      rejectUnauthorized: requireClient,
      allowHalfOpen: given["half-open"] === true,
      ...(tickets ? {} : { secureOptions: 0x4000 }),
    },
    (socket) => {
      opened(socket);
      show(socket);
    },
  );
  server.on("keylog", log);
  server.on("tlsClientError", (error) => console.error(error.message));
  server.listen(0, "127.0.0.1", () => console.error(`listening on ${server.address().port}`));
}

function connect(session, again) {
  const socket = tls.connect(
    {
      ...common,
      port: Number(port),
      host: "127.0.0.1",
      servername: name,
      ...(session && { session }),
    },
    () => opened(socket),
  );
  let ticket;
  socket.on("keylog", log);
  socket.on("session", (made) => (ticket = made));
  show(socket);
  socket.on("close", () => (again ? connect(ticket, false) : process.exit(0)));
}

if (port !== undefined) connect(undefined, tickets === true);
else serve();
