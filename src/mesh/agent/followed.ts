/** A trust domain that an agent follows: its own, or one of those that are federated with it. */
import { verifyWorkload } from "../../connection/index.ts";
import { native } from "../../crypto/native.ts";
import type { VerifyPeer } from "../../handshake/index.ts";
import { CertificateCache } from "../../identity/index.ts";
import type { Policy, PolicyName } from "../../policy/index.ts";
import { type AuthorityClient, refusalIn } from "./client.ts";
import { clientOf, verifyAuthority } from "./enrol.ts";
import { Knowledge } from "./knowledge.ts";

/** Where a domain's authority is. */
export interface Place {
  readonly domain: string;
  /** `https://<host>:<port>` of each. */
  readonly authority: string | readonly string[];
}

/** Asks an authority for what everybody may know, and shows no certificate. */
export class FollowedDomain {
  readonly domain: string;
  readonly knowledge = new Knowledge();
  readonly #places: readonly string[];
  readonly #cache = new CertificateCache();
  readonly #tags = new Map<string, string>();
  #client: AuthorityClient | undefined;

  constructor({ domain, authority }: Place) {
    this.domain = domain;
    this.#places = [authority].flat();
  }

  /** Says whether a server is the domain's authority, by what is known of it. */
  get verify(): VerifyPeer {
    return verifyAuthority(this.domain, this.knowledge.trust);
  }

  /**
   * From now on, over connections that the policy allows.
   * @throws TypeError or RangeError for a policy or a place that cannot be; then nothing has changed
   */
  use(policy: PolicyName | Policy): void {
    const next = clientOf(this.#places, {
      provider: native,
      policy,
      verifyServer: this.verify,
      cache: this.#cache,
      keepAlive: true,
    });
    this.#client?.close();
    this.#client = next;
  }

  /** Looks at bundle and lists. @returns whether anything is new */
  learn(signal: AbortSignal): Promise<boolean> {
    return learn(this.#client!, this.knowledge, signal, this.#tags);
  }

  close(): void {
    this.#client?.close();
  }
}

/** Looks at bundle and lists. @returns whether anything is new */
export async function learn(
  client: AuthorityClient,
  knowledge: Knowledge,
  signal: AbortSignal,
  tags: Map<string, string> = new Map(),
): Promise<boolean> {
  const get = async (path: string): Promise<string | undefined> => {
    const tag = tags.get(path);
    const headers = tag === undefined ? {} : { "if-none-match": tag };
    const { status, body, etag, retryAfter } = await client.ask({
      method: "GET",
      path,
      headers,
      signal,
    });
    if (status === 304) return undefined;
    if (status !== 200) throw refusalIn({ status, body, etag, retryAfter });
    if (etag !== undefined) tags.set(path, etag);
    return body;
  };
  const bundle = await get("/bundle");
  const isNewBundle = bundle !== undefined && knowledge.learnBundle(bundle);
  const lists = await get("/crl");
  const areNewLists = lists !== undefined && knowledge.learnLists(lists);
  return isNewBundle || areNewLists;
}

/** All these, as one verifies workloads by them. */
export const verifyAll = (
  domains: readonly FollowedDomain[],
  cache: CertificateCache,
): {
  readonly verify: VerifyPeer;
  readonly revocation: () => { readonly crls: Knowledge["crls"] };
} => {
  const revocation = () => ({ crls: domains.flatMap(({ knowledge }) => knowledge.crls) });
  const trust = new Map(domains.map(({ domain, knowledge }) => [domain, knowledge.trust]));
  return { verify: verifyWorkload(trust, { cache, revocation }), revocation };
};
