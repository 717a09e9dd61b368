import type { PrivateKeyInfo, Provider, PublicKeyInfo, SignatureName } from "../crypto/provider.ts";
import { TlsError } from "../registry/index.ts";
import { encodeSignatureAlgorithm, usualSignature } from "./algorithm.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { constructed, primitive } from "./der-tags.ts";
import {
  ascii,
  bitString,
  boolean,
  der,
  namedBits,
  octetString,
  oid,
  sequence,
  time,
  unsigned,
} from "./der-writer.ts";
import { encodeName, type NameAttributes } from "./distinguished-name.ts";
import { type KeyUsage, keyUsages, type RawExtension } from "./extensions.ts";
import { parseIpAddress } from "./names.ts";
import { ExtensionOid } from "./oids.ts";
import { cannotSign } from "./signer.ts";

/** Names for subjectAltName, as text. */
export interface SubjectNames {
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly uri?: readonly string[];
  readonly email?: readonly string[];
}

export interface IssueOptions {
  /** Outermost attribute first. May be empty if there are names. */
  readonly subject: NameAttributes;
  /** The CA's certificate. Absent: the certificate is self-signed. */
  readonly issuer?: Certificate;
  /** The issuer's private key: the subject's own, if the certificate is self-signed. */
  readonly signingKey: PrivateKeyInfo;
  /** The subject's key. */
  readonly publicKey: PublicKeyInfo;
  readonly names?: SubjectNames;
  /** Makes the subject a CA. */
  readonly ca?: { readonly pathLength?: number };
  /** Milliseconds since the epoch; certificates hold whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Default: keyCertSign and cRLSign for a CA, digitalSignature otherwise. */
  readonly keyUsage?: readonly KeyUsage[];
  /** Object identifiers. Default: no extension. */
  readonly extendedKeyUsage?: readonly string[];
  /** Positive, at most 20 octets. Default: 16 octets of the provider's randomness. */
  readonly serialNumber?: Uint8Array;
  /** Further extensions, in DER. */
  readonly extensions?: readonly RawExtension[];
  readonly provider: Provider;
  /** Default: the usual one for the issuer's key. */
  readonly signatureName?: SignatureName;
}

/**
 * Issues a certificate of version 3 (RFC 5280 §4.1).
 * @throws TlsError `misuse` if the provider cannot sign with the issuer's key
 */
export function issueCertificate(options: IssueOptions): Certificate {
  const { issuer, signingKey, publicKey, provider } = options;
  const name = options.signatureName ?? usualSignature[signingKey.type];
  const sign = provider.signatures[name].signer?.(signingKey);
  if (sign === undefined) throw cannotSign(signingKey, provider);
  const algorithm = encodeSignatureAlgorithm(name);
  const subject = encodeName(options.subject);
  const tbs = sequence(
    der(constructed(0), unsigned(2)),
    unsigned(serialNumber(options)),
    algorithm,
    issuer?.subject.der ?? subject,
    sequence(time(options.notBefore), time(options.notAfter)),
    subject,
    publicKey.spki,
    der(constructed(3), sequence(...extensionsOf(options).map(encodeExtension))),
  );
  return parseCertificate(sequence(tbs, algorithm, bitString(sign(tbs))));
}

/** RFC 5280 §4.1.2.2. With the second highest bit set the length is always the same. */
function serialNumber({ serialNumber: given, provider }: IssueOptions): Uint8Array {
  if (given !== undefined) {
    if (given.length > 20 || given.every((octet) => octet === 0)) {
      throw new TlsError("misuse", "a serial number is positive and has at most 20 octets", {
        section: "RFC 5280 §4.1.2.2",
      });
    }
    return given;
  }
  const octets = provider.random(16);
  octets[0] = (octets[0]! & 0x7f) | 0x40;
  return octets;
}

function extensionsOf(options: IssueOptions): RawExtension[] {
  const { ca, issuer, publicKey, extendedKeyUsage, provider } = options;
  const names = encodeNames(options.names ?? {});
  const usage: readonly KeyUsage[] =
    options.keyUsage ?? (ca ? ["keyCertSign", "cRLSign"] : ["digitalSignature"]);
  const own = keyIdentifier(publicKey, provider);
  const authority = issuer === undefined ? own : issuer.subjectKeyIdentifier;
  const present: (RawExtension | undefined | false)[] = [
    ca && critical(ExtensionOid.basicConstraints, sequence(boolean(true), ...pathLength(ca))),
    usage.length > 0 &&
      critical(ExtensionOid.keyUsage, namedBits(usage.map((name) => keyUsages.indexOf(name)))),
    extendedKeyUsage &&
      ordinary(ExtensionOid.extKeyUsage, sequence(...extendedKeyUsage.map((each) => oid(each)))),
    // RFC 5280 §4.2.1.6: critical if the subject is empty.
    names.length > 0 && {
      oid: ExtensionOid.subjectAltName,
      critical: Object.keys(options.subject).length === 0,
      value: sequence(...names),
    },
    ordinary(ExtensionOid.subjectKeyIdentifier, octetString(own)),
    authority &&
      ordinary(ExtensionOid.authorityKeyIdentifier, sequence(der(primitive(0), authority))),
  ];
  return [
    ...present.filter((each) => each !== undefined && each !== false),
    ...(options.extensions ?? []),
  ];
}

const critical = (id: string, value: Uint8Array): RawExtension => ({
  oid: id,
  critical: true,
  value,
});
const ordinary = (id: string, value: Uint8Array): RawExtension => ({
  oid: id,
  critical: false,
  value,
});

const pathLength = (ca: { readonly pathLength?: number }): Uint8Array[] =>
  ca.pathLength === undefined ? [] : [unsigned(ca.pathLength)];

/** RFC 7093 §2 (1): 160 bits of the SHA-256 of the subjectPublicKey bits. */
const keyIdentifier = (publicKey: PublicKeyInfo, provider: Provider): Uint8Array =>
  provider.hashes.sha256.digest(publicKey.key).slice(0, 20);

function encodeExtension({ oid: id, critical: isCritical, value }: RawExtension): Uint8Array {
  return sequence(oid(id), isCritical ? boolean(true) : new Uint8Array(), octetString(value));
}

function encodeNames({ dns = [], ip = [], uri = [], email = [] }: SubjectNames): Uint8Array[] {
  return [
    ...dns.map((name) => der(primitive(2), ia5(name))),
    ...ip.map((address) => der(primitive(7), addressOf(address))),
    ...uri.map((name) => der(primitive(6), ia5(name))),
    ...email.map((name) => der(primitive(1), ia5(name))),
  ];
}

function ia5(text: string): Uint8Array {
  // RFC 5280 §7.2: internationalised names are A-labels.
  if (!/^[\x21-\x7e]+$/.test(text)) {
    throw new TlsError("misuse", "names in certificates are printable ASCII", {
      received: JSON.stringify(text),
      section: "RFC 5280 §7.2",
    });
  }
  return ascii(text);
}

function addressOf(text: string): Uint8Array {
  const address = parseIpAddress(text);
  if (address === undefined) {
    throw new TlsError("misuse", `${JSON.stringify(text)} is no IP address`);
  }
  return address;
}
