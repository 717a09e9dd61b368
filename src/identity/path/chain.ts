import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import {
  matchesName,
  parseReferenceName,
  presentedNames,
  validNames,
} from "../certificate/names.ts";
import { findValidPath, type PathSearch, searchTable, type ValidPath } from "./path-search.ts";
import * as option from "../certificate/option-checks.ts";
import { describe } from "../certificate/describe.ts";
import { checkSvid } from "../certificate/spiffe.ts";
import { checkUsage, type Usage } from "./usage.ts";

/** What {@link verifyChain} verifies: the chain, the trust anchors, for whom and when. */
export interface ChainOptions extends PathSearch {
  /** What the leaf's key is to be used for. */
  readonly usage: Usage;
  /** The host name or IP address that the leaf must be valid for. Absent: any. */
  readonly name?: string;
}

/** The proof that a chain was verified; only {@link verifyChain} makes one. */
export class VerifiedChain {
  /** Makes the type nominal: an object of the same shape is not a proof. */
  declare protected readonly proof: never;
  /** Leaf first, trust anchor last. */
  readonly path: readonly Certificate[];
  /** The peer's own certificate: the first of the path. */
  readonly leaf: Certificate;
  /** The policies that the path is valid for, `2.5.29.32.0` for any (RFC 5280 §6.1.5 (g)). */
  readonly policies: readonly string[];

  #names: readonly string[] | undefined;

  private constructor({ path, policies }: ValidPath) {
    this.path = path;
    this.policies = policies;
    this.leaf = path[0];
  }

  /**
   * The host names and IP addresses that the leaf is valid for: in lower case, without a dot at their end,
   * wildcards as they stand.
   */
  get names(): readonly string[] {
    return (this.#names ??= validNames(this.leaf));
  }

  /** As {@link verifyChain}. */
  static verify(options: ChainOptions): VerifiedChain {
    const reference = options.name === undefined ? undefined : parseReferenceName(options.name);
    const valid = findValidPath(options, (path) => {
      checkUsage(path, options.usage, options.provider);
      checkSvid(path[0], describe(path, 0));
    });
    const [leaf] = valid.path;
    if (reference !== undefined && !matchesName(leaf, reference)) {
      throw new TlsError("wrong_name", "the certificate is valid, but for another name", {
        expected: options.name ?? "",
        received: presentedNames(leaf).join(", ") || "a certificate without names",
        where: describe(valid.path, 0),
        section: "RFC 9525 §6",
      });
    }
    return new VerifiedChain(valid);
  }
}

const chainTable = {
  ...searchTable,
  usage: option.usage,
  name: check.text,
} satisfies check.OptionTable<ChainOptions>;
const checkChain = check.complete(chainTable, "write { chain, trust, usage, now, provider }", [
  "chain",
  "trust",
  "usage",
  "now",
  "provider",
]);

/**
 * Finds a path from the leaf to a trust anchor and validates it: RFC 5280 §6, RFC 9525 §6, and what
 * RFC 9846 §4.5.1 adds. Synchronous, and depends on nothing but its options.
 * @throws TlsError of the best candidate: `unknown_ca`, `certificate_expired`, `bad_certificate`,
 *   `unsupported_certificate`, `certificate_revoked`, `certificate_unknown`,
 *   `bad_certificate_status`, `wrong_name`; TypeError or RangeError for options that cannot be
 */
export function verifyChain(options: ChainOptions): VerifiedChain {
  checkChain(options, "verifyChain");
  return VerifiedChain.verify(options);
}
