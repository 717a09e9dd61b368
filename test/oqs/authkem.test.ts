/** KEMs of liboqs whose keys authenticate: AuthKEM, with certificates of their own. */
import { describe, expect, it } from "vitest";
import { extendProvider, type KemScheme, type Provider } from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import {
  encodePrivateKey,
  issueUnderProfile,
  parsePrivateKey,
  profiles,
  publicKeyOf,
} from "../../src/identity/index.ts";
import type { KEMEncapsulation } from "../../src/messages/index.ts";
import { oqsAlgorithms } from "../../src/oqs/catalogue.ts";
import { defaultOqsLimits, loadOqs } from "../../src/oqs/index.ts";
import { ca, serverName, testTime } from "../support/identities.ts";
import { edit, intercept } from "../support/interceptor.ts";
import { expectRefused } from "../support/refusal.ts";
import { flipBit } from "./flip.ts";

const patience = 120_000;
const kems = oqsAlgorithms.filter((each) => each.kind === "kem" && each.standard !== true);
const endsBy = (scheme: KemScheme, handshakeMessage = 0x20000) => {
  const limits = { handshakeMessage };
  const credentials = [ca.issueKem({ names: [serverName], algorithm: scheme })];
  const accepting = { provider: native, authKem: { schemes: [scheme] }, limits };
  return [accepting, { provider: native, credentials, limits }] as const;
};

describe.each(kems.filter(({ publicKey }) => publicKey <= defaultOqsLimits.publicKey))(
  "$name",
  ({ name }) => {
    it(
      "authenticates a server; where a bit of the ciphertext is flipped there is no handshake",
      async () => {
        const oqs = await loadOqs([name]);
        const [scheme] = oqs.kemSchemes as [KemScheme];
        const ends = endsBy(scheme);
        const { client, server } = intercept({}, ...ends);
        expect([client.error, server.error]).toEqual([undefined, undefined]);
        expect(client.negotiated).toMatchObject({
          authentication: "kem",
          peerSignatureScheme: scheme.name,
          postQuantumAuthentication: true,
        });
        const flip = edit("kem_encapsulation", (message: KEMEncapsulation) => {
          message.encapsulation = flipBit(message.encapsulation, 0);
        });
        const flipped = intercept({ client: { kem_encapsulation: flip } }, ...ends);
        expect(flipped.server.state).toBe("failed");
        expect(flipped.client.state).toBe("failed");
        oqs.release();
      },
      patience,
    );
  },
);

it("a key for certificates is read again from PKCS#8, and gives its public half", async () => {
  const oqs = await loadOqs(["sntrup761"]);
  const [scheme] = oqs.kemSchemes as [KemScheme];
  const type = scheme.keyType;
  const provider = extendProvider(native, { kemSchemes: [scheme] });
  const { publicKey, ...made } = provider.generateKey(type);
  const { pkcs8 } = encodePrivateKey({ publicKey, ...made });
  const read = parsePrivateKey(pkcs8);
  expect(publicKeyOf(read, provider).key).toEqual(publicKey);
  expect(() => publicKeyOf(read, native)).toThrow("is not known here");
  const shorter = { ...read, key: read.key.subarray(1) };
  expect(() => publicKeyOf(shorter, provider)).toThrow("unusable private key");
  expect(() => native.generateKey(type)).toThrow(type);
  oqs.release();
});

it("its keys are certified for what they do, and believed for nothing else", async () => {
  const oqs = await loadOqs(["HQC-128"]);
  const [scheme] = oqs.kemSchemes as [KemScheme];
  const issued = ca.issueKem({ names: [serverName], algorithm: scheme });
  const [leaf] = issued.chain;
  expect([...leaf!.keyUsage!]).toEqual(["keyEncipherment"]);
  const certified = (able: Provider) =>
    issueUnderProfile(
      { subject: { CN: serverName }, publicKey: leaf!.publicKey, names: { dns: [serverName] } },
      {
        issuer: ca.certificate,
        signingKey: ca.privateKey,
        profile: profiles.server,
        now: testTime,
        provider: able,
      },
    );
  const provider = extendProvider(native, { kemSchemes: [scheme] });
  expect([...certified(provider).keyUsage!]).toEqual(["keyEncipherment"]);
  // Who does not know the KEM takes the key for one that signs, which is not believed
  const signing = certified(native);
  expect([...signing.keyUsage!]).toEqual(["digitalSignature"]);
  const [client, server] = endsBy(scheme);
  const credentials = [{ ...issued, chain: [signing] }];
  expectRefused(intercept({}, client, { ...server, credentials }), "client", {
    code: "unsupported_certificate",
    where: "certificate.certificateList[0]",
  });
  oqs.release();
});

it(
  "Classic McEliece authenticates where both limits are raised",
  async () => {
    const name = "Classic-McEliece-348864f";
    await expect(loadOqs([name])).rejects.toThrow(/longer than limits\.publicKey allows/);
    const oqs = await loadOqs([name], { limits: { publicKey: 300_000 } });
    const [scheme] = oqs.kemSchemes as [KemScheme];
    const raised = intercept({}, ...endsBy(scheme, 400_000));
    expect(raised.client.negotiated).toMatchObject({
      authentication: "kem",
      peerSignatureScheme: "kem_mceliece348864f",
    });
    expectRefused(intercept({}, ...endsBy(scheme)), "client", { code: "message_too_long" });
    oqs.release();
  },
  patience,
);

it("have schemes and keys with a name and a number each", () => {
  const all = oqsAlgorithms.flatMap((each) =>
    each.kind === "kem" ? [each.authentication] : [each],
  );
  for (const member of ["scheme", "code", "oid"] as const) {
    expect(new Set(all.map((each) => each[member])).size).toBe(all.length);
  }
});
