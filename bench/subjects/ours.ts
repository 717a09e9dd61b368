import {
  CertificateCache,
  type ClientOptions,
  type Connection,
  createClient,
  createServer,
  joinInMemory,
  type Provider,
  type ServerOptions,
} from "../../src/index.ts";
import { credentialFor, serverName, trust } from "./identity.ts";

export interface Terms {
  readonly provider: Provider;
  readonly group: string;
  readonly suite?: string;
}

/**
 * Options of both ends as a program would keep them. Certificates are parsed once and then known again;
 * every signature is verified in every handshake.
 */
export function optionsFor({ provider, group, suite = "TLS_AES_128_GCM_SHA256" }: Terms): {
  readonly client: ClientOptions;
  readonly server: ServerOptions;
} {
  const cache = new CertificateCache();
  const common = {
    provider,
    groups: [group],
    suites: [suite],
    readCertificate: (der: Uint8Array, where: string) => cache.parse(der, where),
  };
  return {
    client: { ...common, trust, serverName },
    server: { ...common, credentials: [credentialFor(provider)] },
  };
}

/** Two connections in memory after their handshake. */
export function connected(terms: Terms): {
  readonly client: Connection;
  readonly server: Connection;
} {
  const options = optionsFor(terms);
  return join(createClient(options.client), createServer(options.server));
}

/** A full handshake through the sans-I/O calls, both ends. */
export function handshake(terms: Terms): () => void {
  const options = optionsFor(terms);
  return () => void join(createClient(options.client), createServer(options.server));
}

function join(client: Connection, server: Connection) {
  joinInMemory(client, server);
  const error = client.error ?? server.error;
  if (error !== undefined) throw error;
  if (client.state !== "open" || server.state !== "open") throw new Error("no handshake");
  return { client, server };
}
