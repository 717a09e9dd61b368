import type { Provider } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import type { Certificate } from "./certificate.ts";
import type { TrustStore } from "./trust.ts";

/** What the peer's certificate is to authenticate. */
export type Usage = "server" | "client";

export interface ChainOptions {
  /** As the peer sent it: the leaf first, the rest in any order. */
  readonly chain: readonly Certificate[];
  readonly trust: TrustStore;
  readonly usage: Usage;
  /** The host name or IP address that the leaf must be valid for. Absent: any. */
  readonly name?: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly provider: Provider;
}

/** The proof that a chain was verified; only {@link verifyChain} makes one. */
export class VerifiedChain {
  declare protected readonly proof: never;
  /** Leaf first, trust anchor last. */
  readonly path: readonly Certificate[];

  private constructor(path: readonly Certificate[]) {
    this.path = path;
  }

  get leaf(): Certificate {
    return this.path[0]!;
  }

  static verify(options: ChainOptions): VerifiedChain {
    throw new TlsError("internal", "chains are not verified yet", { received: options.usage });
  }
}

export function verifyChain(options: ChainOptions): VerifiedChain {
  return VerifiedChain.verify(options);
}
