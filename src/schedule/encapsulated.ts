import { hpkeReceiver, hpkeSender } from "../crypto/hpke.ts";
import { isKemScheme, type KemScheme } from "../crypto/kem-scheme.ts";
import { InvalidKemInput, type Provider } from "../crypto/provider.ts";
import type { Hash } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import { utf8 } from "../wire/index.ts";
import { KemSecret } from "./kem-secrets.ts";
import type { SecretOwners, Wipeable } from "./owner.ts";
import type { AcceptedPeer, PeerIdentity } from "./peer.ts";
import type { Role } from "./role.ts";

/** What HPKE is used for here (draft-celi-wiggers-tls-authkem-07 §2.2). */
const info = utf8("tls13 auth-kem");
const contexts: Readonly<Record<Role, Uint8Array>> = {
  client: utf8("client authentication"),
  server: utf8("server authentication"),
};

/** Of a handshake, as far as its key schedule asks. */
export interface Schedule {
  readonly provider: Provider;
  readonly hash: Hash;
  readonly owners: SecretOwners;
}

/**
 * A secret that we encapsulated to the key that a verifier accepted. Nobody but who has the private half of that key
 * can come to it: who shows that it knows what follows from it is that peer.
 */
export class Encapsulated<R extends Role> extends KemSecret {
  readonly role: R;
  readonly identity: PeerIdentity;
  /** For KEMEncapsulation. */
  readonly ciphertext: Uint8Array;

  private constructor(
    peer: AcceptedPeer<R>,
    { ciphertext, secret }: { readonly ciphertext: Uint8Array; readonly secret: Uint8Array },
    { hash, owners }: Pick<Schedule, "hash" | "owners">,
  ) {
    super(hash, secret, owners);
    this.role = peer.role;
    this.identity = peer.identity;
    this.ciphertext = ciphertext;
  }

  /** @throws TlsError `bad_certificate` for a key that is none (FIPS 203 §7.2, RFC 7748 §6.1) */
  static to<R extends Role>(
    peer: AcceptedPeer<R>,
    scheme: KemScheme,
    schedule: Schedule,
  ): Encapsulated<R> {
    const encapsulation = Encapsulated.ahead(peer, scheme, schedule.provider);
    const secret = encapsulation.secretFor(schedule);
    encapsulation.wipe();
    return secret;
  }

  /** As {@link Encapsulated.to}, for a handshake whose hash is not known yet. */
  static ahead<R extends Role>(
    peer: AcceptedPeer<R>,
    scheme: KemScheme,
    provider: Provider,
  ): Encapsulation<R> {
    const { key, role } = peer;
    if (!isKemScheme(scheme) || scheme.keyType !== key.type) {
      throw new TlsError("internal", `${scheme.name} has no use for a key of type ${key.type}`);
    }
    const { encapsulated: ciphertext, context } = encapsulate(scheme, provider, key.key);
    return {
      ciphertext,
      secretFor(schedule) {
        const secret = context.export(contexts[role], schedule.hash.length);
        return new Encapsulated(peer, { ciphertext, secret }, schedule);
      },
      wipe: () => context.wipe(),
    };
  }
}

/** What was encapsulated to an accepted key, before it is known for which hash: a secret for each comes of it. */
export interface Encapsulation<R extends Role> extends Wipeable {
  readonly ciphertext: Uint8Array;
  secretFor(schedule: Pick<Schedule, "hash" | "owners">): Encapsulated<R>;
}

function encapsulate(scheme: KemScheme, provider: Provider, key: Uint8Array) {
  try {
    return hpkeSender(scheme.hpke, provider, key, info);
  } catch (cause) {
    if (!(cause instanceof InvalidKemInput)) throw cause;
    throw new TlsError("bad_certificate", `unusable public key: ${cause.message}`, {
      where: "certificate.certificateList[0]",
      section: "draft-celi-wiggers-tls-authkem-07 §2.2",
      cause,
    });
  }
}

/**
 * The secret that the peer encapsulated to our key, of which we made the KEM's own. It says nothing about the peer.
 *
 * @param role ours
 * @param received our public key, the peer's ciphertext, and what our private key made of it, which is wiped
 */
export function decapsulated(
  role: Role,
  scheme: KemScheme,
  received: {
    readonly publicKey: Uint8Array;
    readonly ciphertext: Uint8Array;
    readonly sharedSecret: Uint8Array;
  },
  { provider, hash, owners }: Schedule,
): KemSecret {
  const { publicKey, ciphertext, sharedSecret } = received;
  const pair = { publicKey, decapsulate: () => sharedSecret, wipe() {} };
  const context = hpkeReceiver(scheme.hpke, provider, pair, ciphertext, info);
  const secret = context.export(contexts[role], hash.length);
  context.wipe();
  return new KemSecret(hash, secret, owners);
}
