/** Certificates for both ends, in memory for ours and in files for a peer. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDevelopmentCa, type KeyType } from "../../src/index.ts";
import { native } from "../../src/node.ts";

export type Algorithm = KeyType;

export interface Pem {
  readonly cert: string;
  readonly key: string;
}

export interface Credentials {
  readonly ca: string;
  readonly server: Pem;
  readonly client: Pem;
  /** The same in files: `ca.pem`, `server.pem`, `server.key`, `client.pem`, `client.key`. */
  readonly folder: string;
}

const folders: string[] = [];
const known = new Map<Algorithm, Credentials>();

/** An authority of that kind of key, with a server for localhost and a client; made once. */
export function credentialsOf(algorithm: Algorithm = "secp256r1"): Credentials {
  const found = known.get(algorithm);
  if (found !== undefined) return found;
  const authority = createDevelopmentCa({ provider: native, algorithm, now: Date.now() });
  const server = authority.issue({ names: ["localhost", "127.0.0.1"] });
  const client = authority.issue({ names: ["client.example"], usage: "client" });
  const made: Credentials = {
    ca: authority.pem,
    server: { cert: server.certificatePem, key: server.privateKeyPem },
    client: { cert: client.certificatePem, key: client.privateKeyPem },
    folder: temporaryFolder(),
  };
  const files = {
    "ca.pem": made.ca,
    "server.pem": made.server.cert,
    "server.key": made.server.key,
    "client.pem": made.client.cert,
    "client.key": made.client.key,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made.folder, name), text);
  known.set(algorithm, made);
  return made;
}

/** A folder that goes when the process does. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
  if (folders.length === 0) process.once("exit", removeFolders);
  folders.push(folder);
  return folder;
}

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
