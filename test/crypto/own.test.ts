/** What algorithms of one's own are held to when they are defined. */
import { describe, expect, it } from "vitest";
import {
  type Aead,
  algorithmOf,
  defineScheme,
  defineSuite,
  extendProvider,
  type Hash,
  hashNamed,
  keyBitsOf,
  noble,
  type SchemeDefinition,
  SchemeTable,
  type SignatureAlgorithm,
} from "../../src/crypto/index.ts";
import { importSigner, importVerifier } from "../../src/crypto/own.ts";
import { tlsErrorOf } from "../support/errors.ts";
import {
  ownAead,
  ownAlgorithm,
  ownHash,
  ownOid,
  ownScheme,
  ownSuite,
} from "../support/own-parts.ts";
import { keyPairOf } from "./keys.ts";
import { providers } from "./providers.ts";

const suiteWith = (aead: Aead, hash: Hash = ownHash) =>
  defineSuite({ name: "mine", code: 0xff03, aead, hash });
const sealing = (seal: ReturnType<Aead["importKey"]>["seal"]): Aead => ({
  ...ownAead,
  importKey: (key) => ({ ...ownAead.importKey(key), seal }),
});
const opening = (open: ReturnType<Aead["importKey"]>["open"]): Aead => ({
  ...ownAead,
  importKey: (key) => ({ ...ownAead.importKey(key), open }),
});

