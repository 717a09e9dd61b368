/**
 * A new process that says what its first handshake takes: CPU and wall-clock time in microseconds, on
 * file descriptor 3. Its arguments: a provider, `cold` or `warm`, and PEM files as JSON.
 */
import { writeSync } from "node:fs";
import {
  prepareClient,
  createCredential,
  prepareServer,
  createTrustStore,
  joinInMemory,
  native,
  noble,
  parseCertificates,
  parsePrivateKey,
  warmUp,
} from "../../src/node.ts";
import { cpuTime } from "../cpu-time.ts";

const [, , name, state, json = ""] = process.argv;
const pems = JSON.parse(json) as Readonly<Record<"ca" | "cert" | "key", string>>;
const provider = name === "native" ? native : noble;
if (state === "warm") warmUp(provider);

const wall = performance.now();
const cpu = cpuTime();
const common = { provider, groups: ["X25519MLKEM768"] };
const trust = createTrustStore(parseCertificates(pems.ca));
const privateKey = parsePrivateKey(pems.key);
const credential = createCredential({
  certificates: parseCertificates(pems.cert),
  privateKey,
  provider,
});
const client = prepareClient({ ...common, trust, serverName: "localhost" })();
joinInMemory(client, prepareServer({ ...common, credentials: [credential] })());
const spent = { cpu: cpuTime() - cpu, wall: (performance.now() - wall) * 1000 };
if (client.state !== "open") throw client.error ?? new Error("no handshake");
writeSync(3, JSON.stringify(spent));
