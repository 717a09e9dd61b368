import {
  CertificateCache,
  type Connection,
  joinInMemory,
  prepareClient,
  prepareServer,
  type Provider,
} from "../../src/index.ts";
import { credentialFor, serverName, trust } from "./identity.ts";

export interface Terms {
  readonly provider: Provider;
  readonly group: string;
  readonly suite?: string;
}

export interface Pair {
  readonly client: Connection;
  readonly server: Connection;
}

/**
 * Full handshakes through the sans-I/O calls, both ends, prepared as a program would prepare them.
 * Certificates are parsed once and then known again; every signature is verified in every handshake.
 */
export function handshake(terms: Terms): () => Pair {
  const { provider, group, suite = "TLS_AES_128_GCM_SHA256" } = terms;
  const cache = new CertificateCache();
  const common = {
    provider,
    groups: [group],
    suites: [suite],
    readCertificate: (der: Uint8Array, where: string) => cache.parse(der, where),
  };
  const client = prepareClient({ ...common, trust, serverName });
  const server = prepareServer({ ...common, credentials: [credentialFor(provider)] });
  return () => join(client(), server());
}

function join(client: Connection, server: Connection): Pair {
  joinInMemory(client, server);
  const error = client.error ?? server.error;
  if (error !== undefined) throw error;
  if (client.state !== "open" || server.state !== "open") throw new Error("no handshake");
  return { client, server };
}
