import type { Command } from "commander";
import type { Provider } from "../crypto/index.ts";
import {
  createCredential,
  createTrustStore,
  type Credential,
  parseCertificates,
  parsePrivateKey,
  type TrustStore,
} from "../identity/index.ts";
import { UsageError } from "./errors.ts";
import { readAs } from "./options.ts";

export interface IdentityOptions {
  readonly cert?: string;
  readonly key?: string;
}

export const addIdentityOptions = (command: Command): Command =>
  command
    .option("--cert <file>", "our certificate and those above it, PEM")
    .option("--key <file>", "its private key, PEM: PKCS#8 or SEC1");

/** @throws UsageError for one without the other, and for files that do not fit */
export function readCredential(
  { cert, key }: IdentityOptions,
  provider: Provider,
): Credential | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new UsageError("--cert and --key go together: give both");
  }
  const certificates = readAs(cert, "a certificate", parseCertificates);
  return readAs(key, "its private key", (text) =>
    createCredential({ certificates, privateKey: parsePrivateKey(text), provider }),
  );
}

/** @throws UsageError */
export const readTrust = (path: string): TrustStore =>
  readAs(path, "certificates to trust", createTrustStore);
