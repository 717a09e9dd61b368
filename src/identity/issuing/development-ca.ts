import * as check from "../../registry/check.ts";
import { extendProvider } from "../../crypto/extend.ts";
import {
  type KemKeyType,
  kemKeyTypes,
  type KeyType,
  type Oid,
  type PrivateKeyInfo,
  type Provider,
  type PublicKeyInfo,
  type SubjectKeyType,
} from "../../crypto/provider.ts";
import type { KemScheme } from "../../crypto/kem-scheme.ts";
import type { Scheme } from "../../crypto/scheme.ts";
import type { Certificate } from "../certificate/certificate.ts";
import {
  createCredential,
  createKemCredential,
  type CredentialWithKey,
  type KemCredential,
} from "../path/credential.ts";
import { issueCertificate } from "./issue.ts";
import { encodePrivateKey } from "../keys/keys.ts";
import { KeyPurpose } from "../der/oids.ts";
import { encodePem } from "../der/pem.ts";
import { encodePublicKey } from "../keys/public-key.ts";
import { sortNames } from "../certificate/subject-names.ts";
import { keyTypeNames } from "../keys/algorithm.ts";
import type { Usage } from "../path/usage.ts";

/** What a {@link DevelopmentCa} is made of. */
export interface DevelopmentCaOptions {
  /** Makes keys, signs, and gives serial numbers. */
  readonly provider: Provider;
  /**
   * The CA's key, and the default for what it issues: a type, or a scheme, which may be one of your own.
   * Default: `secp256r1`.
   */
  readonly algorithm?: KeyType | Scheme;
  /** Milliseconds since the epoch: when the CA's certificate is made. */
  readonly now: number;
}

/** What a {@link DevelopmentCa} is asked to issue. */
export interface DevelopmentRequest {
  /** Host names, IP addresses, e-mail addresses or URIs; each is told by its form. */
  readonly names: readonly string[];
  /** Default: the CA's. */
  readonly algorithm?: KeyType | Scheme;
  /** Default: `server`. */
  readonly usage?: Usage;
  /** Default: 90. */
  readonly days?: number;
}

/** A credential whose private key can be written to a file. */
export interface IssuedCredential extends CredentialWithKey {
  /** The leaf's private key. */
  readonly privateKey: PrivateKeyInfo;
  /** The leaf's certificate in PEM, without the CA's. */
  readonly certificatePem: string;
  /** The leaf's private key in PEM (PKCS #8), not encrypted. */
  readonly privateKeyPem: string;
}

/** A certification authority in memory, so that nothing needs to be configured to begin. */
export interface DevelopmentCa {
  /** The CA's certificate, which is self-signed. */
  readonly certificate: Certificate;
  /** The certificate, for others' trust stores. */
  readonly pem: string;
  /** The CA's private key. */
  readonly privateKey: PrivateKeyInfo;
  /** Makes a key pair, and certifies it. */
  issue(request: DevelopmentRequest): IssuedCredential;
  /**
   * For a key that encapsulates, which the CA makes: so it need not be proven that somebody has it. Experimental.
   * @throws RangeError for options that cannot be
   */
  issueKem(request: KemRequest): IssuedKemCredential;
}

/** As {@link DevelopmentRequest}, for a key that encapsulates. */
export interface KemRequest extends Omit<DevelopmentRequest, "algorithm"> {
  /** A type, or a scheme, which may be one of your own whose KEM has `generateKey`. Default: `ML-KEM-768`. */
  readonly algorithm?: KemKeyType | KemScheme;
}

/** As {@link IssuedCredential}, for a key that encapsulates. */
export interface IssuedKemCredential extends KemCredential {
  /** The leaf's private key. */
  readonly privateKey: PrivateKeyInfo;
  /** The leaf's certificate in PEM, without the CA's. */
  readonly certificatePem: string;
  /** The leaf's private key in PEM (PKCS #8), not encrypted. */
  readonly privateKeyPem: string;
}

const algorithm = check.nameOr(
  check.oneOf(...keyTypeNames),
  check.like("a type of key or a signature scheme: defineScheme(…)", "algorithm", "keyType"),
);

const caOptions = check.complete(
  {
    provider: check.like("a provider, such as noble", "generateKey", "random"),
    algorithm,
    now: check.time,
  } satisfies check.OptionTable<DevelopmentCaOptions>,
  "write { provider: noble, now: Date.now() }",
  ["provider", "now"],
);

