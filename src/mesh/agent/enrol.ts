/** How an agent comes to certificates: a request with a key of its own, and what the authority made of it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KeyType, Provider } from "../../crypto/index.ts";
import type { VerifyPeer } from "../../handshake/index.ts";
import { verifyWorkload } from "../../connection/index.ts";
import { keyHash, reservedPath } from "../../authority/index.ts";
import {
  createCredential,
  createCsr,
  createTrustStore,
  type Credential,
  encodePem,
  encodePrivateKey,
  encodePublicKey,
  parseCertificates,
  parseSpiffeId,
  spiffeIdOf,
  type TrustStore,
} from "../../identity/index.ts";
import { TlsError } from "../../registry/index.ts";
import { type HttpsAgentOptions, tlsErrorOf } from "../../transport/node/index.ts";
import { type Ask, AuthorityClient, refusalIn, type Reply } from "./client.ts";

/** A credential, with what of it is written down. */
export interface Identity {
  readonly credential: Credential;
  /** PEM. */
  readonly key: string;
  readonly chain: string;
}

/** A key, and the request for it; it may be sent again as long as nobody has answered. */
export interface Request {
  readonly csr: Uint8Array;
  /** @throws TlsError `bad_certificate` for a chain that is not for this key, or another ID */
  complete(chain: string): Identity;
}

export function makeRequest(id: string, type: KeyType, provider: Provider): Request {
  const generated = provider.generateKey(type);
  const privateKey = encodePrivateKey(generated);
  const publicKey = encodePublicKey(type, generated.publicKey);
  const { der } = createCsr({ subject: {}, names: { uri: [id] }, privateKey, publicKey, provider });
  const key = encodePem("PRIVATE KEY", privateKey.pkcs8);
  return { csr: der, complete: (chain) => identityOf(id, { key, chain }, provider) };
}

/** @throws TlsError `bad_certificate` for another ID, `misuse` for another key */
export function identityOf(
  id: string,
  { key, chain }: { readonly key: string; readonly chain: string },
  provider: Provider,
): Identity {
  const certificates = parseCertificates(chain);
  const [leaf] = certificates;
  const own = leaf && spiffeIdOf(leaf)?.text;
  if (own !== id) {
    throw new TlsError("bad_certificate", "the certificate is somebody else's", {
      expected: id,
      received: own ?? "no SPIFFE ID",
    });
  }
  return { credential: createCredential({ certificates, privateKey: key, provider }), key, chain };
}

/** Asks until somebody has approved it, or the token has been taken. @throws TlsError `access_denied` */
export async function enrolAt(
  client: AuthorityClient,
  { csr }: Request,
  { token, signal }: { readonly token: string | undefined; readonly signal: AbortSignal },
): Promise<string> {
  const ask: Ask = {
    method: "POST",
    path: "/enrol",
    body: csr,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    signal,
  };
  for (let delay = 250; ; delay = Math.min(2 * delay, 5000)) {
    let reply: Reply | undefined;
    try {
      reply = await client.ask(ask);
    } catch (error) {
      signal.throwIfAborted();
      // It does not become right by itself
      if (tlsErrorOf(error)?.code === "unknown_ca") throw error;
    }
    if (reply?.status === 200) return reply.body;
    if (reply !== undefined && reply.status !== 202) throw refusalIn(reply);
    await sleep(Math.min(delay, (reply?.retryAfter ?? 5) * 1000), undefined, { signal });
  }
}

/** Says whether a server is the authority: by its SPIFFE ID, under one of these roots. */
export function verifyAuthority(domain: string, trust: TrustStore): VerifyPeer {
  return isAuthority(domain, verifyWorkload(trust));
}

/**
 * The same for who has nothing but a token: the root is the certificate of the authority's chain whose key has the
 * hash that stands in the token.
 * @throws TlsError `misuse` for a token without one
 */
export function verifyByToken(domain: string, token: string): VerifyPeer {
  const hashes = token
    .split(".")
    .slice(1)
    .map((pin) => Buffer.from(pin, "base64url").toString("hex"));
  if (hashes.length === 0 || hashes.some(({ length }) => length !== 64)) {
    throw new TlsError("misuse", "the token does not say which authority it is of", {
      expected: "as `kemistry authority token` prints it",
    });
  }
  return (question) => {
    const root = question.chain.find(({ publicKey }) => hashes.includes(keyHash(publicKey)));
    if (root === undefined) {
      throw new TlsError("unknown_ca", "the server is not the authority that the token is of", {
        where: "certificate.certificateList",
      });
    }
    return isAuthority(domain, verifyWorkload(createTrustStore([root])))(question);
  };
}

function isAuthority(domain: string, verify: VerifyPeer): VerifyPeer {
  const id = `spiffe://${domain}${reservedPath}authority`;
  return (question) => {
    const own = question.chain[0] && spiffeIdOf(question.chain[0])?.text;
    if (own === id) return verify(question);
    throw new TlsError("access_denied", "the server is not the authority", {
      expected: id,
      received: own ?? "no SPIFFE ID",
    });
  };
}

/** The trust domain of an agent's ID. @throws TlsError `misuse` */
export function domainOf(id: string): string {
  const { trustDomain, path } = parseSpiffeId(id);
  if (path !== "") return trustDomain;
  throw new TlsError("misuse", "an agent's SPIFFE ID has a path", { received: id });
}

export const clientOf = (places: readonly string[], options: HttpsAgentOptions): AuthorityClient =>
  new AuthorityClient(places, { ...options, maxCachedSessions: 0 });
