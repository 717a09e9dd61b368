/** What a file of a PKI says, as plain data. Of a private key only the public half. */
import type { PublicKeyInfo } from "../../crypto/index.ts";
import {
  decodePem,
  type Certificate,
  decodePublicKey,
  extensionName,
  type Extensions,
  findingsOf,
  type GeneralNames,
  parseCertificate,
  parseCrl,
  parseCsr,
  parseOcspResponse,
  parsePrivateKey,
  printNames,
  publicKeyOf,
  purposeName,
} from "../../identity/index.ts";
import { extendProvider, noble } from "../../crypto/index.ts";
import { ExtensionType, nameOf } from "../../registry/index.ts";
import { toHex } from "../../wire/index.ts";
import { nameBehind, schemesBehind } from "../candidates.ts";
import { UsageError } from "../errors.ts";
import { textOrDer } from "./read.ts";

/** Members in the order in which they are printed; one that says nothing is absent. */
export type Facts = { readonly [name: string]: Fact };
export type Fact = string | number | boolean | readonly string[] | Facts | readonly Facts[];

/** @throws Error if the file is none of what is known */
export async function factsOf(bytes: Uint8Array, passphrase: string | undefined): Promise<Facts[]> {
  const content = textOrDer(bytes);
  if (typeof content !== "string") return [await derFacts(content, passphrase)];
  const all: Facts[] = [];
  for (const { label, der } of decodePem(content)) {
    const read = readers.find((reader) => reader.labels.test(label));
    all.push((await read?.facts(der, passphrase)) ?? { kind: label, bytes: der.length });
  }
  return all;
}

interface Reader {
  readonly labels: RegExp;
  facts(der: Uint8Array, passphrase: string | undefined): Facts | Promise<Facts>;
}

const readers: readonly Reader[] = [
  { labels: /^(X509 |TRUSTED )?CERTIFICATE$/, facts: certificateFacts },
  { labels: /^(NEW )?CERTIFICATE REQUEST$/, facts: requestFacts },
  { labels: /^X509 CRL$/, facts: listFacts },
  { labels: /PRIVATE KEY$/, facts: keyFacts },
  { labels: /^PUBLIC KEY$/, facts: (der) => publicKeyFacts(decodePublicKey(der)) },
  { labels: /^OCSP RESPONSE$/, facts: responseFacts },
];

