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
import { readAs, readPassphrase } from "./options.ts";

export interface IdentityOptions {
  readonly cert?: string;
  readonly key?: string;
  readonly passphraseFile?: string;
}

export const addIdentityOptions = (command: Command): Command =>
  command
    .option("--cert <file>", "our certificate and those above it, PEM")
    .option("--key <file>", "its private key, PEM: PKCS#8 or SEC1")
    .option("--passphrase-file <file>", "opens the private key, if it is encrypted");

/** @throws UsageError for one without the other, and for files that do not fit */
export function readCredential(
  { cert, key, passphraseFile }: IdentityOptions,
  provider: Provider,
): Credential | undefined {
  if (cert === undefined && key === undefined) {
    if (passphraseFile === undefined) return undefined;
    throw new UsageError("--passphrase-file goes with --cert and --key");
  }
  if (cert === undefined || key === undefined) {
    throw new UsageError("--cert and --key go together: give both");
  }
  const passphrase = readPassphrase(passphraseFile);
  const certificates = readAs(cert, "a certificate", parseCertificates);
  return readAs(key, "its private key", (text) =>
    createCredential({
      certificates,
      privateKey: parsePrivateKey(text, passphrase === undefined ? {} : { passphrase }),
      provider,
    }),
  );
}

/** @throws UsageError */
export const readTrust = (path: string): TrustStore =>
  readAs(path, "certificates to trust", createTrustStore);
