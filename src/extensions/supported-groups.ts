/**
 * supported_groups (RFC 9846 §4.3.7): groups in order of preference. A server answers with a share of one
 * of them, or asks for it; its choice is `handshake/server/negotiation.ts`.
 */
import { NamedGroup } from "../registry/index.ts";
import { code, list, uint16 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal, missing } from "./illegal.ts";

const NamedGroupList = list(code(uint16, NamedGroup), 2, 0xffff);

interface Coded {
  readonly code: number;
}

/** A server may name its own in EncryptedExtensions without being asked (§4.3.7); ours does not. */
export const supported_groups = extension(
  "supported_groups",
  { client_hello: NamedGroupList, encrypted_extensions: NamedGroupList },
  { offer: ({ groups }: { readonly groups: readonly Coded[] }) => groups.map((each) => each.code) },
);

/** A server: groups stand once (§4.3.7), and are there with shares, and where no PSK is offered (§9.2). */
export function checkOfferedGroups(extensions: {
  readonly supported_groups?: readonly number[];
  readonly key_share?: unknown;
  readonly pre_shared_key?: unknown;
}): void {
  const { supported_groups: groups, key_share, pre_shared_key } = extensions;
  const where = "client_hello.extensions.supported_groups";
  if (groups === undefined) {
    if (pre_shared_key === undefined || key_share !== undefined) {
      throw missing("the client sent no supported_groups", where);
    }
  } else if (new Set(groups).size !== groups.length) {
    throw illegal("a group stands twice", where, "RFC 9846 §4.3.7");
  }
}
