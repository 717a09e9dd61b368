/** Signatures: what a certificate and a CertificateVerify carry, in bytes, and where that is published. */
import { knownSchemes, type Scheme } from "../../crypto/index.ts";
import { slhDsaParameters } from "../../crypto/parameters.ts";
import type { KeyType, SlhDsaName } from "../../crypto/provider.ts";

/** A signature algorithm by its sizes, in bytes. */
export interface SignatureSize {
  /** The TLS scheme's, where there is one. */
  readonly name: string;
  /** The subjectPublicKey bits. */
  readonly publicKey: number;
  /** The longest; ECDSA's DER varies by a few bytes, and so does Falcon's compressed form. */
  readonly signature: number;
  /** Believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
  /** The engine's scheme. Absent: a size only, and no figure of its computation may be shown. */
  readonly scheme?: Scheme;
  /** Nobody published it: it is what one key and one signature came to, and others may be longer. */
  readonly measured?: true;
  /** Where the sizes are published. */
  readonly source: string;
}

/** Of the keys that the laboratory makes: RSA with 2048 bits, whose public key is RSAPublicKey in DER. */
const keyParameters: Readonly<
  Record<
    Exclude<KeyType, SlhDsaName>,
    readonly [publicKey: number, signature: number, source: string]
  >
> = {
  secp256r1: [65, 72, "RFC 5480 §2, RFC 3279 §2.2.3"],
  secp384r1: [97, 104, "RFC 5480 §2, RFC 3279 §2.2.3"],
  secp521r1: [133, 139, "RFC 5480 §2, RFC 3279 §2.2.3"],
  ed25519: [32, 64, "RFC 8032 §5.1"],
  ed448: [57, 114, "RFC 8032 §5.2"],
  rsa: [270, 256, "RFC 8017, 2048 bits"],
  "rsa-pss": [270, 256, "RFC 8017, 2048 bits"],
  "ML-DSA-44": [1312, 2420, "FIPS 204 table 2"],
  "ML-DSA-65": [1952, 3309, "FIPS 204 table 2"],
  "ML-DSA-87": [2592, 4627, "FIPS 204 table 2"],
};

const running: readonly SignatureSize[] = knownSchemes.flatMap((scheme) => {
  // What signs a client's CertificateVerify only, or none, has no chain of its own
  if (!scheme.inHandshake || scheme.clientOnly === true || scheme.keyType === "rsa-pss") return [];
  const [publicKey, signature, source] = parametersOf(scheme.keyType);
  const { name, postQuantum } = scheme;
  return [{ name, publicKey, signature, postQuantum, scheme, source }];
});

function parametersOf(type: KeyType): readonly [number, number, string] {
  if (type in keyParameters) return keyParameters[type as keyof typeof keyParameters];
  const { publicKeyLength, signatureLength } = slhDsaParameters(type as SlhDsaName);
  return [publicKeyLength, signatureLength, "FIPS 205 table 2"];
}

const sizeOnly =
  (source: string) =>
  (name: string, publicKey: number, signature: number): SignatureSize => ({
    name,
    publicKey,
    signature,
    postQuantum: true,
    source,
  });

const dilithium2 = sizeOnly("Dilithium, submission to round 2 (2019)");
const dilithium3 = sizeOnly("Dilithium, submission to round 3 (2021)");
const falcon = sizeOnly("Falcon, submission to round 3 (2020), padded");
const sphincs = sizeOnly("SPHINCS+, submission to round 3 (2020)");
const qtesla = sizeOnly("qTESLA, submission to round 2 (2019)");
const picnic = sizeOnly("Picnic, submission to round 2 (2019), longest");
const composite = sizeOnly("draft-ietf-lamps-pq-composite-sigs, longest");
const mayo = sizeOnly("MAYO, round 2 of the additional signatures (2025)");
const uov = sizeOnly("UOV, round 2 of the additional signatures (2025), compressed keys");
const snova = sizeOnly("SNOVA, round 2 of the additional signatures (2025)");
const cross = sizeOnly("CROSS, round 2 of the additional signatures (2025)");
const hawk = sizeOnly("HAWK, round 2 of the additional signatures (2025)");
const sqisign = sizeOnly("SQIsign, round 2 of the additional signatures (2025)");
const faest = sizeOnly("FAEST, round 2 of the additional signatures (2025)");

/** All that are known, those that run first. */
export const signatureSizes: readonly SignatureSize[] = [
  ...running,
  dilithium2("Dilithium2-r2", 1184, 2044),
  dilithium2("Dilithium3-r2", 1472, 2701),
  dilithium2("Dilithium4-r2", 1760, 3366),
  dilithium3("Dilithium2", 1312, 2420),
  dilithium3("Dilithium3", 1952, 3293),
  dilithium3("Dilithium5", 2592, 4595),
  falcon("Falcon-512", 897, 666),
  falcon("Falcon-1024", 1793, 1280),
  sphincs("SPHINCS+-128s", 32, 7856),
  sphincs("SPHINCS+-128f", 32, 17_088),
  sphincs("SPHINCS+-192s", 48, 16_224),
  sphincs("SPHINCS+-192f", 48, 35_664),
  sphincs("SPHINCS+-256s", 64, 29_792),
  sphincs("SPHINCS+-256f", 64, 49_856),
  qtesla("qTESLA-p-I", 14_880, 2592),
  qtesla("qTESLA-p-III", 38_432, 5664),
  picnic("Picnic-L1-FS", 33, 34_036),
  composite("ML-DSA-44+ECDSA-P256", 1377, 2492),
  composite("ML-DSA-65+ECDSA-P256", 2017, 3381),
  composite("ML-DSA-65+Ed25519", 1984, 3373),
  composite("ML-DSA-87+ECDSA-P384", 2689, 4731),
  mayo("MAYO-1", 1420, 454),
  mayo("MAYO-2", 4912, 186),
  mayo("MAYO-3", 2986, 681),
  mayo("MAYO-5", 5554, 964),
  uov("UOV-Is", 66_576, 96),
  uov("UOV-Ip", 43_576, 128),
  snova("SNOVA-24-5-4", 1016, 248),
  snova("SNOVA-37-17-2", 9842, 124),
  cross("CROSS-RSDP-128-small", 77, 12_432),
  cross("CROSS-RSDP-128-balanced", 77, 13_152),
  cross("CROSS-RSDP-128-fast", 77, 18_432),
  cross("CROSS-RSDPG-128-balanced", 54, 9120),
  hawk("HAWK-512", 1024, 555),
  hawk("HAWK-1024", 2440, 1221),
  sqisign("SQIsign-I", 65, 148),
  sqisign("SQIsign-III", 97, 224),
  sqisign("SQIsign-V", 129, 292),
  faest("FAEST-128s", 32, 4506),
  faest("FAEST-128f", 32, 5924),
];

/**
 * What stands in a certificate where a signature would: a proof that the entry is in a tree whose root the peer has
 * already (draft-ietf-plants-merkle-tree-certs). 23 hashes of SHA-256 reach over eight million entries.
 */
export const merkleProof: SignatureSize = {
  name: "Merkle-proof",
  publicKey: 0,
  signature: 23 * 32,
  postQuantum: true,
  source: "draft-ietf-plants-merkle-tree-certs: 23 hashes of 32 bytes",
};
