import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { KeyType } from "../../../src/crypto/index.ts";
import {
  createCredential,
  encodePem,
  encodePrivateKey,
  encodePublicKey,
  parsePrivateKey,
} from "../../../src/identity/index.ts";
import { mlDsa } from "../../../src/crypto/noble/ml-dsa.ts";
import { encodeKeyAlgorithm } from "../../../src/identity/keys/public-key.ts";
import { primitive, Tag } from "../../../src/identity/der/der-tags.ts";
import { der, octetString, oid, sequence, unsigned } from "../../../src/identity/der/der-writer.ts";
import { concat, fromHex, toHex } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { loadText } from "../../vectors/load.ts";
import { errorOf } from "../pki.ts";

const { provider } = providers[0]!;
const example = (name: string): string => loadText(`rfc9881/${name}`);

const types: readonly KeyType[] = [
  "secp256r1",
  "secp384r1",
  "secp521r1",
  "ed25519",
  "ed448",
  "ML-DSA-44",
  "ML-DSA-65",
  "ML-DSA-87",
];

describe("private keys", () => {
  it.each(types)("%s: what is written is read", (type) => {
    const key = provider.generateKey(type);
    const info = encodePrivateKey(key);
    expect(parsePrivateKey(info.pkcs8)).toEqual(info);
    expect(parsePrivateKey(encodePem("PRIVATE KEY", info.pkcs8))).toEqual(info);
    expect(info).toMatchObject({ type, key: key.privateKey });
    expect(encodePublicKey(type, key.publicKey)).toMatchObject({ type, key: key.publicKey });
  });

  it.each(["prime256v1", "secp384r1", "secp521r1"])(
    "Node's %s in PKCS#8 and SEC 1",
    (namedCurve) => {
      const { privateKey } = generateKeyPairSync("ec", { namedCurve });
      const d = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
      for (const type of ["pkcs8", "sec1"] as const) {
        const parsed = parsePrivateKey(privateKey.export({ type, format: "pem" }));
        expect(Buffer.from(parsed.key)).toEqual(d);
        expect(
          createPrivateKey({ key: Buffer.from(parsed.pkcs8), type: "pkcs8", format: "der" }).equals(
            privateKey,
          ),
        ).toBe(true);
      }
    },
  );

  it.each(["ed25519", "ed448"] as const)("Node's %s", (type) => {
    // One signature of the overloads at a time.
    const { privateKey } =
      type === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ed448");
    const parsed = parsePrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }));
    const d = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
    expect([parsed.type, Buffer.from(parsed.key)]).toEqual([type, d]);
  });

  it("Node's RSA in PKCS#8 and PKCS#1, and RSA-PSS", () => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pkcs1 = privateKey.export({ type: "pkcs1", format: "der" });
    const pkcs8 = parsePrivateKey(privateKey.export({ type: "pkcs8", format: "der" }));
    expect(pkcs8).toMatchObject({ type: "rsa", key: new Uint8Array(pkcs1) });
    expect(parsePrivateKey(pkcs1)).toEqual(pkcs8);
    const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey;
    expect(parsePrivateKey(pss.export({ type: "pkcs8", format: "der" })).type).toBe("rsa-pss");
  });

  it("an EC PRIVATE KEY after its EC PARAMETERS, as openssl ecparam writes it", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const text = encodePem("EC PARAMETERS", oid("1.2.840.10045.3.1.7"));
    expect(
      parsePrivateKey(text + (privateKey.export({ type: "sec1", format: "pem" }) as string)).type,
    ).toBe("secp256r1");
  });

  it("restores the leading zeros of a scalar (RFC 5915 §3)", () => {
    const inner = sequence(unsigned(1), octetString(fromHex("0102")));
    const algorithm = sequence(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"));
    const parsed = parsePrivateKey(sequence(unsigned(0), algorithm, octetString(inner)));
    expect(toHex(parsed.key)).toBe(`${"00".repeat(30)}0102`);
  });

  it.each([
    ["secp256r1", "1.2.840.10045.3.1.7", 32],
    ["secp384r1", "1.3.132.0.34", 48],
    ["secp521r1", "1.3.132.0.35", 66],
  ] as const)(
    "%s: drops the zero that GnuTLS writes before a scalar, and no other byte",
    (type, curve, length) => {
      const algorithm = sequence(oid("1.2.840.10045.2.1"), oid(curve));
      const scalar = Uint8Array.from({ length }, (_, at) => (at === 0 ? 0x80 : at));
      const withFirst = (...first: number[]) => {
        const inner = sequence(unsigned(1), octetString(concat(Uint8Array.from(first), scalar)));
        return sequence(unsigned(0), algorithm, octetString(inner));
      };
      for (const first of [[], [0], [0, 0]]) {
        expect(parsePrivateKey(withFirst(...first))).toMatchObject({ type, key: scalar });
      }
      expect(errorOf(() => parsePrivateKey(withFirst(1)))).toMatchObject({
        code: "misuse",
        message: expect.stringContaining(`must have ${length} bytes, got ${length + 1}`),
      });
    },
  );

  it("asks for the passphrase, or names the command that brings a key into PKCS#8", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const secret = { cipher: "aes-256-cbc", passphrase: "x" } as const;
    for (const [input, text] of [
      [privateKey.export({ type: "pkcs8", format: "pem", ...secret }), "no passphrase is given"],
      [privateKey.export({ type: "pkcs8", format: "der", ...secret }), "no passphrase is given"],
      [privateKey.export({ type: "sec1", format: "pem", ...secret }), "openssl pkcs8 -topk8"],
    ] as const) {
      expect(errorOf(() => parsePrivateKey(input))).toMatchObject({
        code: "misuse",
        message: expect.stringContaining(text),
      });
    }
  });

  it("says what is wrong", () => {
    const refuse = (input: string | Uint8Array, text: RegExp): void => {
      expect(errorOf(() => parsePrivateKey(input))).toMatchObject({
        code: "misuse",
        message: expect.stringMatching(text),
      });
    };
    const pem = encodePem("PRIVATE KEY", encodePrivateKey(provider.generateKey("ed25519")).pkcs8);
    refuse(
      encodePem("CERTIFICATE", new Uint8Array()),
      /found 0 PRIVATE KEY blocks.*PEM with CERTIFICATE/,
    );
    refuse(pem + pem, /found 2 PRIVATE KEY blocks/);
    refuse(fromHex("0500"), /expected sequence, got null \(PrivateKeyInfo, RFC 5958 §2\)/);
    const dsa = sequence(unsigned(0), sequence(oid("1.2.840.10040.4.1")), octetString());
    refuse(dsa, /1\.2\.840\.10040\.4\.1 are not supported/);
    const short = sequence(
      unsigned(0),
      sequence(oid("1.3.101.112")),
      octetString(octetString(fromHex("00"))),
    );
    refuse(short, /must have 32 bytes, got 1/);
    refuse(sequence(unsigned(1), octetString(new Uint8Array(32))), /does not name its curve/);
  });
});

