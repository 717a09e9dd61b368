/** Post-quantum certificates, once promised, are asked for: draft-sheffer-tls-pqc-continuity-02. Experimental. */
import type { SchemeTable } from "../crypto/index.ts";
import { continuitySection } from "../extensions/index.ts";
import type { Certificate } from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { TlsError } from "../registry/index.ts";

/** What a server has promised, as plain data. */
export interface Commitment {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** By which the server proved itself then. */
  readonly scheme: string | undefined;
}

/** Where a client keeps promises, by the name that the server proved, and the port where that matters. */
export interface ContinuityCache {
  /** The promise that is kept for this server; `undefined` if there is none. */
  recall(key: string): Commitment | undefined;
  /** Keeps a promise, in the place of an earlier one. */
  remember(key: string, commitment: Commitment): void;
  /** Drops the promise of this server. */
  forget(key: string): void;
}

/** Keeps promises in this process, of the servers that were last spoken to. */
export class MemoryContinuityCache implements ContinuityCache {
  readonly #commitments = new Map<string, Commitment>();
  readonly #capacity: number;

  /** @param options `capacity`: servers, 10 000 by default. @throws TypeError or RangeError for what cannot be */
  constructor(options: { readonly capacity?: number } = {}) {
    check.checkOptions("MemoryContinuityCache", options, { capacity: check.whole(1) });
    this.#capacity = options.capacity ?? 10_000;
  }

  /** As {@link ContinuityCache.recall}. */
  recall(key: string): Commitment | undefined {
    return this.#commitments.get(key);
  }

  /**
   * As {@link ContinuityCache.remember}; the server that was not spoken to for longest is forgotten beyond the
   * capacity.
   */
  remember(key: string, commitment: Commitment): void {
    this.#commitments.delete(key);
    this.#commitments.set(key, commitment);
    if (this.#commitments.size <= this.#capacity) return;
    const oldest = this.#commitments.keys().next();
    if (!oldest.done) this.#commitments.delete(oldest.value);
  }

  /** As {@link ContinuityCache.forget}. */
  forget(key: string): void {
    this.#commitments.delete(key);
  }
}

/** A client's part. */
export interface ClientContinuity {
  /** ExtensionType. */
  readonly type: number;
  readonly cache: ContinuityCache;
  /** Under which the server's promise is kept. */
  readonly key: string;
  /** Milliseconds for which a promise is believed at most. */
  readonly longest: number;
}

/** A server's part. */
export interface ServerContinuity {
  /** ExtensionType. */
  readonly type: number;
  /** Seconds; 0 takes back what was promised before. */
  readonly period: number;
}

/** A promise that still holds. */
export function commitmentOf(
  continuity: ClientContinuity | undefined,
  now: number,
): Commitment | undefined {
  const commitment = continuity?.cache.recall(continuity.key);
  return commitment !== undefined && now < commitment.until ? commitment : undefined;
}

/** §3.5: who holds a promise offers more than classical schemes. @throws TlsError `misuse` */
export function checkOffersPostQuantum(
  { until }: Commitment,
  schemes: readonly { readonly name: string; readonly postQuantum: boolean }[],
): void {
  if (schemes.some(({ postQuantum }) => postQuantum)) return;
  throw new TlsError(
    "misuse",
    "the server has promised post-quantum certificates, and none can be taken",
    {
      expected: `a post-quantum scheme among \`schemes\` or \`authKem\`, until ${new Date(until).toISOString()}`,
      received: schemes.map(({ name }) => name).join(", "),
      section: `${continuitySection} §3.5`,
    },
  );
}

/**
 * §3.1, §3.2: key and signature of every certificate. A root's own signature is of its key's kind; what has the names of a
 * root may be signed by another key, as where a classical root certifies its successor.
 */
export const isPostQuantumChain = (chain: readonly Certificate[], known: SchemeTable): boolean =>
  chain.every(
    ({ publicKey, signatureAlgorithm }) =>
      known.provingBy(publicKey.type).some(({ postQuantum }) => postQuantum) &&
      signatureAlgorithm !== undefined &&
      known.bySignature(signatureAlgorithm).some(({ postQuantum }) => postQuantum),
  );

/** §3.2. */
export const promiseBroken = (received: string): TlsError =>
  new TlsError(
    "certificate_unknown",
    "a certificate that is not post-quantum, where that was promised",
    {
      expected: "post-quantum keys and signatures in every certificate of the server",
      received,
      where: "certificate.certificateList",
      section: `${continuitySection} §3.2`,
    },
  );

/** §3.6, once the handshake is over: what the server said of its promise, in seconds; `undefined`: nothing. */
export function keepPromise(
  { cache, key, longest }: ClientContinuity,
  period: number | undefined,
  scheme: string | undefined,
  now: number,
): void {
  if (period === undefined) return;
  if (period === 0) {
    cache.forget(key);
    return;
  }
  const until = now + Math.min(period * 1000, longest);
  const before = cache.recall(key);
  if (before === undefined || before.until < until) cache.remember(key, { until, scheme });
}
