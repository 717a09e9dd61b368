import type { Command } from "commander";
import { isKemKeyType, kemSchemes, type Provider, type Scheme, schemes } from "../crypto/index.ts";
import {
  createCredential,
  createKemCredential,
  createTrustStore,
  type Credential,
  parseCertificates,
  parsePrivateKey,
  type TrustStore,
} from "../identity/index.ts";
import { schemesBehind } from "./candidates.ts";
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

/**
 * A key that encapsulates gives a credential of AuthKEM; candidates are loaded.
 * @throws UsageError for one without the other, and for files that do not fit
 */
export async function readCredential(
  { cert, key, passphraseFile }: IdentityOptions,
  provider: Provider,
): Promise<Credential | undefined> {
  if (cert === undefined && key === undefined) {
    if (passphraseFile === undefined) return undefined;
    throw new UsageError("--passphrase-file goes with --cert and --key");
  }
  if (cert === undefined || key === undefined) {
    throw new UsageError("--cert and --key go together: give both");
  }
  const passphrase = readPassphrase(passphraseFile);
  const certificates = readAs(cert, "a certificate", parseCertificates);
  const type = certificates[0]?.publicKey.type ?? "";
  const own = await schemesBehind([type], provider);
  return readAs(key, "its private key", (text) => {
    const privateKey = parsePrivateKey(text, passphrase === undefined ? {} : { passphrase });
    const parts = { certificates, privateKey, provider };
    if (isKemKeyType(type) || own.kemSchemes.length > 0) {
      return createKemCredential({ ...parts, schemes: [...own.kemSchemes, ...kemSchemes] });
    }
    return own.schemes.length === 0
      ? createCredential(parts)
      : createCredential({ ...parts, schemes: own.schemes });
  });
}

/** @throws UsageError */
export const readTrust = (path: string): TrustStore =>
  readAs(path, "certificates to trust", createTrustStore);

/**
 * The options of an end that trusts what stands in a file: candidates among its keys are offered after the registered
 * schemes.
 * @param first offered before all others
 * @throws UsageError
 */
export async function trusting(
  path: string | undefined,
  provider: Provider,
  first: readonly Scheme[] = [],
): Promise<{ readonly trust?: TrustStore; readonly schemes?: readonly Scheme[] }> {
  const trust = path === undefined ? undefined : readTrust(path);
  const types = trust?.anchors.map(({ publicKey }) => publicKey.type) ?? [];
  const { schemes: behind } = await schemesBehind(types, provider);
  const own = new Map([...first, ...schemes, ...behind].map((scheme) => [scheme.name, scheme]));
  return {
    ...(trust && { trust }),
    ...((first.length > 0 || behind.length > 0) && { schemes: [...own.values()] }),
  };
}
