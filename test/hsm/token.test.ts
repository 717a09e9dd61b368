import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { native } from "../../src/crypto/native.ts";
import { algorithmOf, legacyRsaSchemes, schemes } from "../../src/crypto/index.ts";
import { Ckf } from "../../src/hsm/constants.ts";
import { openToken, type Token, type TokenKey, type TokenKeyType } from "../../src/hsm/index.ts";
import { loadModule } from "../../src/hsm/module.ts";
import {
  createTrustStore,
  type Credential,
  draftCertificate,
  draftCsr,
  encodePem,
  KeyPurpose,
  signDraftWith,
  verifyCsr,
} from "../../src/identity/index.ts";
import { joinInMemoryAsync } from "../../src/connection/pair.ts";
import { utf8 } from "../../src/wire/index.ts";
import { findPeer, itWith } from "../interop/peers.ts";
import { makeEnds } from "../support/ends.ts";
import { ca, clientCredential, serverName, testTime } from "../support/identities.ts";
import { makeTokens, pin, softHsm } from "./softhsm.ts";

const types: readonly TokenKeyType[] = ["secp256r1", "secp384r1", "secp521r1", "ed25519", "rsa"];
const day = 86_400_000;

let place: { remove(): void } | undefined;
let token: Token;
let keys: Record<TokenKeyType, TokenKey>;

beforeAll(async () => {
  if (findPeer("softhsm") === undefined) return;
  place = makeTokens("first", "second");
  token = await openToken({ module: softHsm(), token: "first", pin });
  const made = await Promise.all(types.map((type) => token.generateKey(type, `key ${type}`)));
  keys = Object.fromEntries(made.map((key) => [key.type, key])) as typeof keys;
}, 30_000);
afterAll(async () => {
  await token?.close();
  place?.remove();
});

/** The flags of a half of a key pair: CKA_*, by their numbers in PKCS#11 3.0. */
async function usesOf(half: "public" | "private", label: string): Promise<object> {
  const { calls, release } = await loadModule(softHsm());
  const slot = calls
    .C_GetSlotList(true)
    .find((each) => calls.C_GetTokenInfo(each).label.trim() === "first");
  const session = calls.C_OpenSession(slot!, Ckf.serialSession);
  try {
    calls.C_FindObjectsInit(session, [
      { type: 0x000, value: half === "public" ? 2 : 3 },
      { type: 0x003, value: label },
    ]);
    const [object] = calls.C_FindObjects(session, 1);
    calls.C_FindObjectsFinal(session);
    const flags = Object.entries(half === "public" ? publicFlags : privateFlags);
    return Object.fromEntries(
      flags.map(([name, type]) => {
        const [attribute] = calls.C_GetAttributeValue(session, object!, [{ type }]);
        return [name, Buffer.from([1]).equals(attribute!.value)];
      }),
    );
  } finally {
    calls.C_CloseSession(session);
    release();
  }
}
const publicFlags = {
  encrypt: 0x104,
  wrap: 0x106,
  verify: 0x10a,
  verifyRecover: 0x10b,
  derive: 0x10c,
};
const privateFlags = {
  sensitive: 0x103,
  extractable: 0x162,
  neverExtractable: 0x164,
  alwaysSensitive: 0x165,
  decrypt: 0x105,
  unwrap: 0x107,
  sign: 0x108,
  signRecover: 0x109,
  derive: 0x10c,
};

/** A certificate for a key in the token, by a CA in memory. */
const certify = (key: TokenKey, usage: "server" | "client"): Credential => {
  const authority = {
    subject: { CN: "tests" },
    notBefore: testTime - day,
    notAfter: testTime + day,
  };
  const leaf = draftCertificate({
    ...authority,
    issuer: ca.certificate,
    publicKey: key.publicKey,
    names: { dns: [serverName] },
    extendedKeyUsage: [usage === "server" ? KeyPurpose.serverAuth : KeyPurpose.clientAuth],
    provider: native,
    signatureName: "ed25519",
  });
  const sign = native.signatures.ed25519.signer?.(ca.privateKey);
  return key.credential(leaf.complete(sign!(leaf.tbs)).der);
};

