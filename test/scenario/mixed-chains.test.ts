/**
 * Chains in which every slot has its algorithm, and servers with two: a client that asks for post-quantum chains only gets
 * one (RFC 9846 §4.3.3, §4.5.1.2).
 */
import { describe, expect, it } from "vitest";
import {
  extendProvider,
  type KeyType,
  type PrivateKeyInfo,
  type Scheme,
  schemes,
  slhDsaSchemes,
} from "../../src/crypto/index.ts";
import { native } from "../../src/crypto/native.ts";
import {
  type Certificate,
  compositeAlgorithm,
  compositeScheme,
  createCredential,
  createTrustStore,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
} from "../../src/identity/index.ts";
import { falconSchemes } from "../../src/oqs/index.ts";
import { policies } from "../../src/policy/index.ts";
import { connect, makeEnds } from "../support/ends.ts";
import { joinInMemory } from "../../src/connection/pair.ts";
import { serverName, testTime } from "../support/identities.ts";

const falcon = falconSchemes.find(({ name }) => name === "falcon512")!;
const composite = compositeScheme("MLDSA44-ECDSA-P256-SHA256", { code: 0xfe90, provider: native });
const provider = extendProvider(native, { schemes: [falcon, composite] });

type Slot = KeyType | Scheme;
const typeOf = (slot: Slot) => (typeof slot === "string" ? slot : slot.keyType);

/** A root, an intermediate and a leaf with keys of these types; each is signed with the key above it. */
function chainOf(name: string, slots: readonly [root: Slot, intermediate: Slot, leaf: Slot]) {
  const day = 86_400_000;
  let issuer: { readonly certificate: Certificate; readonly key: PrivateKeyInfo } | undefined;
  const made = slots.map((slot, index) => {
    const generated = provider.generateKey(typeOf(slot));
    const key = encodePrivateKey(generated);
    const isLeaf = index === 2;
    const certificate = issueCertificate({
      subject: { CN: isLeaf ? serverName : `${name} ${index}` },
      ...(issuer && { issuer: issuer.certificate }),
      signingKey: issuer?.key ?? key,
      publicKey: encodePublicKey(generated.type, generated.publicKey),
      ...(isLeaf ? { names: { dns: [serverName] } } : { ca: {} }),
      notBefore: testTime - day,
      notAfter: testTime + day,
      provider,
    });
    issuer = { certificate, key };
    return issuer;
  });
  const [root, intermediate, leaf] = made.map(({ certificate }) => certificate) as [
    Certificate,
    Certificate,
    Certificate,
  ];
  const last = slots[2];
  const credential = createCredential({
    certificates: [leaf, intermediate],
    privateKey: made[2]!.key,
    provider,
    ...(typeof last === "string" ? {} : { schemes: [last] }),
  });
  return { credential, root };
}

const classical = chainOf("Classical", ["secp256r1", "secp256r1", "secp256r1"]);
const quantum = chainOf("Quantum", ["SLH-DSA-SHA2-128f", "ML-DSA-65", "ML-DSA-44"]);
/** A leaf that withstands, under authorities that do not. */
const half = chainOf("Half", ["secp384r1", "ed25519", "ML-DSA-65"]);

const trust = createTrustStore([classical.root, quantum.root, half.root]);
const postQuantumChains = {
  ...policies.compatible,
  name: "chains",
  chains: "post-quantum" as const,
};
/** SLH-DSA is offered only where it is listed. */
const certificateSchemes = [...schemes, ...slhDsaSchemes].map(({ name }) => name);
const credentials = [classical.credential, half.credential, quantum.credential];
const signaturesOf = ({ client }: ReturnType<typeof connect>) =>
  client.negotiated?.peer?.chain.map(({ signatureAlgorithm }) => signatureAlgorithm);

describe("a chain with another algorithm in every slot", () => {
  it.each([
    ["SLH-DSA over ML-DSA over ML-DSA", quantum, ["ML-DSA-65", "SLH-DSA-SHA2-128f"]],
    ["ECDSA over Ed25519 over ML-DSA", half, ["ed25519", "ecdsa_sha384"]],
  ] as const)("is verified: %s", (_, { credential }, signatures) => {
    const run = connect({ trust, certificateSchemes }, { credentials: [credential] });
    expect(run.client.error).toBeUndefined();
    expect(signaturesOf(run)).toEqual(signatures);
  });

  it("may have a composite above Falcon, where the client offers both", () => {
    const mixed = chainOf("Mixed", [composite, composite, falcon]);
    const both = [falcon, composite];
    const own = { trust: createTrustStore([mixed.root]), schemes: both };
    const run = connect(own, { credentials: [mixed.credential] });
    expect(run.client.negotiated?.peerSignatureScheme).toBe("falcon512");
    const { name } = compositeAlgorithm("MLDSA44-ECDSA-P256-SHA256", native);
    expect(signaturesOf(run)).toEqual([name, name]);
    const without = connect({ ...own, schemes: [falcon] }, { credentials: [mixed.credential] });
    expect(without.client.error).toMatchObject({ role: "client" });
  });
});

describe("a server with a classical, a half and a post-quantum chain", () => {
  it("shows the first to a client that takes all", () => {
    expect(signaturesOf(connect({ trust }, { credentials }))).toEqual([
      "ecdsa_sha256",
      "ecdsa_sha256",
    ]);
  });

  it("shows the whole post-quantum one to a client that asks for such chains, whatever the order", () => {
    for (const order of [credentials, credentials.toReversed()]) {
      const run = connect(
        { trust, policy: postQuantumChains, certificateSchemes },
        { credentials: order },
      );
      expect(run.client.error).toBeUndefined();
      expect(signaturesOf(run)).toEqual(["ML-DSA-65", "SLH-DSA-SHA2-128f"]);
    }
  });

  it("shows it by signature_algorithms_cert alone, without a policy", () => {
    const onlyQuantum = ["mldsa65", "mldsa44", "slhdsa_sha2_128f"];
    const run = connect({ trust, certificateSchemes: onlyQuantum }, { credentials });
    expect(signaturesOf(run)).toEqual(["ML-DSA-65", "SLH-DSA-SHA2-128f"]);
  });

  it("fails where it has none, and the client says why", () => {
    const ends = makeEnds(
      { trust, policy: postQuantumChains },
      { credentials: [classical.credential, half.credential] },
    );
    joinInMemory(ends.client, ends.server);
    expect(ends.client.state).toBe("failed");
    expect(ends.client.error).toMatchObject({ code: "insufficient_security" });
  });
});
