/** Delegated credentials (RFC 9345): a short-lived key that the certificate's key signed. */
import type { Provider, PublicKeyInfo } from "../../crypto/provider.ts";
import { isFitFor } from "../../crypto/parameters.ts";
import { algorithmOf, type Scheme } from "../../crypto/scheme.ts";
import * as check from "../../registry/check.ts";
import { nameOf, SignatureScheme, TlsError } from "../../registry/index.ts";
import {
  code as coded,
  concat,
  encode,
  opaque,
  struct,
  uint16,
  uint32,
  utf8,
  type ValueOf,
} from "../../wire/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import * as option from "../certificate/option-checks.ts";
import type { RawExtension } from "../certificate/extensions.ts";
import { decodePublicKey, verifierOf } from "../keys/public-key.ts";
import type { LocalSigner, Signer } from "../keys/signer.ts";
import type { Usage } from "./usage.ts";

/** Credential (RFC 9345 §4.1.1). */
const Credential = struct({
  validTime: uint32,
  expectedCertVerifyAlgorithm: coded(uint16, SignatureScheme),
  asn1SubjectPublicKeyInfo: opaque(1, 0xffffff),
});
type Body = ValueOf<typeof Credential>;

/** DelegatedCredential (RFC 9345 §4.1.1), as it stands on the wire. */
export const DelegatedCredential = struct({
  credential: Credential,
  algorithm: coded(uint16, SignatureScheme),
  signature: opaque(1, 0xffff),
});

/** A decoded delegated credential: a short-lived key that an end-entity certificate signed (RFC 9345 §4). */
export interface DelegatedCredential {
  /** Validity, scheme and public key (Credential, RFC 9345 §4). */
  readonly credential: Body;
  /** SignatureScheme of the certificate's signature over it. */
  readonly algorithm: number;
  /** The certificate's signature over it, as CertificateVerify would have it. */
  readonly signature: Uint8Array;
}

/** A delegated credential with the signer for its own key. */
export interface Delegation extends DelegatedCredential {
  /** The only scheme that the delegated key signs with. */
  readonly scheme: Scheme;
  /** Signs CertificateVerify with the delegated key. */
  readonly signer: Signer;
}

/** Seconds that a delegated credential may live (§4.1.3). */
const sevenDays = 604_800;
const delegationUsageOid = "1.3.6.1.4.1.44363.44";

/** Allows a certificate's key to delegate (§4.2): NULL, not critical. */
export const delegationUsage: RawExtension = {
  oid: delegationUsageOid,
  critical: false,
  value: Uint8Array.of(5, 0),
};

/** Which key a certificate lets sign in its stead, for what and how long (RFC 9345 §4). */
export interface DelegationRequest {
  /** The end-entity certificate, which must allow delegation (RFC 9345 §4.2). */
  readonly certificate: Certificate;
  /** Signs with the certificate's key. */
  readonly signer: Signer;
  /** The key that is to sign handshakes, and its only scheme. */
  readonly delegate: Signer;
  /** The public half of the delegate. */
  readonly delegateKey: PublicKeyInfo;
  /** The scheme that the delegate signs with. */
  readonly scheme: Scheme;
  /** Whether the credential is for a server or for a client. */
  readonly usage: Usage;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Seconds, at most seven days. */
  readonly lifetime: number;
}

const checkRequest = check.complete(
  {
    certificate: option.certificate,
    signer: option.signer,
    delegate: option.signer,
    delegateKey: option.publicKey,
    scheme: option.scheme,
    usage: option.usage,
    now: check.time,
    lifetime: check.number(),
  } satisfies check.OptionTable<DelegationRequest>,
  "write all that DelegationRequest has",
);

/**
 * Lets another key sign handshakes in the certificate's name.
 * @throws TypeError or RangeError for options that cannot be; TlsError `misuse` for a key or certificate that is unfit
 */
export async function delegate(request: DelegationRequest): Promise<Delegation> {
  const { own, message, signed } = toDelegate(request);
  return signed(await request.signer.sign(own, message));
}

/** As {@link delegate}, with a key in memory. */
export function delegateAtOnce(
  request: Omit<DelegationRequest, "signer"> & { readonly signer: LocalSigner },
): Delegation {
  const { own, message, signed } = toDelegate(request);
  return signed(request.signer.sign(own, message));
}

/** What is to be signed, and what the signature makes of it. */
function toDelegate(request: DelegationRequest) {
  checkRequest(request, "delegate");
  const { certificate, signer, scheme } = request;
  const [own] = signer.schemes;
  if (own === undefined) throw new TlsError("misuse", "the certificate's key cannot sign");
  checkLeaf(certificate, "misuse");
  if (!mayBeDelegated(scheme)) {
    throw new TlsError("misuse", `${scheme.name} is not allowed for delegated credentials`);
  }
  if (request.lifetime < 1 || request.lifetime > sevenDays) {
    throw new RangeError(
      `a delegated credential lives 1 to ${sevenDays} seconds, not ${request.lifetime}`,
    );
  }
  const credential = {
    validTime: Math.floor((request.now - certificate.notBefore) / 1000) + request.lifetime,
    expectedCertVerifyAlgorithm: scheme.code,
    asn1SubjectPublicKeyInfo: request.delegateKey.spki,
  };
  return {
    own,
    message: content(request.usage, certificate, credential, own.code),
    signed: (signature: Uint8Array): Delegation => ({
      credential,
      algorithm: own.code,
      signature,
      scheme,
      signer: request.delegate,
    }),
  };
}