const requestTable = {
  names: check.listOf(check.text),
  algorithm,
  usage: check.oneOf("server", "client"),
  days: check.number(0, 100_000),
} satisfies check.OptionTable<DevelopmentRequest>;
const requestOptions = check.complete(requestTable, "write { names }", ["names"]);
const kemRequestOptions = check.complete(
  {
    ...requestTable,
    algorithm: check.nameOr(
      check.oneOf(...kemKeyTypes),
      check.like("a type of key or a KEM scheme: defineKemScheme(…)", "hpke", "keyType"),
    ),
  } satisfies check.OptionTable<KemRequest>,
  "write { names }",
  ["names"],
);

const day = 86_400_000;
/** Clocks differ: what is issued is valid from a little before. */
const backdated = 3_600_000;

/**
 * Makes a CA. All that it makes follows from the provider's randomness and `now`.
 * @throws Error if the provider cannot make or use that type of key
 */
export function createDevelopmentCa(options: DevelopmentCaOptions): DevelopmentCa {
  caOptions(options, "createDevelopmentCa");
  const { algorithm: own = "secp256r1", now } = options;
  const { type, provider } = making(own, options.provider);
  const ca = generate(provider, type);
  const certificate = issueCertificate({
    subject: { O: "kemistry", CN: `Development CA (${type})` },
    signingKey: ca.privateKey,
    publicKey: ca.publicKey,
    ca: { pathLength: 0 },
    notBefore: now - backdated,
    notAfter: now + 3650 * day,
    provider,
  });
  const certify = (
    publicKey: PublicKeyInfo,
    request: DevelopmentRequest | KemRequest,
    able = provider,
  ) => {
    const { names, usage = "server", days = 90 } = request;
    return issueCertificate({
      subject: { CN: (names[0] ?? usage).slice(0, maxCommonName) },
      issuer: certificate,
      signingKey: ca.privateKey,
      publicKey,
      names: sortNames(names),
      notBefore: now - backdated,
      notAfter: now + days * day,
      extendedKeyUsage: [usage === "server" ? KeyPurpose.serverAuth : KeyPurpose.clientAuth],
      provider: able,
    });
  };
  return {
    certificate,
    pem: encodePem("CERTIFICATE", certificate.der),
    privateKey: ca.privateKey,
    issue(request) {
      requestOptions(request, "issue");
      const { algorithm: leafs = own } = request;
      const leafKey = making(leafs, provider);
      const { privateKey, publicKey } = generate(leafKey.provider, leafKey.type);
      const leaf = certify(publicKey, request);
      return {
        ...createCredential({
          certificates: [leaf],
          privateKey,
          provider: leafKey.provider,
          ...(typeof leafs === "string" ? {} : { schemes: [leafs] }),
        }),
        ...filesOf(leaf, privateKey),
      };
    },
    issueKem(request) {
      kemRequestOptions(request, "issueKem");
      const { algorithm: kem = "ML-KEM-768" } = request;
      const [keyType, schemes] = typeof kem === "string" ? [kem, undefined] : [kem.keyType, [kem]];
      const able =
        schemes === undefined ? provider : extendProvider(provider, { kemSchemes: schemes });
      const { privateKey, publicKey } = generate(able, keyType);
      const leaf = certify(publicKey, request, able);
      return {
        ...createKemCredential({
          certificates: [leaf],
          privateKey,
          provider,
          ...(schemes && { schemes }),
        }),
        ...filesOf(leaf, privateKey),
      };
    },
  };
}

const filesOf = (leaf: Certificate, privateKey: PrivateKeyInfo) => ({
  privateKey,
  certificatePem: encodePem("CERTIFICATE", leaf.der),
  privateKeyPem: encodePem("PRIVATE KEY", privateKey.pkcs8),
});

/** ub-common-name (RFC 5280 Appendix A.1). */
const maxCommonName = 64;

/** What makes such a key, and signs with it. */
const making = (
  own: KeyType | Scheme,
  provider: Provider,
): { readonly type: KeyType | Oid; readonly provider: Provider } =>
  typeof own === "string"
    ? { type: own, provider }
    : { type: own.keyType, provider: extendProvider(provider, { schemes: [own] }) };

function generate(
  provider: Provider,
  type: SubjectKeyType,
): { readonly privateKey: PrivateKeyInfo; readonly publicKey: PublicKeyInfo } {
  const key = provider.generateKey(type);
  return { privateKey: encodePrivateKey(key), publicKey: encodePublicKey(type, key.publicKey) };
}
