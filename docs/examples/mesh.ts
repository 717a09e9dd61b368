/**
 * Five agents that trust nobody by default. Each has a SPIFFE identity, each connection is mutual TLS over
 * a hybrid key exchange, and the same rules at both ends say who may call whom. On the way one agent's
 * certificate is rotated, another's is revoked, and one agent's key is in an HSM, if there is one.
 */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  allow,
  createCredential,
  createDevelopmentCa,
  createTrustStore,
  type Credential,
  encodePrivateKey,
  encodePublicKey,
  issueCrl,
  issueUnderProfile,
  parseCrl,
  profiles,
  Renewer,
  type Rule,
  validityOf,
  verifyWorkload,
} from "kemistry";
import {
  connect,
  createSecureContext,
  createServer,
  native,
  openToken,
  type SecureContext,
  type TlsServer,
  type TlsSocket,
  TlsSocketError,
  type Token,
} from "kemistry/node";

const id = (name: string): string => `spiffe://mesh.example/${name}`;

/** Who may call whom, and as what. There is no other list, and what is not here is refused. */
const rules: readonly Rule[] = [
  { from: id("gateway"), to: id("finance/*"), role: "customer" },
  { from: id("finance/billing"), to: id("finance/ledger"), role: "writer", postQuantum: true },
  { from: id("audit"), to: id("finance/*"), role: "reader" },
  { from: id("finance/ledger"), to: id("vault"), role: "signer", postQuantum: true },
];
/** Of the vault's key, in the token. */
const keyLabel = `kemistry mesh ${process.pid}`;
const names = ["gateway", "finance/billing", "finance/ledger", "audit", "vault"] as const;
type Name = (typeof names)[number];

// One authority, and its list of what it has revoked
const provider = native;
const hour = 3_600_000;
const ca = createDevelopmentCa({ provider, now: Date.now() });
const trust = createTrustStore([ca.certificate]);
const revoked: { serialNumber: Uint8Array; revokedAt: number }[] = [];
const publish = () =>
  parseCrl(
    issueCrl({
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      thisUpdate: Date.now() - 1000,
      nextUpdate: Date.now() + hour,
      number: revoked.length + 1,
      revoked,
      provider,
    }).der,
  );
let crls = [publish()];

/** Certificates that live an hour, for both ends of a connection. */
const certify = (name: Name, publicKey: ReturnType<typeof encodePublicKey>) =>
  issueUnderProfile(
    { subject: { CN: name }, names: { uri: [id(name)] }, publicKey },
    {
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      profile: profiles.peer,
      lifetime: hour,
      now: Date.now(),
      provider,
    },
  );

function inMemory(name: Name): Credential {
  const key = provider.generateKey("secp256r1");
  const certificate = certify(name, encodePublicKey(key.type, key.publicKey));
  return createCredential({
    certificates: [certificate],
    privateKey: encodePrivateKey(key),
    provider,
  });
}

/** The key is made in the token, and stays there. */
async function inToken(token: Token, name: Name): Promise<Credential> {
  const key = await token.generateKey("secp256r1", keyLabel);
  return key.credential(certify(name, key.publicKey).der);
}

interface Agent {
  readonly name: Name;
  readonly server: TlsServer;
  readonly port: number;
  /** How it calls others. */
  readonly caller: SecureContext;
  /** Open connections to it. */
  readonly accepted: Set<TlsSocket>;
  /** Replaces its certificate for both roles, at once. */
  use(credential: Credential): void;
}