/** Milliseconds since the epoch at which it ends. */
export const delegationEnd = (
  certificate: Certificate,
  { credential }: DelegatedCredential,
): number => certificate.notBefore + credential.validTime * 1000;

export interface DelegationQuestion {
  readonly certificate: Certificate;
  readonly usage: Usage;
  /** Schemes that were offered for certificates' signatures, and for delegated keys. */
  readonly schemes: readonly Scheme[];
  readonly delegatedSchemes: readonly Scheme[];
  readonly now: number;
  readonly provider: Provider;
}

/** The proof that a certificate's key lets another sign in its stead; only {@link verifyDelegation} makes one. */
export class DelegatedKey {
  declare protected readonly proof: never;
  readonly key: PublicKeyInfo;
  /** The only scheme that it signs with. */
  readonly scheme: Scheme;
  /** That of the certificate. */
  readonly delegator: PublicKeyInfo;

  private constructor(key: PublicKeyInfo, scheme: Scheme, delegator: PublicKeyInfo) {
    this.key = key;
    this.scheme = scheme;
    this.delegator = delegator;
  }

  /** As {@link verifyDelegation}. */
  static verify(delegated: DelegatedCredential, question: DelegationQuestion): DelegatedKey {
    const { key, scheme } = verified(delegated, question);
    return new DelegatedKey(key, scheme, question.certificate.publicKey);
  }
}

/**
 * The key that signs in the certificate's stead, and the scheme it is bound to (§4.1.3).
 *
 * @throws TlsError `illegal_parameter` for one that breaks a rule
 */
export const verifyDelegation = (
  delegated: DelegatedCredential,
  question: DelegationQuestion,
): DelegatedKey => DelegatedKey.verify(delegated, question);

function verified(
  { credential, algorithm, signature }: DelegatedCredential,
  question: DelegationQuestion,
): { key: PublicKeyInfo; scheme: Scheme } {
  const { certificate, usage, now, provider } = question;
  checkLeaf(certificate, "illegal_parameter");
  const end = delegationEnd(certificate, { credential, algorithm, signature });
  if (now >= end || end > now + sevenDays * 1000) {
    throw refused(
      "its time is over, or too far ahead",
      `at most ${sevenDays} s from now`,
      new Date(end).toISOString(),
    );
  }
  const scheme = question.delegatedSchemes.find(
    (entry) => entry.code === credential.expectedCertVerifyAlgorithm && mayBeDelegated(entry),
  );
  const signed = question.schemes.find(({ code }) => code === algorithm);
  if (
    scheme === undefined ||
    signed === undefined ||
    signed.keyType !== certificate.publicKey.type
  ) {
    const code = scheme === undefined ? credential.expectedCertVerifyAlgorithm : algorithm;
    throw refused(
      "a signature scheme that was not offered, or is not allowed",
      "one that was, and is",
      nameOf(SignatureScheme, code),
    );
  }
  const key = decodePublicKey(credential.asn1SubjectPublicKeyInfo, "delegated_credential");
  if (key.type !== scheme.keyType || !isFitFor(algorithmOf(scheme, provider), key))
    throw refused("its key does not fit its scheme", scheme.keyType, key.type);
  const verify = verifierOf(certificate.publicKey, algorithmOf(signed, provider), leafPath);
  if (!verify(content(usage, certificate, credential, algorithm), signature)) {
    throw refused("its signature is wrong", "one by the certificate's key", "another");
  }
  return { key, scheme };
}

const leafPath = "certificate.certificateList[0]";

/** §4.1: for handshakes, and not with a key whose OID is rsaEncryption. */
export const mayBeDelegated = ({ inHandshake, keyType }: Scheme): boolean =>
  inHandshake && keyType !== "rsa";

/** §4.2: a leaf that may sign, and may delegate. */
function checkLeaf(certificate: Certificate, code: "illegal_parameter" | "misuse"): void {
  const mayDelegate = certificate.extensions.some(({ oid }) => oid === delegationUsageOid);
  if (mayDelegate && certificate.keyUsage?.has("digitalSignature") === true) return;
  throw new TlsError(code, "the certificate does not allow delegation", {
    expected: "the extension DelegationUsage, and digitalSignature",
    where: leafPath,
    section: "RFC 9345 §4.2",
  });
}

/** §4.1.1: what the certificate's key signs. */
function content(
  usage: Usage,
  certificate: Certificate,
  credential: Body,
  algorithm: number,
): Uint8Array {
  return concat(
    new Uint8Array(64).fill(0x20),
    utf8(`TLS, ${usage} delegated credentials\0`),
    certificate.der,
    encode(Credential, credential),
    Uint8Array.of(algorithm >> 8, algorithm & 0xff),
  );
}

const refused = (what: string, expected: string, received: string): TlsError =>
  new TlsError("illegal_parameter", `a delegated credential is refused: ${what}`, {
    expected,
    received,
    where: "certificate.certificateList[0].extensions.delegated_credential",
    section: "RFC 9345 §4.1.3",
  });
