import type { HashName, Provider } from "../crypto/index.ts";
import * as check from "../registry/check.ts";
import { ProtocolVersion } from "../registry/index.ts";
import { hkdfExpandLabel, hkdfExtract } from "../schedule/index.ts";
import { encode, opaque, struct, uint16, wipe } from "../wire/index.ts";
import type { OfferedPsk } from "./psk.ts";

/** ImportedIdentity (RFC 9258 §5.1). */
const ImportedIdentity = struct({
  externalIdentity: opaque(1, 0xffff),
  context: opaque(0, 0xffff),
  targetProtocol: uint16,
  targetKdf: uint16,
});

/** KDF identifiers (RFC 9258 §10). */
const targetKdfs: Partial<Record<HashName, number>> = { sha256: 1, sha384: 2 };

/** A key that both ends have from elsewhere, before it is imported (EPSK, RFC 9258 §3). */
export interface ExternalKey {
  /** By which both ends know the key (external_identity, RFC 9258 §5.1). */
  readonly identity: Uint8Array;
  /** The key itself, of any length; its entropy is what protects the connection. */
  readonly secret: Uint8Array;
  /** Binds the key to a use; may be empty. */
  readonly context: Uint8Array;
  /** The hash that belongs to the external key; SHA-256 if nothing says otherwise. */
  readonly hash?: HashName;
}

const checkExternal = check.complete(
  {
    identity: check.bytes,
    secret: check.bytes,
    context: check.bytes,
    hash: check.text,
  } satisfies check.OptionTable<ExternalKey>,
  "write { identity, secret, context }; the context may be empty",
  ["identity", "secret", "context"],
);

/**
 * Imports an external key for TLS 1.3 with suites of one hash (RFC 9258 §5): separate keys for
 * separate protocols and KDFs. Import it for both hashes to offer both.
 * @throws TypeError for a key that is none, RangeError for a hash that TLS 1.3 has no suite of
 */
export function importPsk(provider: Provider, external: ExternalKey, target: HashName): OfferedPsk {
  checkExternal(external, "importPsk");
  const targetKdf = targetKdfs[target];
  if (targetKdf === undefined) throw new RangeError(`no TLS 1.3 suite uses ${target}`);
  const identity = encode(ImportedIdentity, {
    externalIdentity: external.identity,
    context: external.context,
    targetProtocol: ProtocolVersion["TLS 1.3"],
    targetKdf,
  });
  const hash = provider.hashes[external.hash ?? "sha256"];
  const extracted = hkdfExtract(hash, new Uint8Array(hash.length), external.secret);
  const { length } = provider.hashes[target];
  const secret = hkdfExpandLabel(hash, extracted, "derived psk", hash.digest(identity), length);
  wipe(extracted);
  return { identity, secret, hash: target, kind: "imported" };
}
