import type { Provider } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import type { Certificate } from "./certificate.ts";
import { CertificateCache } from "./certificate-cache.ts";
import { matchesName, parseReferenceName, presentedNames } from "./names.ts";
import { buildPaths, defaultLimits, type PathLimits } from "./path-building.ts";
import { describe, validatePath, verifySignature } from "./path-validation.ts";
import type { TrustStore } from "./trust.ts";
import { checkUsage, type Usage } from "./usage.ts";

export interface ChainOptions {
  /** As the peer sent it: the leaf first, the rest in any order (RFC 9846 §4.5.1). */
  readonly chain: readonly Certificate[];
  readonly trust: TrustStore;
  readonly usage: Usage;
  /** The host name or IP address that the leaf must be valid for. Absent: any. */
  readonly name?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly provider: Provider;
  readonly limits?: Partial<PathLimits>;
  /** Remembers signatures that were right; all else is checked each time. */
  readonly cache?: CertificateCache;
}

/** The proof that a chain was verified; only {@link verifyChain} makes one. */
export class VerifiedChain {
  declare protected readonly proof: never;
  /** Leaf first, trust anchor last. */
  readonly path: readonly Certificate[];
  readonly leaf: Certificate;
  /** The host names and IP addresses that the leaf is valid for, wildcards as they stand. */
  readonly names: readonly string[];

  private constructor(path: readonly [Certificate, ...Certificate[]]) {
    this.path = path;
    this.leaf = path[0];
    this.names = presentedNames(path[0]);
  }

  /** As {@link verifyChain}. */
  static verify(options: ChainOptions): VerifiedChain {
    const reference = options.name === undefined ? undefined : parseReferenceName(options.name);
    const path = findValidPath(options);
    if (reference !== undefined && !matchesName(path[0], reference)) {
      throw new TlsError("wrong_name", "the certificate is valid, but for another name", {
        expected: options.name ?? "",
        received: presentedNames(path[0]).join(", ") || "a certificate without names",
        where: describe(path, 0),
        section: "RFC 9525 §6",
      });
    }
    return new VerifiedChain(path);
  }
}

/**
 * Finds a path from the leaf to a trust anchor and validates it: RFC 5280 §6, RFC 9525 §6, and what
 * RFC 9846 §4.5.1 adds. Synchronous, and depends on nothing but its options.
 * @throws TlsError of the best candidate: `unknown_ca`, `certificate_expired`, `bad_certificate`,
 *   `unsupported_certificate`, `wrong_name`
 */
export function verifyChain(options: ChainOptions): VerifiedChain {
  return VerifiedChain.verify(options);
}

type Path = readonly [Certificate, ...Certificate[]];

/** The first valid path. If there is none, the first one's error tells most: candidates come best first. */
function findValidPath(options: ChainOptions): Path {
  const limits = { ...defaultLimits, ...options.limits };
  const signatures = new SignatureCheck(options, limits.signatures);
  let first: TlsError | undefined;
  for (const path of buildPaths(options.chain, options.trust, { ...limits, now: options.now })) {
    try {
      validatePath(path, options);
      checkUsage(path, options.usage);
      signatures.verify(path);
      return path;
    } catch (error) {
      if (!(error instanceof TlsError) || signatures.exhausted) throw error;
      first ??= error;
    }
  }
  throw first ?? unknownCa(options.chain);
}

/** Verifies the signatures of paths from the anchor down, each only once, and not more than the limit. */
class SignatureCheck {
  readonly #provider: Provider;
  readonly #cache: CertificateCache;
  readonly #limit: number;
  #count = 0;

  constructor({ provider, cache }: ChainOptions, limit: number) {
    this.#provider = provider;
    this.#cache = cache ?? new CertificateCache();
    this.#limit = limit;
  }

  get exhausted(): boolean {
    return this.#count > this.#limit;
  }

  verify(path: Path): void {
    for (let index = path.length - 2; index >= 0; index--) {
      const certificate = path[index]!;
      const issuer = path[index + 1]!;
      if (this.#cache.isVerified(certificate, issuer)) continue;
      this.#count++;
      if (this.exhausted) {
        throw new TlsError("bad_certificate", "too many signatures to check", {
          expected: `at most ${this.#limit}`,
          where: describe(path, index),
        });
      }
      verifySignature(certificate, issuer, this.#provider, describe(path, index));
      this.#cache.setVerified(certificate, issuer);
    }
  }
}

function unknownCa(chain: readonly Certificate[]): TlsError {
  const [leaf] = chain;
  return new TlsError("unknown_ca", "no path to a trust anchor", {
    expected: "a chain that ends in a certificate of the trust store",
    received: `${chain.length} certificates for "${leaf?.subject.text ?? ""}", issued by "${leaf?.issuer.text ?? ""}"`,
    section: "RFC 9846 §6.2",
  });
}
