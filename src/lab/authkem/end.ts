/** An end of a handshake by KEM whose every byte follows from the vector. */
import {
  type ClientOptions,
  type Connection,
  createClientConnection,
  createServerConnection,
  type ServerOptions,
} from "../../connection/index.ts";
import { type KemName, type Provider, seededRandom } from "../../crypto/index.ts";
import {
  createKemCredential,
  createTrustStore,
  type KemCredential,
  parseCertificate,
} from "../../identity/index.ts";
import type { Observer } from "../../record/index.ts";
import type { Role } from "../../schedule/index.ts";
import { fromHex } from "../../wire/index.ts";
import { type Draft, drawnKem } from "../hybrid/drawn-kem.ts";
import type { Subject } from "../vectors/corpus.ts";
import type { AuthKemIdentity, AuthKemInputs } from "./format.ts";

export interface End {
  readonly connection: Connection;
  /** Of each encapsulation of this end, and of each key pair of its key exchange. */
  readonly drafts: readonly Draft[];
}

/** `undefined` where the subject takes no seed. */
export function createEnd(
  inputs: AuthKemInputs,
  role: Role,
  subject: Subject,
  observer: Observer = {},
): End | undefined {
  const seed = inputs.seeds[role];
  const seeded = subject.seeded?.(seededRandom(seed));
  if (seeded === undefined) return undefined;
  const drafts: Draft[] = [];
  const drawn = seededRandom(`${seed}, KEMs`);
  const kems = Object.fromEntries(
    drawnNames.map((name) => [name, drawnKem(name, subject.provider, drawn, drafts)]),
  );
  const provider: Provider = { ...seeded, kems: { ...seeded.kems, ...kems } };
  const common = {
    provider,
    observer,
    suites: [inputs.suite],
    groups: [inputs.group],
    schemes: ["ed25519"],
    grease: false,
    trust: createTrustStore(fromHex(inputs.authority)),
    now: () => inputs.time,
  };
  const connection =
    role === "client"
      ? createClientConnection({ ...common, ...clientOf(inputs, provider) })
      : createServerConnection({ ...common, ...serverOf(inputs, provider) });
  return { connection, drafts };
}

const drawnNames = [
  "x25519",
  "ML-KEM-512",
  "ML-KEM-768",
  "ML-KEM-1024",
] as const satisfies readonly KemName[];

function clientOf(inputs: AuthKemInputs, provider: Provider): ClientOptions {
  const { kind, scheme, client, server } = inputs;
  return {
    serverName: inputs.serverName,
    credentials: client === undefined ? [] : [credentialOf(client, provider)],
    authKem: {
      schemes: [scheme],
      ...(kind.startsWith("stored") && {
        storedKey: { chain: server.chain.map((der) => parseCertificate(fromHex(der))) },
        presentEarly: kind === "stored mutual",
      }),
    },
  };
}

const serverOf = (
  { scheme, client, server }: AuthKemInputs,
  provider: Provider,
): ServerOptions => ({
  credentials: [credentialOf(server, provider)],
  authKem: { schemes: [scheme] },
  clientAuthentication: client === undefined ? "none" : "require",
});

const credentialOf = ({ chain, privateKey }: AuthKemIdentity, provider: Provider): KemCredential =>
  createKemCredential({
    certificates: chain.map(fromHex),
    privateKey: fromHex(privateKey),
    provider,
  });