describe("a suite of one's own", () => {
  it("is frozen, may have parts of its own, and has the limit of AES-GCM unless it says another", () => {
    expect(ownSuite).toMatchObject({ aead: ownAead, hash: ownHash, recordLimit: (2 ** 24.5) | 0 });
    expect(Object.isFrozen(ownSuite)).toBe(true);
    expect(keyBitsOf(ownSuite)).toBe(256);
    const named = { name: "x", code: 0xff04, aead: "aes-128-gcm", hash: "sha512" } as const;
    expect(defineSuite({ ...named, recordLimit: 5 }).recordLimit).toBe(5);
    expect(keyBitsOf(defineSuite(named))).toBe(128);
  });

  it.each<[string, Aead, RegExp]>([
    ["a key of no length", { ...ownAead, keyLength: 0 }, /keyLength must be 1 to 255 bytes, not 0/],
    ["a key of another length", { ...ownAead, keyLength: 7 }, /importKey throws|seal throws/],
    [
      "a tag of another length",
      sealing((_, __, plaintext) => [plaintext]),
      /a tag of 16 bytes: 20 bytes, not 3/,
    ],
    ["a seal that throws", sealing(() => JSON.parse("{") as []), /seal throws: /],
    [
      "a promise for a ciphertext",
      sealing((() => Promise.resolve([])) as unknown as () => []),
      /seal throws: /,
    ],
    ["an open that gives nothing back", opening(() => undefined), /open does not give back/],
    ["an open that gives something else", opening(() => new Uint8Array(4)), /does not give back/],
    [
      "an open that takes what was changed",
      { ...ownAead, importKey: () => plain },
      /must give undefined for what was changed/,
    ],
    [
      "an open that throws for what was changed",
      {
        ...ownAead,
        importKey: (key) => ({
          ...ownAead.importKey(key),
          open: (...input) => {
            const opened = ownAead.importKey(key).open(...input);
            if (opened === undefined) throw new Error("no");
            return opened;
          },
        }),
      },
      /open throws: no/,
    ],
  ])("is refused with an AEAD that has %s", (_, aead, message) => {
    expect(() => suiteWith(aead)).toThrow(RangeError);
    expect(() => suiteWith(aead)).toThrow(message);
  });

  it.each<[string, Partial<Hash>, RegExp]>([
    ["a provider's name", { name: "sha256" }, /has the name of a provider's; give it another/],
    ["a length that binders cannot have", { length: 20 }, /length must be 32 to 255 bytes, not 20/],
    ["a digest of another length", { digest: (data) => data }, /digest must give 32 bytes, not 3/],
    ["a MAC of another length", { hmac: (key) => key }, /hmac must give 32 bytes, not 2/],
    [
      "a start that is another hash",
      { start: () => noble.hashes.sha256.start() },
      /start\(\) must come to the same as digest/,
    ],
    [
      "a copy that is none",
      {
        start: () => {
          const one = ownHash.start();
          return { ...one, copy: () => one };
        },
      },
      /start\(\) must come to the same as digest/,
    ],
  ])("is refused with a hash that has %s", (_, change, message) => {
    const hash = { ...ownHash, ...change };
    expect(() => suiteWith(ownAead, hash)).toThrow(RangeError);
    expect(() => suiteWith(ownAead, hash)).toThrow(message);
  });

  it.each([
    [{ name: "" }, "the name is empty"],
    [{ code: 0x1a1a }, "reserved for GREASE"],
    [{ code: 0x1_0000 }, "from 1 to 0xffff"],
    [{ recordLimit: 0 }, "recordLimit must be a whole number of records from 1, not 0"],
    [{ recordLimit: NaN }, "not NaN"],
    [{ aead: "aes-512" as "aes-256-gcm" }, "no provider has the AEAD aes-512; give an object"],
    [{ hash: "md5" as "sha256" }, "no provider has the hash md5; give an object"],
  ])("is refused as %o", (change, message) => {
    expect(() => defineSuite({ ...ownSuite, ...change })).toThrow(message);
  });
});

/** Encrypts nothing, and believes everything. */
const plain: ReturnType<Aead["importKey"]> = {
  seal: (_, __, plaintext, trailer) => [plaintext, trailer, new Uint8Array(16)],
  open: (_, __, ciphertext) => ciphertext.subarray(0, -16),
  wipe: () => {},
};

describe("a scheme of one's own", () => {
  const define = (change: Partial<SchemeDefinition>) =>
    defineScheme({
      name: "x",
      code: 0xfe01,
      algorithm: ownAlgorithm,
      postQuantum: false,
      ...change,
    });
  const withAlgorithm = (change: Partial<SignatureAlgorithm>) =>
    define({ algorithm: { ...ownAlgorithm, ...change } });

  it("is frozen, for handshakes, and for the only type of key that its algorithm takes", () => {
    expect(ownScheme).toMatchObject({ inHandshake: true, keyType: ownOid, postQuantum: true });
    expect(Object.isFrozen(ownScheme)).toBe(true);
    expect(define({ algorithm: "ed25519" }).keyType).toBe("ed25519");
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no name", () => define({ name: "" }), /the name is empty/],
    ["a code point of GREASE", () => define({ code: 0x2a2a }), /reserved for GREASE/],
    [
      "a choice of keys and no word about it",
      () => define({ algorithm: "ecdsa_sha256" }),
      /say which `keyType`/,
    ],
    [
      "a key that its algorithm does not take",
      () => define({ keyType: "ed25519" }),
      /takes keys of type 1\.3\.6\.1\.4\.1\.32473\.1, not ed25519/,
    ],
    [
      "an algorithm that nobody has",
      () => define({ algorithm: "rsa_md5" as "ed25519", keyType: "rsa" }),
      /no provider has the algorithm "rsa_md5"; give an object/,
    ],
    [
      "an algorithm with a name instead of an identifier",
      () => withAlgorithm({ name: "mine" as typeof ownOid }),
      /named by an object identifier.*not mine/,
    ],
    [
      "the identifier of another algorithm",
      () => withAlgorithm({ name: "1.3.101.112" }),
      /1\.3\.101\.112 is another algorithm's; take your own/,
    ],
    [
      "the identifier of a broken one",
      () => withAlgorithm({ name: "1.2.840.10045.4.1" }),
      /is another algorithm's/,
    ],
    [
      "keys of another's identifier",
      () => withAlgorithm({ keyTypes: ["1.3.101.112"] }),
      /1\.3\.101\.112 is another algorithm's/,
    ],
    ["no verifier", () => withAlgorithm({ verifier: undefined as never }), /has no verifier/],
    [
      "a signer that is none",
      () => withAlgorithm({ signer: 5 as never }),
      /signer is not a function/,
    ],
  ])("is refused with %s", (_, action, message) => {
    expect(action).toThrow(RangeError);
    expect(action).toThrow(message);
  });
});

describe.each(providers)("$name, extended", ({ provider }) => {
  const extended = extendProvider(provider, { schemes: [ownScheme], suites: [ownSuite] });

  it("has what was added beside its own, and is the same where nothing was", () => {
    expect(extended.signatures[ownOid]).toBe(ownAlgorithm);
    expect(extended.signatures.ed25519).toBe(provider.signatures.ed25519);
    expect(extended.hashes["sha3-256"]).toBe(ownHash);
    expect(hashNamed("sha3-256", extended)).toBe(ownHash);
    expect(extendProvider(provider, {})).toBe(provider);
    expect(extendProvider(extended, { schemes: [ownScheme], suites: [ownSuite] })).toBe(extended);
    expect(provider.signatures[ownOid]).toBeUndefined();
  });

  it("does not have what nobody added", () => {
    expect(tlsErrorOf(() => hashNamed("sha3-256", provider))).toMatchObject({
      code: "misuse",
      detail: { received: "sha3-256" },
    });
    expect(tlsErrorOf(() => hashNamed("constructor", provider)).code).toBe("misuse");
    const scheme = { name: "x", algorithm: "none" as "ed25519" };
    expect(tlsErrorOf(() => algorithmOf(scheme, provider)).message).toContain("cannot do x");
  });

  it("makes keys of the added type and of its own", () => {
    expect(extended.generateKey(ownOid)).toMatchObject({ type: ownOid });
    const generateKey = () => provider.generateKey("ed25519");
    const algorithm = { ...ownAlgorithm, generateKey };
    const other = extendProvider(provider, { schemes: [{ ...ownScheme, algorithm }] });
    expect(other.generateKey(ownOid).type).toBe(ownOid);
    expect(extended.generateKey("ed25519").type).toBe("ed25519");
    expect(() => provider.generateKey(ownOid)).toThrow("see extendProvider()");
  });
});

describe("an answer of an algorithm", () => {
  const { publicKey, privateKey } = keyPairOf(noble.generateKey("ed25519"));
  const message = new Uint8Array(3);
  const answering = (answer: unknown): SignatureAlgorithm => ({
    ...ownAlgorithm,
    verifier: () => () => answer as boolean,
    signer: () => () => answer as Uint8Array,
  });

  it.each([true, false])("that is %s is passed on", (answer) => {
    expect(importVerifier(answering(answer), publicKey)(message, message)).toBe(answer);
  });

  it.each([Promise.resolve(true), 1, "yes", {}, undefined, null])(
    "to a verification that is no boolean proves nothing: %o",
    (answer) => {
      const verify = importVerifier(answering(answer), publicKey);
      expect(tlsErrorOf(() => verify(message, message))).toMatchObject({
        code: "misuse",
        detail: { expected: "true or false, at once" },
      });
    },
  );

  it("to be sent as a signature has at most 65535 bytes, and is bytes", () => {
    const most = new Uint8Array(65_535);
    expect(importSigner(answering(most), privateKey)?.(message)).toBe(most);
    for (const answer of [new Uint8Array(65_536), "signed", undefined, Promise.resolve(most)]) {
      const sign = importSigner(answering(answer), privateKey)!;
      expect(tlsErrorOf(() => sign(message))).toMatchObject({
        code: "misuse",
        detail: { section: "RFC 9846 §4.5.2" },
      });
    }
  });
});

describe("a table of schemes", () => {
  const other = { ...ownScheme, name: "other", code: 0xfe02, keyType: "ed25519" } as const;
  const table = new SchemeTable([ownScheme, other]);

  it("finds them by name, code point, algorithm and key", () => {
    expect(table.byName("other")).toBe(other);
    expect(table.byCode(0xfe02)).toBe(other);
    expect(table.bySignature(ownOid)).toEqual([ownScheme, other]);
    expect(table.byKeyType("ed25519")).toEqual([other]);
  });

  it("finds nothing else", () => {
    expect(table.byName("ed25519")).toBeUndefined();
    expect(table.byCode(0x0807)).toBeUndefined();
    expect(table.bySignature("ed25519")).toEqual([]);
    expect(table.byKeyType("rsa")).toEqual([]);
  });
});