describe("a key in a token", () => {
  for (const type of types) {
    itWith("softhsm", `of type ${type} signs, and never comes out`, async () => {
      const key = keys[type];
      expect(key.extractable).toBe(false);
      expect(key.signer.backend).toContain("PKCS#11");
      expect(key.signer.schemes.length).toBeGreaterThan(0);
      const message = utf8("a message");
      for (const scheme of key.signer.schemes) {
        const signature = await key.signer.sign(scheme, message);
        const verify = algorithmOf(scheme, native).verifier(key.publicKey);
        expect(verify(message, signature)).toBe(true);
        expect(verify(utf8("another"), signature)).toBe(false);
      }
      const again = await token.key(`key ${type}`);
      expect(again.publicKey.spki).toEqual(key.publicKey.spki);
    });

    itWith("softhsm", `of type ${type} is for signatures alone`, async () => {
      expect(await usesOf("private", `key ${type}`)).toEqual({
        sensitive: true,
        extractable: false,
        neverExtractable: true,
        alwaysSensitive: true,
        decrypt: false,
        unwrap: false,
        sign: true,
        signRecover: false,
        derive: false,
      });
      expect(await usesOf("public", `key ${type}`)).toEqual({
        encrypt: false,
        wrap: false,
        verify: true,
        verifyRecover: false,
        derive: false,
      });
    });

    itWith("softhsm", `of type ${type} authenticates a server and a client`, async () => {
      const [server, client] = [certify(keys[type], "server"), certify(keys[type], "client")];
      const ends = makeEnds(
        { credentials: [client] },
        { credentials: [server], clientAuthentication: "require" },
      );
      await joinInMemoryAsync(ends.client, ends.server);
      if (ends.server.error) throw ends.server.error;
      expect(ends.client.negotiated?.peer?.verified?.leaf.publicKey.type).toBe(type);
      expect(ends.server.negotiated?.peer?.verified?.leaf.publicKey.type).toBe(type);
      expect(ends.server.negotiated?.backends.signature).toContain("PKCS#11");
    });
  }

  itWith("softhsm", "is a CA's: it signs itself, a leaf, and a request", async () => {
    const root = keys.secp384r1;
    const common = {
      notBefore: testTime - day,
      notAfter: testTime + day,
      provider: native,
      signatureName: "ecdsa_sha384" as const,
    };
    const subject = { CN: "a root in a token" };
    const publicKey = root.publicKey;
    const rootCertificate = await signDraftWith(
      draftCertificate({ ...common, subject, publicKey, ca: {} }),
      root.signer,
      native,
    );
    const leaf = await signDraftWith(
      draftCertificate({
        ...common,
        subject: { CN: serverName },
        issuer: rootCertificate,
        publicKey: keys.ed25519.publicKey,
        names: { dns: [serverName] },
      }),
      root.signer,
      native,
    );
    const [outer, inner] = [rootCertificate, leaf].map(
      ({ der }) => new X509Certificate(encodePem("CERTIFICATE", der)),
    );
    expect(outer?.verify(outer.publicKey)).toBe(true);
    expect(inner?.verify(outer!.publicKey)).toBe(true);
    const ends = makeEnds(
      { trust: createTrustStore([rootCertificate]) },
      { credentials: [keys.ed25519.credential(leaf.der)] },
    );
    await joinInMemoryAsync(ends.client, ends.server);
    expect(ends.client.negotiated?.peer?.verified?.path).toHaveLength(2);

    const draft = draftCsr({ subject, publicKey, signatureName: "ecdsa_sha384" });
    const csr = await signDraftWith(draft, root.signer, native);
    expect(() => verifyCsr(csr, native)).not.toThrow();
  });

  // RFC 9963
  itWith("softhsm", "signs RSASSA-PKCS1-v1_5 for a client, where it is told to", async () => {
    const old = await token.key("key rsa", legacyRsaSchemes);
    expect(old.signer.schemes).toEqual(legacyRsaSchemes);
    for (const scheme of legacyRsaSchemes) {
      const ends = makeEnds(
        { credentials: [certify(old, "client")] },
        { clientAuthentication: "require", schemes: [schemes[1]!, scheme] },
      );
      await joinInMemoryAsync(ends.client, ends.server);
      expect(ends.server.negotiated?.peerSignatureScheme).toBe(scheme.name);
    }
  });

  itWith("softhsm", "does not take another's certificate", () => {
    const pem = encodePem("CERTIFICATE", clientCredential.chain[0]!.der);
    expect(() => keys.rsa.credential(pem)).toThrow(
      'HSM: the first certificate is not for the key "key rsa"',
    );
  });

  itWith("softhsm", "does not sign with another's scheme", async () => {
    const scheme = schemes.find(({ name }) => name === "ed25519")!;
    await expect(keys.rsa.signer.sign(scheme, utf8("m"))).rejects.toThrow(
      "cannot sign with this scheme; expected rsa_pss_rsae_sha256",
    );
  });

  itWith("softhsm", "is there once, and gone when it is deleted", async () => {
    await expect(token.generateKey("ed25519", "key rsa")).rejects.toThrow(
      'the token has a key "key rsa" already',
    );
    const key = await token.generateKey("ed25519", "for a moment");
    await token.deleteKey("for a moment");
    await expect(token.key("for a moment")).rejects.toThrow('0 private keys "for a moment"');
    await expect(key.signer.sign(key.signer.schemes[0]!, utf8("m"))).rejects.toMatchObject({
      code: "misuse",
      message: expect.stringMatching(/^HSM: 0 private keys "for a moment"/),
    });
    // The session in which that failed was replaced
    await expect(token.key("key rsa")).resolves.toMatchObject({ type: "rsa" });
  });
});