const wrapIn = (type: keyof typeof mlDsa, contents: Uint8Array): Uint8Array =>
  sequence(unsigned(0), encodeKeyAlgorithm(type), octetString(contents));

describe("ML-DSA private keys (RFC 9881 §6)", () => {
  const seed = Uint8Array.from({ length: 32 }, (_, at) => at);
  const sizes = { "44": [54, 2588, 2626], "65": [54, 4060, 4098], "87": [54, 4924, 4962] } as const;

  it.each(["44", "65", "87"] as const)("ML-DSA-%s: the three forms of one key", (set) => {
    const both = parsePrivateKey(example(`ML-DSA-${set}-both.priv`));
    const alone = parsePrivateKey(example(`ML-DSA-${set}-seed.priv`));
    expect(both).toMatchObject({ type: `ML-DSA-${set}`, seed });
    expect(alone).toMatchObject({ type: `ML-DSA-${set}`, seed, key: both.key });
    const generated = { type: both.type, privateKey: both.key, publicKey: new Uint8Array(), seed };
    expect(encodePrivateKey(generated, "seed").pkcs8).toEqual(alone.pkcs8);
    expect(encodePrivateKey(generated, "both").pkcs8).toEqual(both.pkcs8);
    const expanded = encodePrivateKey(generated, "expanded");
    expect(expanded.seed).toBeUndefined();
    expect(parsePrivateKey(expanded.pkcs8)).toEqual(expanded);
    expect([alone, expanded, both].map(({ pkcs8 }) => pkcs8.length)).toEqual(sizes[set]);
    const { seed: _, ...unknown } = generated;
    expect(() => encodePrivateKey(unknown, "seed")).toThrow(
      /the seed of this ML-DSA-.. key is not known/,
    );
  });

  it.each(["44", "65", "87"])(
    "ML-DSA-%s: the published key and certificate belong together",
    (set) => {
      const certificates = example(`ML-DSA-${set}.crt`);
      const privateKey = example(`ML-DSA-${set}-seed.priv`);
      const { chain, signer } = createCredential({ certificates, privateKey, provider });
      expect(chain[0]?.signatureAlgorithm).toBe(`ML-DSA-${set}`);
      expect(signer.schemes.map(({ name }) => name)).toEqual([`mldsa${set}`]);
      const verify = provider.signatures[chain[0]!.signatureAlgorithm!]!.verifier(
        chain[0]!.publicKey,
      );
      expect(verify(chain[0]!.tbs, chain[0]!.signature)).toBe(true);
      expect(verify(chain[0]!.tbs.subarray(1), chain[0]!.signature)).toBe(false);
    },
  );

  it("refuses the published inconsistent keys (Appendix C.4)", () => {
    expect(() => parsePrivateKey(example("bad-ML-DSA-44-1.priv"))).toThrow(
      /does not follow from the seed/,
    );
    // Without a seed only a signature shows it.
    const certificates = example("ML-DSA-44.crt");
    const withKey = (name: string) =>
      createCredential({ certificates, privateKey: example(name), provider });
    expect(errorOf(() => withKey("bad-ML-DSA-44-2.priv"))).toMatchObject({
      code: "misuse",
      message: expect.stringContaining("not that of the first certificate"),
    });
    // In the third one coefficient of t_0 is off by one: its signatures are valid, and no check of ours
    // tells it from a good key.
    expect(withKey("bad-ML-DSA-44-3.priv").signer.schemes).toHaveLength(1);
  });

  it.each(["44", "65", "87"] as const)(
    "ML-DSA-%s: reads what older tools wrote, and passes on what the RFC says",
    (set) => {
      const type = `ML-DSA-${set}` as const;
      const { secretKey, publicKey } = mlDsa[type].keygen(seed);
      const alone = parsePrivateKey(example(`ML-DSA-${set}-seed.priv`));
      expect(parsePrivateKey(wrapIn(type, seed))).toEqual(alone);
      const expanded = { type, key: secretKey, pkcs8: wrapIn(type, octetString(secretKey)) };
      for (const contents of [secretKey, octetString(secretKey, publicKey)]) {
        expect(parsePrivateKey(wrapIn(type, contents))).toEqual(expanded);
      }
      const foreign = mlDsa[type].keygen(seed.toReversed()).publicKey;
      const mixed = wrapIn(type, octetString(secretKey, foreign));
      expect(errorOf(() => parsePrivateKey(mixed))).toMatchObject({
        code: "misuse",
        message: expect.stringContaining("the public key does not follow"),
      });
    },
  );

  itWith("openssl35", "reads each form that OpenSSL writes", ({ path }) => {
    const run = (...args: string[]): Buffer =>
      execFileSync(path, args, { input: pem, stdio: "pipe" });
    const pem = example("ML-DSA-65-seed.priv");
    const key = parsePrivateKey(pem);
    // The last three are older than the RFC
    const forms = "seed-priv priv-only seed-only bare-seed bare-priv oqskeypair";
    for (const form of forms.split(" ")) {
      const written = run("pkey", "-provparam", `ml-dsa.output_formats=${form}`, "-outform", "DER");
      expect(parsePrivateKey(written).key).toEqual(key.key);
    }
  });

  it("refuses other lengths and choices", () => {
    const wrap = (contents: Uint8Array) => wrapIn("ML-DSA-44", contents);
    expect(parsePrivateKey(wrap(der(primitive(0), seed))).seed).toEqual(seed);
    for (const contents of [
      der(primitive(0), seed.subarray(1)),
      der(Tag.octetString, new Uint8Array(2559)),
      sequence(octetString(seed)),
      der(primitive(1), seed),
      seed.subarray(1),
      octetString(seed),
      new Uint8Array(2561),
      concat(der(primitive(0), seed), fromHex("0500")),
    ]) {
      expect(errorOf(() => parsePrivateKey(wrap(contents)))).toMatchObject({ code: "misuse" });
    }
  });
});