/** DER has no label: whatever takes it is what it is. */
async function derFacts(der: Uint8Array, passphrase: string | undefined): Promise<Facts> {
  const reasons: string[] = [];
  for (const { facts } of readers) {
    try {
      return await facts(der, passphrase);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new UsageError(`neither PEM nor DER that is known here; as a certificate: ${reasons[0]}`);
}

function certificateFacts(der: Uint8Array): Facts {
  const certificate = parseCertificate(der);
  return {
    kind: "certificate",
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serial: toHex(certificate.serialNumber),
    notBefore: iso(certificate.notBefore),
    notAfter: iso(certificate.notAfter),
    ...extensionFacts(certificate),
    publicKey: publicKeyFacts(certificate.publicKey),
    ...signatureFacts(certificate),
    ...findingFacts(certificate),
    sha256: fingerprint(der),
    bytes: der.length,
  };
}

function requestFacts(der: Uint8Array): Facts {
  const request = parseCsr(der);
  return {
    kind: "certification request",
    subject: request.subject.text,
    ...extensionFacts(request.requested),
    publicKey: publicKeyFacts(request.publicKey),
    ...signatureFacts(request),
    bytes: der.length,
  };
}

function listFacts(der: Uint8Array): Facts {
  const list = parseCrl(der);
  return {
    kind: list.baseNumber === undefined ? "revocation list" : "delta revocation list",
    issuer: list.issuer.text,
    ...(list.number === undefined ? {} : { number: String(list.number) }),
    ...(list.baseNumber === undefined ? {} : { baseNumber: String(list.baseNumber) }),
    thisUpdate: iso(list.thisUpdate),
    ...(list.nextUpdate === undefined ? {} : { nextUpdate: iso(list.nextUpdate) }),
    ...some("criticalUnknown", list.criticalUnknown),
    revoked: list.entries.map(({ serialNumber, revokedAt, reason }) => ({
      serial: toHex(serialNumber),
      at: iso(revokedAt),
      reason,
    })),
    ...signatureFacts(list),
    bytes: der.length,
  };
}

function responseFacts(der: Uint8Array): Facts {
  const response = parseOcspResponse(der);
  const { responder } = response;
  return {
    kind: "OCSP response",
    responder: "name" in responder ? responder.name.text : `key ${toHex(responder.keyHash)}`,
    producedAt: iso(response.producedAt),
    ...(response.nonce === undefined ? {} : { nonce: toHex(response.nonce) }),
    statements: response.responses.map(({ certId, status, thisUpdate, nextUpdate }) => ({
      serial: toHex(certId.serialNumber),
      status: status.kind,
      ...(status.kind === "revoked" ? { at: iso(status.revokedAt), reason: status.reason } : {}),
      thisUpdate: iso(thisUpdate),
      ...(nextUpdate === undefined ? {} : { nextUpdate: iso(nextUpdate) }),
    })),
    ...some(
      "certificates",
      response.certificates.map(({ subject }) => subject.text),
    ),
    ...signatureFacts(response),
    bytes: der.length,
  };
}

/** The secret is never printed; without its passphrase nothing of it can be. */
async function keyFacts(der: Uint8Array, passphrase: string | undefined): Promise<Facts> {
  const key = parsePrivateKey(der, passphrase === undefined ? {} : { passphrase });
  const able = extendProvider(noble, await schemesBehind([key.type], noble));
  return { kind: "private key", publicKey: publicKeyFacts(publicKeyOf(key, able)) };
}

const publicKeyFacts = ({ type, key, spki }: PublicKeyInfo): Facts => ({
  type,
  ...named(type),
  bytes: key.length,
  sha256: fingerprint(spki),
});

function extensionFacts(extensions: Extensions): Facts {
  const {
    basicConstraints: constraints,
    keyUsage,
    extendedKeyUsage,
    policies,
    tlsFeatures,
  } = extensions;
  return {
    ...nameFacts(extensions.subjectAltNames),
    ...(constraints === undefined ? {} : { ca: constraints.ca }),
    ...(constraints?.pathLength === undefined ? {} : { pathLength: constraints.pathLength }),
    ...some("keyUsage", [...(keyUsage ?? [])]),
    ...some("extendedKeyUsage", (extendedKeyUsage ?? []).map(purposeName)),
    ...some("policies", policies ?? []),
    ...some(
      "tlsFeatures",
      (tlsFeatures ?? []).map((code) => nameOf(ExtensionType, code)),
    ),
    ...limitFacts(extensions),
    ...some(
      "extensions",
      extensions.extensions.map(
        ({ oid, critical }) => extensionName(oid) + (critical ? " (critical)" : ""),
      ),
    ),
    ...some("criticalUnknown", extensions.criticalUnknown),
  };
}

function nameFacts(names: GeneralNames | undefined): Facts {
  const present = Object.entries(printNames(names)).filter(([, list]) => list.length > 0);
  return present.length === 0 ? {} : { names: Object.fromEntries(present) };
}

function limitFacts({ nameConstraints: limits }: Extensions): Facts {
  if (limits === undefined) return {};
  const sides = Object.entries(limits).map(([side, names]: [string, GeneralNames]) => {
    const { dns, uri, email, ip, directory } = names;
    const present = Object.entries({
      dns,
      uri,
      email,
      ip: ip.map((range) => toHex(range)),
      directory: directory.map(({ text }) => text),
    }).filter(([, list]) => list.length > 0);
    return [side, Object.fromEntries(present)] as const;
  });
  return {
    nameConstraints: Object.fromEntries(sides.filter(([, side]) => Object.keys(side).length > 0)),
  };
}

/** The rules for issuers that it breaks, if any. */
function findingFacts(certificate: Certificate): Facts {
  const findings = findingsOf(certificate).map(({ rule, section }) => ({ rule, section }));
  return findings.length === 0 ? {} : { findings };
}

const signatureFacts = (signed: {
  readonly signatureAlgorithm: string | undefined;
  readonly signatureOid: string;
}): Facts => {
  const { signatureAlgorithm, signatureOid } = signed;
  return {
    signature: signatureAlgorithm ?? `${signatureOid}, not supported`,
    ...named(signatureOid, "signatureName"),
  };
};

/** What is not registered is an object identifier, of which some have names. */
function named(type: string, member = "name"): Facts {
  const name = nameBehind(type);
  return name === undefined ? {} : { [member]: name };
}

const some = (name: string, list: readonly string[]): Facts =>
  list.length === 0 ? {} : { [name]: list };

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

const fingerprint = (bytes: Uint8Array): string => toHex(noble.hashes.sha256.digest(bytes));