describe("opening a token", () => {
  const refusal = (options: object) =>
    openToken({ module: softHsm(), token: "first", pin, ...options }).then(
      () => "opened",
      ({ message }: Error) => message,
    );

  itWith("softhsm", "says in one line what is wrong", async () => {
    expect(await refusal({ module: "/nowhere.so" })).toMatch(
      /^HSM: loading the module \/nowhere.so/,
    );
    expect(await refusal({ token: "third" })).toBe(
      'HSM: 0 tokens to choose from; expected one with the label "third", received "first", "second"',
    );
    expect(await refusal({ token: undefined })).toContain("2 tokens to choose from");
  });

  itWith("softhsm", "tells a wrong PIN", async () => {
    expect(await refusal({ token: "second", pin: "9999" })).toBe(
      "HSM: logging in: the PIN is wrong (CKR_PIN_INCORRECT)",
    );
  });

  itWith("softhsm", "lets several be open, and each close by itself", async () => {
    const second = await openToken({ module: softHsm(), token: "second", pin });
    await second.generateKey("ed25519", "a");
    const again = await openToken({ module: softHsm(), token: "second", pin });
    const key = await again.key("a");
    await second.close();
    await second.close();
    const scheme = key.signer.schemes[0]!;
    await expect(key.signer.sign(scheme, utf8("m"))).resolves.toHaveLength(64);
    await again.close();
    await expect(key.signer.sign(scheme, utf8("m"))).rejects.toThrow("HSM: the token was closed");
    await expect(token.key("key rsa")).resolves.toMatchObject({ type: "rsa" });
  });

  it.each([0, 65, 1.5])("refuses %d sessions", async (sessions) => {
    await expect(openToken({ module: "", sessions })).rejects.toThrow(RangeError);
  });
});
