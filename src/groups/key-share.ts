import { Held } from "../crypto/held.ts";
import { InvalidKemInput, type Kem, type KemKeyPair, type Provider } from "../crypto/index.ts";
import { TlsError } from "../registry/index.ts";
import { concat, wipe } from "../wire/index.ts";
import { type Group, isHybrid, kemsOf } from "./group.ts";

/** The client's side of a key exchange, from ClientHello to ServerHello. */
export interface KeyShare {
  readonly group: Group;
  /** For the client's KeyShareEntry. */
  readonly keyExchange: Uint8Array;
  /**
   * The shared secret from the server's key_exchange.
   * @throws TlsError `bad_key_share` if the share breaks a rule, `internal` if we fail otherwise
   */
  decapsulate(serverShare: Uint8Array): Uint8Array;
  /** Forgets the private keys. */
  wipe(): void;
}

/** A fresh key pair of every component (RFC 9846 §4.3.8: not reused across connections). */
export function generateShare(group: Group, provider: Provider): KeyShare {
  return shareOf(group, kemsOf(group, provider), (kem) => kem.generate());
}

/**
 * One share for each group. With `reuseComponents`, the entries share the key pair of a component
 * that several have, as RFC 9954 §3.2 allows within one ClientHello; it is wiped with the last of them.
 */
export function generateShares(
  groups: readonly Group[],
  provider: Provider,
  options: { readonly reuseComponents?: true } = {},
): KeyShare[] {
  const pairFor = options.reuseComponents ? sharedPairs() : (kem: Kem) => kem.generate();
  return groups.map((group) => shareOf(group, kemsOf(group, provider), pairFor));
}

/**
 * The server's side: its key_exchange, and the shared secret, from the client's key_exchange.
 * @throws TlsError `bad_key_share` if the share breaks a rule, `internal` if we fail otherwise
 */
export function encapsulate(
  group: Group,
  provider: Provider,
  clientShare: Uint8Array,
): { keyExchange: Uint8Array; sharedSecret: Uint8Array } {
  const kems = kemsOf(group, provider);
  const publicKeys = split(group, kems, "client", clientShare);
  const ciphertexts: Uint8Array[] = [];
  const sharedSecret = combine(kems, (kem, index) => {
    const result = attempt(group, kem, "client", () => kem.encapsulate(publicKeys[index]!));
    ciphertexts.push(sized(kem, "ciphertextLength", result.ciphertext));
    return result.sharedSecret;
  });
  return { keyExchange: join(ciphertexts), sharedSecret };
}

function shareOf(group: Group, kems: readonly Kem[], pairFor: (kem: Kem) => KemKeyPair): KeyShare {
  const pairs = kems.map(pairFor);
  return {
    group,
    keyExchange: join(kems.map((kem, i) => sized(kem, "publicKeyLength", pairs[i]!.publicKey))),
    decapsulate(serverShare) {
      const ciphertexts = split(group, kems, "server", serverShare);
      return combine(kems, (kem, i) =>
        attempt(group, kem, "server", () => pairs[i]!.decapsulate(ciphertexts[i]!)),
      );
    },
    wipe() {
      for (const pair of pairs) pair.wipe();
    },
  };
}

/** One key pair for each KEM, which is wiped when all who asked for it are done. */
function sharedPairs(): (kem: Kem) => KemKeyPair {
  const made = new Map<Kem, { readonly pair: KemKeyPair; holders: number }>();
  return (kem) => {
    const entry = made.get(kem) ?? { pair: kem.generate(), holders: 0 };
    made.set(kem, entry);
    entry.holders++;
    const held = new Held(entry.pair);
    return {
      publicKey: entry.pair.publicKey,
      decapsulate: (ciphertext) => held.get().decapsulate(ciphertext),
      wipe() {
        if (held.wipe()) entry.holders--;
        if (entry.holders === 0) entry.pair.wipe();
      },
    };
  };
}

type Side = "client" | "server";
type Size = "publicKeyLength" | "ciphertextLength" | "sharedSecretLength";

const sizeOnWire = { client: "publicKeyLength", server: "ciphertextLength" } as const;

/** Views of the parts. The total length of a share follows from theirs (RFC 10024 §4.1–4.2). */
function split(group: Group, kems: readonly Kem[], side: Side, share: Uint8Array): Uint8Array[] {
  const lengths = kems.map((kem) => kem[sizeOnWire[side]]);
  const expected = lengths.reduce((sum, length) => sum + length, 0);
  if (share.length !== expected) {
    const parts = kems.map((kem, i) => `${kem.name} ${lengths[i]}`).join(" + ");
    throw new TlsError("bad_key_share", `the ${side}'s ${group.name} share has the wrong length`, {
      expected: isHybrid(group) ? `${parts} = ${expected} bytes` : `${expected} bytes`,
      received: `${share.length} bytes`,
      where: whereOf[side],
      section: sectionOf(group, kems.find((kem) => kem.postQuantum) ?? kems[0]!),
    });
  }
  let end = 0;
  return lengths.map((length) => share.subarray(end, (end += length)));
}

/** Runs one component's operation on the peer's part, and says whose fault a failure is. */
function attempt<T>(group: Group, kem: Kem, side: Side, operation: () => T): T {
  try {
    return operation();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const where = whereOf[side];
    const section = sectionOf(group, kem);
    if (cause instanceof InvalidKemInput) {
      throw new TlsError(
        "bad_key_share",
        `the ${kem.name} part of the ${side}'s ${group.name} share is invalid: ${reason}`,
        { where, section, cause },
      );
    }
    // RFC 10024 §4.2: any failure but the peer's is an internal_error.
    throw new TlsError("internal", `${group.name}: ${kem.name} failed: ${reason}`, {
      where,
      section,
      cause,
    });
  }
}

const whereOf = {
  client: "client_hello.extensions.key_share.keyExchange",
  server: "server_hello.extensions.key_share.keyExchange",
} as const;

/** Where the rules for this part of this kind of group stand. */
function sectionOf(group: Group, { postQuantum }: Kem): string {
  if (isHybrid(group)) return postQuantum ? "RFC 10024 §4.2" : "RFC 10024 §4.3";
  return postQuantum ? "draft-ietf-tls-mlkem §4.2" : "RFC 9846 §4.3.8.2, §7.4.2";
}

/** The parts' secrets in order (RFC 9954 §3.3). They are wiped, unless the only one is the whole. */
function combine(
  kems: readonly Kem[],
  secretOf: (kem: Kem, index: number) => Uint8Array,
): Uint8Array {
  const secrets: Uint8Array[] = [];
  try {
    kems.forEach((kem, index) => {
      secrets.push(sized(kem, "sharedSecretLength", secretOf(kem, index)));
    });
  } catch (error) {
    wipe(...secrets);
    throw error;
  }
  const joined = join(secrets);
  if (secrets.length > 1) wipe(...secrets);
  return joined;
}

/** One part is the whole: no copy. */
const join = (parts: readonly Uint8Array[]): Uint8Array =>
  parts.length === 1 ? parts[0]! : concat(...parts);

/** A KEM of the caller's own must keep to the sizes that it declares, or the peer gets the blame. */
function sized(kem: Kem, size: Size, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== kem[size]) {
    throw new TlsError("misuse", `${kem.name} does not keep to its ${size}`, {
      expected: `${kem[size]} bytes`,
      received: `${bytes.length} bytes`,
    });
  }
  return bytes;
}
