import { SignatureScheme, type SignatureSchemeName, TlsError } from "../registry/index.ts";
import { checkCodePoint, failing } from "./code-point.ts";
import { checkAlgorithm } from "./own.ts";
import { keyTypes, slhDsaNames } from "./parameters.ts";
import type { KeyType, Oid, Provider, SignatureAlgorithm, SignatureName } from "./provider.ts";

/** A TLS signature scheme: a code point, the primitive behind it, and the key it belongs to. */
export interface Scheme {
  /** IANA's name, or one of the caller's own. */
  readonly name: string;
  /** SignatureScheme (RFC 9846 §4.3.3). */
  readonly code: number;
  /** The provider's by name; a custom object is used as it is. */
  readonly algorithm: SignatureName | SignatureAlgorithm;
  /** The type of key that signs. */
  readonly keyType: KeyType | Oid;
  /** May sign CertificateVerify; rsa_pkcs1 may not (RFC 9846 §4.3.3). */
  readonly inHandshake: boolean;
  /** Signs a client's CertificateVerify, and nothing else (RFC 9963). Default: false. */
  readonly clientOnly?: boolean;
  /** True if it is believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
}

/** One of those that have a name in a registry or a draft: every provider has its primitive. */
export interface RegisteredScheme extends Scheme {
  /** The provider's slot that signs and verifies. */
  readonly algorithm: SignatureName;
  /** The type of key that signs. */
  readonly keyType: KeyType;
}

/** A custom scheme, of which what is usual need not be said. */
export type SchemeDefinition = Pick<Scheme, "name" | "code" | "algorithm" | "postQuantum"> &
  Partial<Scheme>;

/**
 * Checks and freezes a signature scheme of the caller's own.
 * @param definition `keyType` by default is the only type of key that its algorithm takes, and `inHandshake` true
 * @throws RangeError that says which rule the definition breaks
 */
export function defineScheme(definition: SchemeDefinition): Scheme {
  const { name, algorithm } = definition;
  const [only, another] = typesOf(algorithm);
  const keyType = definition.keyType ?? (another === undefined ? only : undefined);
  if (keyType === undefined) {
    return failing("signature scheme", name)("say which `keyType` its algorithm is used with here");
  }
  const defined = Object.freeze({ inHandshake: true, ...definition, keyType });
  checkScheme(defined);
  return defined;
}

/** @throws RangeError as {@link defineScheme} */
export function checkScheme({ name, code, algorithm, keyType }: Scheme): void {
  const fail = failing("signature scheme", name);
  checkCodePoint(fail, name, code);
  const types = typesOf(algorithm);
  if (typeof algorithm !== "string") checkAlgorithm(fail, algorithm);
  else if (types.length === 0) {
    fail(`no provider has the algorithm ${JSON.stringify(algorithm)}; give an object`);
  }
  if (types.includes(keyType)) return;
  fail(`its algorithm takes keys of type ${types.join(", ")}, not ${keyType}`);
}

const typesOf = (algorithm: Scheme["algorithm"]): readonly (KeyType | Oid)[] => {
  if (typeof algorithm !== "string")
    return (algorithm as Partial<SignatureAlgorithm>).keyTypes ?? [];
  return Object.hasOwn(keyTypes, algorithm) ? keyTypes[algorithm] : [];
};

/**
 * The primitive of a scheme.
 * @throws TlsError `misuse` if the provider has none of that name
 */
export function algorithmOf(
  { name, algorithm }: Pick<Scheme, "name" | "algorithm">,
  provider: Provider,
): SignatureAlgorithm {
  if (typeof algorithm !== "string") return algorithm;
  const found = provider.signatures[algorithm] as SignatureAlgorithm | undefined;
  if (found !== undefined) return found;
  throw new TlsError("misuse", `the provider "${provider.name}" cannot do ${name}`, {
    expected: `a provider with signatures[${JSON.stringify(algorithm)}], or an algorithm of your own`,
  });
}

/** Whether there is a primitive for it: a provider may lack some. */
export const hasAlgorithm = (
  { algorithm }: Pick<Scheme, "algorithm">,
  { signatures }: Provider,
): boolean => typeof algorithm !== "string" || Object.hasOwn(signatures, algorithm);

/** How certificates and providers name the primitive of a scheme. */
export const signatureNameIn = ({ algorithm }: Pick<Scheme, "algorithm">): SignatureName | Oid =>
  typeof algorithm === "string" ? algorithm : algorithm.name;

const scheme = (
  name: SignatureSchemeName,
  algorithm: SignatureName,
  keyType: KeyType,
): RegisteredScheme => ({
  name,
  code: SignatureScheme[name],
  algorithm,
  keyType,
  inHandshake: !algorithm.startsWith("rsa_pkcs1"),
  postQuantum: /^(ML|SLH)-DSA/.test(algorithm),
});

/** All schemes of RFC 9846 §4.3.3 without SHA-1, and ML-DSA (draft-ietf-tls-mldsa), in default order of preference. */
export const schemes: readonly RegisteredScheme[] = [
  scheme("ecdsa_secp256r1_sha256", "ecdsa_sha256", "secp256r1"),
  scheme("ed25519", "ed25519", "ed25519"),
  scheme("mldsa65", "ML-DSA-65", "ML-DSA-65"),
  scheme("mldsa87", "ML-DSA-87", "ML-DSA-87"),
  scheme("mldsa44", "ML-DSA-44", "ML-DSA-44"),
  scheme("ecdsa_secp384r1_sha384", "ecdsa_sha384", "secp384r1"),
  scheme("ecdsa_secp521r1_sha512", "ecdsa_sha512", "secp521r1"),
  scheme("ed448", "ed448", "ed448"),
  scheme("rsa_pss_rsae_sha256", "rsa_pss_sha256", "rsa"),
  scheme("rsa_pss_rsae_sha384", "rsa_pss_sha384", "rsa"),
  scheme("rsa_pss_rsae_sha512", "rsa_pss_sha512", "rsa"),
  scheme("rsa_pss_pss_sha256", "rsa_pss_sha256", "rsa-pss"),
  scheme("rsa_pss_pss_sha384", "rsa_pss_sha384", "rsa-pss"),
  scheme("rsa_pss_pss_sha512", "rsa_pss_sha512", "rsa-pss"),
  scheme("rsa_pkcs1_sha256", "rsa_pkcs1_sha256", "rsa"),
  scheme("rsa_pkcs1_sha384", "rsa_pkcs1_sha384", "rsa"),
  scheme("rsa_pkcs1_sha512", "rsa_pkcs1_sha512", "rsa"),
];

/**
 * SLH-DSA, at the code points of an individual draft: taken and offered only where the caller lists
 * it. As signatures in certificates it needs none of these.
 */
export const slhDsaSchemes: readonly RegisteredScheme[] = slhDsaNames.map((name) => {
  const suffix = name.slice("SLH-DSA-".length).toLowerCase().replace("-", "_");
  return scheme(`slhdsa_${suffix}` as SignatureSchemeName, name, name);
});

/**
 * RSASSA-PKCS1-v1_5 for clients whose keys, in old tokens, can do no other (RFC 9963). A server takes them
 * where its `schemes` list them, a client signs with them where its credential's do.
 */
export const legacyRsaSchemes: readonly RegisteredScheme[] = (
  ["sha256", "sha384", "sha512"] as const
).map((hash) => ({
  ...scheme(`rsa_pkcs1_${hash}_legacy`, `rsa_pkcs1_${hash}`, "rsa"),
  inHandshake: true,
  clientOnly: true,
}));

/** All schemes that have a name, whether or not they are offered by default. */
export const knownSchemes: readonly RegisteredScheme[] = [
  ...schemes,
  ...slhDsaSchemes,
  ...legacyRsaSchemes,
];
