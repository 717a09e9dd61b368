/**
 * The key schedule of AuthKEM (draft-celi-wiggers-tls-authkem-07 §4.3.1): between handshake and main secret stands an
 * authenticated one, into which goes what was encapsulated to the server's key; into the main secret goes what was
 * encapsulated to the client's. Where the client knew the server's key before, what was encapsulated to that stands in
 * the place of a PSK instead (draft-wiggers-tls-authkem-psk-05 §4.4.1). What a secret rests on it remembers, so that a
 * proof fits one schedule only.
 */
import type { Hash } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import { hkdfExtract } from "./hkdf.ts";
import type { SecretOwners } from "./owner.ts";
import type { Role } from "./role.ts";
import {
  constantsOf,
  consume,
  derived,
  type DerivedSecret,
  EarlySecret,
  ExporterSecret,
  finishedMac,
  ResumptionSecret,
  Secret,
  TrafficSecret,
} from "./secrets.ts";

/** SSs or SSc: what both ends share once it was encapsulated to the key of one, and has its length of the hash. */
export class KemSecret extends Secret {
  /** @param bytes are taken over */
  constructor(hash: Hash, bytes: Uint8Array, owners: SecretOwners) {
    super(hash, bytes, owners.handshake);
  }

  /** @internal HKDF-Extract of the next secret; this one is wiped */
  extract(salt: Uint8Array): Uint8Array {
    return consume(this.take(), (bytes) => hkdfExtract(this.hash, salt, bytes));
  }

  /** @internal its bytes, for who wipes them; this one is wiped */
  take(): Uint8Array {
    const bytes = this.bytes.slice();
    this.wipe();
    return bytes;
  }
}

/** Early Secret of a client that knew the server's key: what was encapsulated to that is in the place of a PSK. */
export class KemEarlySecret extends EarlySecret {
  readonly #owners: SecretOwners;
  /** SSs, on which all that follows rests. */
  readonly server: KemSecret;

  private constructor(server: KemSecret, bytes: Uint8Array, owners: SecretOwners) {
    super(server.hash, bytes, owners);
    this.#owners = owners;
    this.server = server;
  }

  /** @param server SSs, which is wiped */
  static of(server: KemSecret, owners: SecretOwners): KemEarlySecret {
    return consume(server.take(), (bytes) => new KemEarlySecret(server, bytes, owners));
  }

  /** Protects the client's early Certificate; the transcript is the ClientHello. */
  clientEarlyHandshakeTraffic(clientHello: Uint8Array): TrafficSecret {
    const secret = this.derive("c e hs traffic", clientHello);
    return new TrafficSecret(this.hash, secret, this.#owners.connection);
  }
}

/** Both ends' secrets from KEMEncapsulation to Finished. */
export interface AuthenticatedTraffic {
  readonly client: TrafficSecret;
  readonly server: TrafficSecret;
}

/** Authenticated Handshake Secret. */
export class AuthenticatedSecret extends Secret {
  readonly #owners: SecretOwners;
  readonly #server: KemSecret;

  private constructor(salt: Uint8Array, server: KemSecret, owners: SecretOwners) {
    super(server.hash, server.extract(salt), owners.handshake);
    this.#owners = owners;
    this.#server = server;
  }

  /** @param server SSs: what was encapsulated to the server's key */
  static of(handshake: DerivedSecret, server: KemSecret): AuthenticatedSecret {
    return handshake.next((salt, owners) => new AuthenticatedSecret(salt, server, owners));
  }

  /** The transcript ends with the client's KEMEncapsulation. */
  traffic(kemEncapsulation: Uint8Array): AuthenticatedTraffic {
    const traffic = (label: string): TrafficSecret =>
      new TrafficSecret(this.hash, this.derive(label, kemEncapsulation), this.#owners.connection);
    return { client: traffic("c ahs traffic"), server: traffic("s ahs traffic") };
  }

  /** @param client SSc: what was encapsulated to the client's key; absent: it stays anonymous. This one is wiped. */
  main(client?: KemSecret): KemMainSecret {
    const secret = consume(derived(this.hash, this.bytes), (salt) => {
      const bytes =
        client?.extract(salt) ?? hkdfExtract(this.hash, salt, constantsOf(this.hash).zeros);
      return new KemMainSecret(this.hash, bytes, { server: this.#server, client }, this.#owners);
    });
    this.wipe();
    return secret;
  }
}

/** Main Secret of AuthKEM, which has the finished keys too (§4.3.3). */
export class KemMainSecret extends Secret {
  readonly #owners: SecretOwners;
  readonly #from: Readonly<Record<Role, KemSecret | undefined>>;

  /** @internal reached through {@link AuthenticatedSecret.main} or {@link KemMainSecret.ofStoredKey} */
  constructor(
    hash: Hash,
    bytes: Uint8Array,
    from: Readonly<Record<Role, KemSecret | undefined>>,
    owners: SecretOwners,
  ) {
    super(hash, bytes, owners.handshake);
    this.#owners = owners;
    this.#from = from;
  }

  /**
   * Where the client knew the server's key before, the main secret comes after the handshake secret.
   * @param client SSc, as of {@link AuthenticatedSecret.main}
   * @throws TlsError `internal` for a handshake that rests on no such key
   */
  static ofStoredKey(handshake: DerivedSecret, client?: KemSecret): KemMainSecret {
    const { psk } = handshake.handshake;
    if (!(psk instanceof KemEarlySecret)) {
      throw new TlsError("internal", "the handshake does not rest on a stored key");
    }
    return handshake.next((salt, owners) => {
      const { hash } = handshake;
      const bytes = client?.extract(salt) ?? hkdfExtract(hash, salt, constantsOf(hash).zeros);
      return new KemMainSecret(hash, bytes, { server: psk.server, client }, owners);
    });
  }

  /** verify_data of that end's Finished. */
  verifyData(role: Role, transcriptHash: Uint8Array): Uint8Array {
    return finishedMac(this.hash, this.bytes, transcriptHash, `${role} finished`);
  }

  /**
   * The first application traffic secret of that end. The transcript ends with its own Finished; where the client knew
   * the server's key before, with the server's.
   */
  traffic(role: Role, finished: Uint8Array): TrafficSecret {
    const label = role === "client" ? "c ap traffic" : "s ap traffic";
    return new TrafficSecret(this.hash, this.derive(label, finished), this.#owners.connection);
  }

  /** The transcript ends with the server's Finished. */
  exporter(serverFinished: Uint8Array): ExporterSecret {
    const secret = this.derive("exp master", serverFinished);
    return new ExporterSecret(this.hash, secret, this.#owners.connection);
  }

  /** The transcript ends with the last Finished. */
  resumption(lastFinished: Uint8Array): ResumptionSecret {
    const secret = this.derive("res master", lastFinished);
    return new ResumptionSecret(this.hash, secret, this.#owners.connection);
  }

  /** What was encapsulated to the key of that end; `undefined` for a client without one. */
  restsOn(role: Role): KemSecret | undefined {
    return this.#from[role];
  }
}
