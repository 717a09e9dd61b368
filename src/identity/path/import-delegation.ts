/** How a delegated credential gets from who has the certificate's key to who signs handshakes (RFC 9345 §3). */
import type { PrivateKeyInfo, Provider } from "../../crypto/provider.ts";
import { algorithmOf, knownSchemes, type Scheme } from "../../crypto/scheme.ts";
import * as check from "../../registry/check.ts";
import { nameOf, SignatureScheme, TlsError } from "../../registry/index.ts";
import { decode, encode, utf8, isBytes } from "../../wire/index.ts";
import * as option from "../certificate/option-checks.ts";
import type { Certificate } from "../certificate/certificate.ts";
import {
  DelegatedCredential,
  type Delegation,
  mayBeDelegated,
  verifyDelegation,
} from "./delegated-credential.ts";
import { parsePrivateKey } from "../keys/keys.ts";
import { decodePublicKey, verifierOf } from "../keys/public-key.ts";
import { createSigner } from "../keys/signer.ts";
import type { Usage } from "./usage.ts";

const where = "delegated_credential";

/** As it stands on the wire (RFC 9345 §4): what {@link importDelegation} takes. */
export const encodeDelegation = ({
  credential,
  algorithm,
  signature,
}: DelegatedCredential): Uint8Array =>
  encode(DelegatedCredential, { credential, algorithm, signature });

/** A delegated credential from elsewhere, and what is needed to check it (RFC 9345). */
export interface DelegationInput {
  /** DelegatedCredential (RFC 9345 §4), as {@link encodeDelegation} writes it. */
  readonly delegatedCredential: Uint8Array;
  /** Whose key signed it. */
  readonly certificate: Certificate;
  /** Whether the credential is for a server or for a client. */
  readonly usage: Usage;
  /** The delegated key, as {@link parsePrivateKey} takes it. */
  readonly privateKey: string | Uint8Array | PrivateKeyInfo;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Verifies the certificate's signature, and signs with the delegated key. */
  readonly provider: Provider;
  /** Among which its scheme is found. Default: all that have a name. */
  readonly schemes?: readonly Scheme[];
}

const checkInput = check.complete(
  {
    delegatedCredential: check.bytes,
    certificate: option.certificate,
    usage: option.usage,
    privateKey: option.privateKeyInput,
    now: check.time,
    provider: option.provider,
    schemes: check.listOf(option.scheme),
  } satisfies check.OptionTable<DelegationInput>,
  "write all that DelegationInput has",
  ["delegatedCredential", "certificate", "usage", "privateKey", "now", "provider"],
);

/**
 * A delegated credential that was made elsewhere, with its key.
 * @throws TypeError or RangeError for options that cannot be; DecodeError if it is malformed; TlsError `misuse` if every peer would refuse it, or the key is another's
 */
export function importDelegation(input: DelegationInput): Delegation {
  checkInput(input, "importDelegation");
  const { certificate, usage, now, provider, schemes = knownSchemes } = input;
  const delegated = decode(DelegatedCredential, input.delegatedCredential);
  const delegation = withItsKey(delegated, input.privateKey, provider, schemes);
  try {
    verifyDelegation(delegated, {
      certificate,
      usage,
      schemes,
      delegatedSchemes: schemes,
      now,
      provider,
    });
  } catch (cause) {
    if (!(cause instanceof TlsError)) throw cause;
    throw new TlsError("misuse", `no peer would take it: ${cause.message}`, { cause });
  }
  return delegation;
}

/** Puts the two together, whatever the certificate says. @throws TlsError `misuse` if they do not belong together */
export function withItsKey(
  delegated: DelegatedCredential,
  privateKey: DelegationInput["privateKey"],
  provider: Provider,
  schemes: readonly Scheme[] = knownSchemes,
): Delegation {
  const { expectedCertVerifyAlgorithm: code, asn1SubjectPublicKeyInfo: spki } =
    delegated.credential;
  const scheme = schemes.find((each) => each.code === code);
  if (scheme === undefined || !mayBeDelegated(scheme)) {
    const name = nameOf(SignatureScheme, code);
    throw new TlsError("misuse", `${name} is not allowed for delegated credentials`, { where });
  }
  const isParsed = typeof privateKey !== "string" && !isBytes(privateKey);
  const key = isParsed ? privateKey : parsePrivateKey(privateKey);
  const publicKey = decodePublicKey(spki, where);
  const stranger = new TlsError("misuse", "the private key is not the delegated one", {
    expected: `the ${publicKey.type} key of the delegated credential`,
    received: `another key, of type ${key.type}`,
  });
  if (publicKey.type !== key.type) throw stranger;
  const signer = createSigner(key, provider, [scheme]);
  const message = utf8("do these two belong together?");
  const verify = verifierOf(publicKey, algorithmOf(scheme, provider), where);
  if (!verify(message, signer.sign(scheme, message))) throw stranger;
  return { ...delegated, scheme, signer };
}
