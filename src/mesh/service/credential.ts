/** An authority's own certificate for its service: it certifies itself, and agents know it by its SPIFFE ID. */
import { certifyService, type PkiDirectory, type Signing } from "../../authority/index.ts";
import {
  createCredential,
  type Credential,
  encodePrivateKey,
  encodePublicKey,
} from "../../identity/index.ts";

export interface ServiceNames {
  readonly issuer: string;
  /** Its SPIFFE ID. */
  readonly id: string;
  /** Host names and addresses, for clients that go by those. */
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  /** Milliseconds. */
  readonly lifetime: number;
}

/**
 * Makes a key, which stays in this process, and certifies it. The chain ends with the root itself, so that who has
 * only the hash of its key, in a token, can look whether it is the right one.
 */
export async function serviceCredential(
  pki: PkiDirectory,
  { issuer, id, dns, ip, lifetime }: ServiceNames,
  signing: Signing,
): Promise<Credential> {
  const { provider } = signing;
  // Of the issuer's type, so that whoever takes its certificates takes the service's proof too
  const key = provider.generateKey(pki.certificate(pki.current(issuer)).publicKey.type);
  const publicKey = encodePublicKey(key.type, key.publicKey);
  const names = { uri: [id], dns, ip };
  const entry = await certifyService(pki, { issuer, names, publicKey, lifetime }, signing);
  const root = pki.pathFrom(pki.current(entry.issuer)).at(-1)!;
  const certificates = [...pki.chain(entry), root];
  return createCredential({ certificates, privateKey: encodePrivateKey(key), provider });
}
