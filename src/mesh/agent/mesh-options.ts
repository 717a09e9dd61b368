/** What an agent is told, and what it tells. */
import type { Authorize, Rule } from "../../authorization/index.ts";
import type { KeyType, SubjectKeyType } from "../../crypto/index.ts";
import { type CertificateInput, keyTypeNames } from "../../identity/index.ts";
import { checkPolicy, type Policy, type PolicyName } from "../../policy/index.ts";
import * as check from "../../registry/check.ts";
import type { TlsSocket } from "../../transport/node/index.ts";

/** Who an agent is, where its authority is, and what it and others may do. */
export interface MeshOptions {
  /** `https://<host>:<port>`; of several the next is asked where one fails. */
  readonly authority: string | readonly string[];
  /** Who this agent is: a SPIFFE ID that is registered at the authority. */
  readonly id: string;
  /** Who may call whom, for both roles; or a function that decides. */
  readonly rules: readonly Rule[] | Authorize;
  /**
   * Lets it enrol, once: as `kemistry authority token` prints it. Absent: it has enrolled already (`file`), or asks to be
   * approved (`trust`).
   */
  readonly token?: string;
  /** The roots that the authority must have, where there is no token that says so: PEM or DER. */
  readonly trust?: CertificateInput;
  /**
   * A file for its key, its certificates and what it has heard, which only its owner reads: with it a restart needs
   * no token, and no authority. Default: all is in memory.
   */
  readonly file?: string;
  /** Of its keys. Default: `secp256r1`. */
  readonly algorithm?: KeyType;
  /** Milliseconds between two looks at bundle and lists. Default: 10 000. */
  readonly poll?: number;
  /** Milliseconds without one that succeeded after which it is `stale`. Default: three times `poll`. */
  readonly staleAfter?: number;
  /** The part of a certificate's life after which it is renewed, 0 to 1. Default: 2/3. */
  readonly renewAfter?: number;
  /** Milliseconds for enrolment; somebody may have to approve it. Default: 60 000. */
  readonly timeout?: number;
  /** Milliseconds for which tickets are sealed under one key; tickets live as long. Default: half an hour. */
  readonly ticketKeyLifetime?: number;
  /** What connections may come to. Default: `require-post-quantum`. */
  readonly policy?: PolicyName | Policy;
  /**
   * Other trust domains, by name, whose agents the rules may let in (SPIFFE Federation §5.2): their bundles and lists
   * are followed like one's own, from the bundle that is given here. Default: none.
   */
  readonly federated?: Readonly<Record<string, FederatedDomain>>;
}

/** Another trust domain. */
export interface FederatedDomain {
  /** `https://<host>:<port>` of its authority; of several the next is asked where one fails. */
  readonly authority: string | readonly string[];
  /** Its bundle, as JSON: what `kemistry authority bundle` prints there, brought by somebody whom one trusts. */
  readonly bundle: string;
}

const meshTable = {
  authority: check.nameOr(check.text, check.listOf(check.text, 1)),
  id: check.text,
  rules: check.either(Array.isArray, check.listOf(check.like("a rule", "from")), check.callable),
  token: check.text,
  trust: check.nameOr(check.text, check.like("PEM or DER", "length")),
  file: check.text,
  algorithm: check.oneOf(...keyTypeNames),
  poll: check.number(100, 2 ** 31 - 1, " milliseconds"),
  staleAfter: check.number(100, Infinity, " milliseconds"),
  renewAfter: check.number(0, 1),
  timeout: check.number(1, 2 ** 31 - 1, " milliseconds"),
  ticketKeyLifetime: check.number(1000, 2 ** 31 - 1, " milliseconds"),
  policy: checkPolicy,
  federated: check.like("domains by their names"),
} satisfies check.OptionTable<MeshOptions>;
/** @throws TypeError or RangeError for options that cannot be */
export const checkMeshOptions = check.complete(meshTable, "write { authority, id, rules, token }", [
  "authority",
  "id",
  "rules",
]);

/** As {@link FederatedDomain}. */
export const checkFederated = check.complete(
  {
    authority: meshTable.authority,
    bundle: check.text,
  } satisfies check.OptionTable<FederatedDomain>,
  "write { authority, bundle }",
  ["authority", "bundle"],
);

/** What an agent can come to do otherwise while it runs: see {@link Mesh.update}. */
export type MeshChanges = Partial<Pick<MeshOptions, "rules" | "algorithm" | "policy">>;

/** Of {@link MeshChanges}. */
export const changeTable = {
  rules: meshTable.rules,
  algorithm: meshTable.algorithm,
  policy: meshTable.policy,
} satisfies check.OptionTable<MeshChanges>;

/** How an agent is. */
export interface Health {
  /**
   * `expired`: its certificate has ended, and peers refuse it. `stale`: it has not heard for long what is revoked.
   * `revoked`: its own certificate is.
   */
  readonly state: "ok" | "stale" | "expired" | "revoked";
  /** The agent's SPIFFE ID. */
  readonly id: string;
  /** Hexadecimal. */
  readonly serial: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly notAfter: number;
  /** Of the key that its certificate is for: after `update({ algorithm })` another one from the next renewal on. */
  readonly keyType: SubjectKeyType;
  /** `spiffe_sequence` of the bundle that it goes by: who has the authority's knows all roots (SPIFFE Bundle §4.1.2). */
  readonly bundle: number;
  /** When bundle and lists were last heard of. */
  readonly heardAt: number | undefined;
  /** The last failure since then, of polling or renewal. */
  readonly failure: string | undefined;
}

/** Events, and what listeners are given. */
export interface MeshEvents {
  /** It has a new certificate. */
  renewed: [{ readonly serial: string; readonly notAfter: number }];
  /** Connections were ended since their peers are revoked, or may do no more what they do. */
  revoked: [{ readonly connections: readonly TlsSocket[] }];
  /** Its own certificate is revoked: nobody will speak to it. */
  outcast: [];
  /** It has not heard for long what is revoked; `fresh` when it has. */
  stale: [{ readonly since: number }];
  /** It has heard again what is revoked. */
  fresh: [];
  /** A renewal or a look at the lists has failed, and is repeated. */
  failed: [{ readonly what: "renewal" | "poll"; readonly error: unknown }];
}
