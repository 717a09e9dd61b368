/** What is asked of each provider: operations on secrets, with inputs that an attacker may choose between. */
import type { Kem, Provider } from "../../src/crypto/index.ts";
import { TicketKeys } from "../../src/handshake/index.ts";
import { equal } from "../../src/wire/index.ts";
import type { TimingTest } from "./leakage.ts";

export interface ProviderTest extends TimingTest {
  /** Which library does the work. */
  readonly backend: string;
}

/** Shows that the method finds what is there: the comparison that one must not write. */
export function leavesEarly(a: Uint8Array, b: Uint8Array): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return a.length === b.length;
}

/** Those that need no provider. */
export const comparisons: readonly ProviderTest[] = [
  comparison("control: a comparison that leaves at the first difference", leavesEarly),
  comparison("comparison of Finished, binders and cookies", equal),
];

export function testsOf(provider: Provider): ProviderTest[] {
  return [
    tickets(provider),
    records(provider),
    hmac(provider),
    implicitRejection(provider),
    ...(["x25519", "secp256r1", "ML-KEM-768"] as const).map((name) =>
      decapsulation(provider.kems[name]),
    ),
  ];
}

function comparison(
  name: string,
  compare: (a: Uint8Array, b: Uint8Array) => boolean,
): ProviderTest {
  const expected = new Uint8Array(32).fill(0x5a);
  return {
    name,
    backend: "kemistry",
    classes: ["the first byte differs", "the last byte differs"],
    repeat: 200,
    prepare(kind) {
      const received = expected.slice();
      received[kind === 0 ? 0 : 31]! ^= 1;
      return () => compare(expected, received);
    },
  };
}

/** A forger who learned how much of a tag is right could guess it byte by byte. */
function tickets(provider: Provider): ProviderTest {
  const keys = new TicketKeys(provider);
  const sealed = keys.seal(new Uint8Array(120));
  return {
    name: "opening a forged ticket",
    backend: provider.aeads["aes-256-gcm"].backend,
    classes: ["the first byte of the tag is wrong", "the last byte of the tag is wrong"],
    prepare(kind) {
      const forged = sealed.slice();
      forged[forged.length - (kind === 0 ? 16 : 1)]! ^= 1;
      return () => keys.open(forged);
    },
  };
}

function records(provider: Provider): ProviderTest {
  const aead = provider.aeads["chacha20-poly1305"];
  const key = aead.importKey(provider.random(32));
  const nonce = new Uint8Array(12);
  const header = new Uint8Array(5);
  const none = new Uint8Array(0);
  const chunks = key.seal(nonce, header, new Uint8Array(256), none);
  const sealed = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
  return {
    name: "opening a forged record",
    backend: aead.backend,
    classes: ["the first byte of the tag is wrong", "the last byte of the tag is wrong"],
    prepare(kind) {
      const forged = sealed.slice();
      forged[forged.length - (kind === 0 ? 16 : 1)]! ^= 1;
      return () => key.open(nonce, header, forged);
    },
  };
}

function hmac(provider: Provider): ProviderTest {
  const { sha256 } = provider.hashes;
  const data = new Uint8Array(54);
  const fixed = new Uint8Array(32);
  return {
    name: "HMAC-SHA256 with a secret key",
    backend: sha256.backend,
    classes: ["a key of zeros", "a random key"],
    repeat: 4,
    prepare(kind) {
      const random = provider.random(32);
      const key = copyOf(kind === 0 ? fixed : random);
      return () => sha256.hmac(key, data);
    },
  };
}

/** FIPS 203 §6.3: whether a ciphertext was valid must not be seen. */
function implicitRejection(provider: Provider): ProviderTest {
  const kem = provider.kems["ML-KEM-768"];
  const pair = kem.generate();
  return {
    name: "decapsulation, ML-KEM-768: implicit rejection",
    backend: kem.backend,
    classes: ["a valid ciphertext", "a ciphertext with a bit changed"],
    prepare(kind) {
      const { ciphertext } = kem.encapsulate(pair.publicKey);
      const sent = copyOf(ciphertext);
      if (kind === 1) sent[7]! ^= 1;
      return () => pair.decapsulate(sent);
    },
  };
}

function decapsulation(kem: Kem): ProviderTest {
  const pair = kem.generate();
  const fixed = kem.encapsulate(pair.publicKey).ciphertext;
  return {
    name: `decapsulation, ${kem.name}`,
    backend: kem.backend,
    classes: ["always the same ciphertext", "random ciphertexts"],
    prepare(kind) {
      const { ciphertext } = kem.encapsulate(pair.publicKey);
      const sent = copyOf(kind === 0 ? fixed : ciphertext);
      return () => pair.decapsulate(sent);
    },
  };
}

/** Both classes are arrays of one type, made in one way: else the time would tell how they were made. */
const copyOf = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
