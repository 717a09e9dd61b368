/** key_share (RFC 9846 §4.3.8): shares of the client, the server's answer, or the group to retry with. */
import { NamedGroup, nameOf } from "../registry/index.ts";
import { code, list, opaque, struct, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal, missing } from "./illegal.ts";

const group = code(uint16, NamedGroup);

/**
 * KeyShareEntry. The RFC's lower bound is 1; here an empty share can be read, so that it is refused with
 * `illegal_parameter`, as any other that has the wrong length.
 */
export const KeyShareEntry = struct({ group, keyExchange: opaque(0, 0xffff) });

interface Named {
  readonly name: string;
  readonly code: number;
}
/** A share whose secret we have. */
interface OwnShare {
  readonly group: Named;
  readonly keyExchange: Uint8Array;
}

export const key_share = extension(
  "key_share",
  {
    client_hello: list(KeyShareEntry, 0, 0xffff),
    server_hello: KeyShareEntry,
    hello_retry_request: group,
  },
  {
    offer: (_config: unknown, { shares }: { readonly shares: readonly OwnShare[] }) =>
      shares.map((share) => ({ group: share.group.code, keyExchange: share.keyExchange })),
    mayChange: true,
  },
);

interface Shares {
  readonly supported_groups?: readonly number[];
  readonly key_share?: readonly { readonly group: number; readonly keyExchange: Uint8Array }[];
}

/** A server: shares are of groups that are offered, one each, none of them empty (§4.3.8); and there (§9.2). */
export function checkOfferedShares({ supported_groups: groups, key_share: shares }: Shares): void {
  const where = "client_hello.extensions.key_share";
  if (shares === undefined) {
    if (groups !== undefined) throw missing("the client sent no key_share", where);
    return;
  }
  if (shares.some(({ keyExchange }) => keyExchange.length === 0)) {
    throw illegal("an empty share", where, "RFC 9846 §4.3.8");
  }
  const shared = shares.map((entry) => entry.group);
  if (new Set(shared).size !== shared.length) {
    throw illegal("two shares of one group", where, "RFC 9846 §4.3.8");
  }
  const offered = new Set(groups);
  const stray = shared.find((each) => !offered.has(each));
  if (stray !== undefined) {
    const received = nameOf(NamedGroup, stray);
    throw illegal("a share of a group that is not offered", where, "RFC 9846 §4.3.8", received);
  }
}

/** A server, after its HelloRetryRequest: exactly the share that was asked for (§4.3.8). */
export function checkRetriedShare({ key_share: shares = [] }: Shares, asked: Named): void {
  if (shares.length === 1 && shares[0]!.group === asked.code) return;
  const received = shares.map((entry) => nameOf(NamedGroup, entry.group)).join(", ") || "none";
  const where = "client_hello.extensions.key_share";
  throw illegal(`the share of ${asked.name} was asked for`, where, "RFC 9846 §4.3.8", received);
}

/**
 * A client: the group of a HelloRetryRequest, which was offered and had no share (§4.3.8); `undefined` for a
 * retry that only brings a cookie. One that brings neither changes nothing (§4.2.4).
 */
export function retryGroup<G extends Named>(
  { key_share: selected, cookie }: { readonly key_share?: number; readonly cookie?: Uint8Array },
  groups: readonly G[],
  shares: readonly OwnShare[],
): G | undefined {
  if (selected === undefined) {
    if (cookie !== undefined) return undefined;
    const where = "hello_retry_request.extensions";
    throw illegal("a retry that changes nothing", where, "RFC 9846 §4.2.4");
  }
  const where = "hello_retry_request.extensions.key_share";
  const found = groups.find((entry) => entry.code === selected);
  if (found === undefined) {
    const received = nameOf(NamedGroup, selected);
    throw illegal("a retry with a group that was not offered", where, "RFC 9846 §4.3.8", received);
  }
  if (shares.some((share) => share.group.code === selected)) {
    const message = "a retry with a group whose share was there";
    throw illegal(message, where, "RFC 9846 §4.3.8", found.name);
  }
  return found;
}

interface ExchangeAnswer {
  readonly key_share?: { readonly group: number; readonly keyExchange: Uint8Array };
  readonly pre_shared_key?: number;
}

/** A client: which share the server answers (§4.3.8); none only where a PSK alone was allowed. */
export function answeredShare<S extends OwnShare>(
  { key_share: answer, pre_shared_key: psk }: ExchangeAnswer,
  shares: readonly S[],
  { allowPskOnly }: { readonly allowPskOnly: boolean },
): { readonly share: S; readonly keyExchange: Uint8Array } | undefined {
  if (answer === undefined) {
    if (psk !== undefined && allowPskOnly) return undefined;
    throw missing("the server sent no key share", "server_hello.extensions");
  }
  const share = shares.find((entry) => entry.group.code === answer.group);
  if (share === undefined) {
    const where = "server_hello.extensions.key_share.group";
    const received = nameOf(NamedGroup, answer.group);
    const message = "a key share of a group for which none was sent";
    throw illegal(message, where, "RFC 9846 §4.3.8", received);
  }
  return { share, keyExchange: answer.keyExchange };
}
