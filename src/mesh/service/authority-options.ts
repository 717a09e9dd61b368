/** What an authority that runs is told, and what it tells. */
import type { RemoteKeys } from "../../authority/index.ts";
import type { Policy, PolicyName } from "../../policy/index.ts";
import * as check from "../../registry/check.ts";

/** What an authority serves, and how. */
export interface AuthorityOptions {
  /** The folder of `kemistry pki init`. */
  readonly directory: string;
  /** The trust domain: `example.org`. The service is `spiffe://example.org/kemistry/authority`. */
  readonly domain: string;
  /** Who certifies the service itself. Default: the only authority, or the only one below a root. */
  readonly issuer?: string;
  /** Host names of the service, for clients that go by those. Default: `localhost`. */
  readonly dns?: readonly string[];
  /** Its addresses. Default: none. */
  readonly ip?: readonly string[];
  /** Opens the authorities' keys, if they are encrypted. */
  readonly passphrase?: string;
  /** Finds keys that are elsewhere. Default: `TokenKeys`, in tokens of PKCS#11 with two sessions each. */
  readonly remoteKeys?: RemoteKeys;
  /** What connections may come to. Default: `require-post-quantum`. */
  readonly policy?: PolicyName | Policy;
  /** Milliseconds for which a list of what is revoked counts. Default: an hour. */
  readonly listLifetime?: number;
  /** Milliseconds for which an OCSP response counts. Default: an hour. */
  readonly responseLifetime?: number;
  /** Milliseconds for which the service's own certificate is valid. Default: a day, or what the profile `server` gives. */
  readonly lifetime?: number;
  /** Requests without a token that may wait for somebody to approve them. Default: 0, none are taken. */
  readonly waitingRequests?: number;
  /** Milliseconds for which such a request waits. Default: an hour. */
  readonly requestLifetime?: number;
  /** Milliseconds for which certificates are kept that have ended. Default: 30 days. */
  readonly keepEnded?: number;
  /**
   * Milliseconds for which the journal keeps lines that are needed no more, once there are ten thousand of them: those of
   * certificates that `keepEnded` has taken away, and of earlier lists. Default: for ever. Not for a database.
   */
  readonly keepJournal?: number;
  /** Milliseconds after which who follows the bundle and the lists should look again. Default: 10 000. */
  readonly refreshHint?: number;
  /** What it throws is ignored. */
  readonly onEvent?: (event: AuthorityEvent) => void;
}

/** What an authority has to say. */
export type AuthorityEvent =
  | { readonly type: "enrolled" | "renewed"; readonly name: string; readonly serial: string }
  /** A request waits for a person. */
  | { readonly type: "waiting"; readonly id: string }
  | { readonly type: "refused"; readonly reason: string; readonly from: string | undefined }
  | { readonly type: "list"; readonly issuer: string; readonly number: number }
  | { readonly type: "failed"; readonly error: unknown };

/** @throws TypeError or RangeError for options that cannot be */
export const checkAuthorityOptions = check.complete(
  {
    directory: check.text,
    domain: check.text,
    issuer: check.text,
    dns: check.listOf(check.text),
    ip: check.listOf(check.text),
    passphrase: check.text,
    remoteKeys: check.like("TokenKeys, or one of your own", "find", "make"),
    policy: check.nameOr(check.text, check.like("a policy", "name")),
    listLifetime: check.number(1000, Infinity, " milliseconds"),
    responseLifetime: check.number(1000, Infinity, " milliseconds"),
    lifetime: check.number(1000, Infinity, " milliseconds"),
    waitingRequests: check.whole(0),
    requestLifetime: check.number(1000, Infinity, " milliseconds"),
    keepEnded: check.number(0, Infinity, " milliseconds"),
    keepJournal: check.number(0, Infinity, " milliseconds"),
    refreshHint: check.number(100, Infinity, " milliseconds"),
    onEvent: check.callable,
  } satisfies check.OptionTable<AuthorityOptions>,
  "write { directory, domain }",
  ["directory", "domain"],
);