async function start(name: Name, credential: Credential): Promise<Agent> {
  const options = {
    credentials: [credential],
    authorize: allow(rules),
    policy: "require-post-quantum",
    // Where a peer is does not matter, only who it is; the lists are read for every handshake
    trust,
    revocation: () => ({ crls }),
  } as const;
  const verify = verifyWorkload(trust, { revocation: options.revocation });
  const caller = createSecureContext({ ...options, verifyServer: verify });
  const server = createServer({
    ...options,
    verifyClient: verify,
    clientAuthentication: "require",
  });
  const accepted = new Set<TlsSocket>();
  server.on("secureConnection", (socket: TlsSocket) => {
    accepted.add(socket.once("close", () => accepted.delete(socket)));
    socket.on("error", () => undefined);
    socket.on("data", () => socket.write(`${socket.peerRole}`));
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const use = (next: Credential): void => {
    caller.update({ credentials: [next] });
    server.update({ credentials: [next] });
  };
  return { name, server, port, caller, accepted, use };
}

/** A connection, and what the server says the caller is. */
async function call(from: Agent, to: Agent): Promise<{ socket: TlsSocket; role: string }> {
  const socket = connect(to.port, "127.0.0.1", { secureContext: from.caller });
  return { socket, role: await ask(socket) };
}

async function ask(socket: TlsSocket): Promise<string> {
  socket.write("who am I?");
  const [answer] = (await once(socket, "data")) as [Buffer];
  return answer.toString();
}

export type Outcome = {
  readonly from: Name;
  readonly to: Name;
  readonly role?: string;
  readonly refused?: string;
};

/** Everybody calls everybody. */
async function everybody(agents: readonly Agent[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const from of agents) {
    for (const to of agents.filter((agent) => agent !== from)) {
      const pair = { from: from.name, to: to.name };
      try {
        const { socket, role } = await call(from, to);
        outcomes.push({ ...pair, role });
        socket.destroy();
      } catch (error) {
        outcomes.push({ ...pair, refused: reasonOf(error) });
      }
    }
  }
  return outcomes;
}

/** The first part of the message says why; the rest is for logs. */
function reasonOf(error: unknown): string {
  if (!(error instanceof TlsSocketError)) throw error;
  const [reason = ""] = error.message.split(";");
  return reason.replace("the peer is not allowed: ", "").replaceAll("spiffe://mesh.example/", "");
}

function show(title: string, outcomes: readonly Outcome[]): void {
  console.log(`\n${title}`);
  for (const { from, to, role, refused } of outcomes) {
    const verdict = role === undefined ? `no   ${refused}` : `yes  as ${role}`;
    console.log(`  ${from.padEnd(15)} → ${to.padEnd(15)} ${verdict}`);
  }
}

// The mesh

const { PKCS11_MODULE: module, PKCS11_TOKEN: label, PKCS11_PIN: pin = "" } = process.env;
const token =
  module === undefined
    ? undefined
    : await openToken({ module, pin, ...(label === undefined ? {} : { token: label }) });
const agents: Agent[] = [];
for (const name of names) {
  const isSafe = name === "vault" && token !== undefined;
  agents.push(await start(name, isSafe ? await inToken(token, name) : inMemory(name)));
}
const [, billing, ledger, audit] = agents as [Agent, Agent, Agent, Agent, Agent];
console.log(
  token === undefined
    ? "vault's key is in memory: PKCS11_MODULE, PKCS11_TOKEN and PKCS11_PIN would name a token"
    : `vault's key is in the token "${token.label}", and cannot be taken out`,
);

export const before = await everybody(agents);
show("Who may call whom", before);

// Rotation: what is open stays open, what is new has the new certificate
const long = await call(billing, ledger);
const serialOf = (socket: TlsSocket | undefined): string =>
  Buffer.from(socket?.negotiated?.peer?.chain[0]?.serialNumber ?? []).toString("hex");
const renewer = new Renewer(inMemory("finance/billing"), {
  obtain: () => inMemory("finance/billing"),
  install: (credential) => billing.use(credential),
  validity: validityOf,
  onEvent: (event) => console.log(`  renewer: ${event.type}`),
});
console.log("\nfinance/billing gets a new certificate");
await renewer.renew();
renewer.stop();
const short = await call(billing, ledger);
const [oldSerial, newSerial] = [...ledger.accepted].slice(-2).map(serialOf);
export const rotated = {
  isNew: oldSerial !== newSerial,
  oldRole: await ask(long.socket),
  newRole: short.role,
};
console.log(`  the open connection goes on as ${rotated.oldRole}, with ${oldSerial?.slice(0, 8)}…`);
console.log(`  the next one is ${rotated.newRole} too, with ${newSerial?.slice(0, 8)}…`);
long.socket.destroy();
short.socket.destroy();

// Revocation: on the next handshake, and on what is open
console.log("\naudit's certificate is revoked");
const suspicious = await call(audit, ledger);
const told = once(suspicious.socket, "error") as Promise<[Error]>;
const serialNumber = [...ledger.accepted].at(-1)?.negotiated?.peer?.chain[0]?.serialNumber;
if (serialNumber !== undefined) revoked.push({ serialNumber, revokedAt: Date.now() - 1000 });
crls = [publish()];
const ended = await ledger.server.judgeAgain();
export const closed = { count: ended.length, reason: reasonOf((await told)[0]) };
console.log(`  ledger closed ${closed.count} open connection: ${closed.reason}`);

export const after = await everybody(agents);
show("Who may call whom now", after);

for (const { server } of agents) server.close();
await token?.deleteKey(keyLabel);
await token?.close();
