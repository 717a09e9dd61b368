import type { PublicKeyInfo, SubjectKeyType } from "../../crypto/provider.ts";
import * as check from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import { readDer } from "../der/der-reader.ts";
import { type DistinguishedName, encodeName, readName } from "../certificate/distinguished-name.ts";
import {
  type Extensions,
  type KeyUsage,
  type NameConstraints,
  readNameConstraints,
} from "../certificate/extensions.ts";
import { checkGeneralNames } from "../path/name-constraints.ts";
import * as option from "../certificate/option-checks.ts";
import { nameLimits, encodeLimits, type NameLimits } from "./name-constraints-writer.ts";
import { AttributeOid, ExtensionOid, KeyPurpose } from "../der/oids.ts";
import { checkNameForms, type SubjectNames, toGeneralNames } from "../certificate/subject-names.ts";

/** What an authority certifies, whatever is asked of it. Plain data, which can stand in a file. */
export interface Profile {
  /** Makes authorities; absent: none. */
  readonly ca?: { readonly pathLength?: number };
  /** The keyUsage extension (RFC 5280 §4.2.1.3); empty: none. */
  readonly keyUsage: readonly KeyUsage[];
  /** Names or object identifiers; none: no extension. */
  readonly extendedKeyUsage: readonly string[];
  /** Milliseconds that a certificate lives, unless something shorter is asked for. */
  readonly lifetime: number;
  /** Keys that are certified. Absent: all that are supported. */
  readonly keyTypes?: readonly SubjectKeyType[];
  /** Who may be named; what is not permitted is refused. Absent: anyone. */
  readonly names?: NameLimits;
  /** Refuses a certificate that names no one but in its subject. */
  readonly needsName: boolean;
  /** Policies under which it is issued, as object identifiers (RFC 5280 §4.2.1.4). Absent: none are named. */
  readonly policies?: readonly string[];
  /** A server with such a certificate staples an OCSP response, or is refused by who asks for one (RFC 7633). */
  readonly mustStaple?: boolean;
}

const dotted = /^[0-2](\.(0|[1-9]\d*))+$/;

const objectIdentifier: check.Check = (value, where) => {
  check.text(value, where);
  if (!dotted.test(value as string)) {
    throw new TypeError(
      `${where} is an object identifier such as 1.3.6.1.4.1.99999.1, not ${String(value)}`,
    );
  }
};

/** As {@link Profile}. */
export const checkProfile = check.complete(
  {
    ca: option.authority,
    keyUsage: option.usages,
    extendedKeyUsage: check.listOf(check.text),
    lifetime: check.number(0, Infinity, " milliseconds"),
    keyTypes: check.listOf(option.subjectKeyType),
    names: nameLimits,
    needsName: check.flag,
    policies: check.listOf(objectIdentifier, 1),
    mustStaple: check.flag,
  } satisfies check.OptionTable<Profile>,
  "write one like profiles.server",
  ["keyUsage", "extendedKeyUsage", "lifetime", "needsName"],
);

const day = 86_400_000;
const signs: readonly KeyUsage[] = ["digitalSignature"];
const leaf = { keyUsage: signs, lifetime: 90 * day, needsName: true };

/** The common cases. */
export const profiles = {
  server: { ...leaf, extendedKeyUsage: ["serverAuth"] },
  client: { ...leaf, extendedKeyUsage: ["clientAuth"] },
  /** Both ends of a connection, as agents of a mesh are. */
  peer: { ...leaf, extendedKeyUsage: ["serverAuth", "clientAuth"] },
  /** An authority below a root, for leaves only. */
  intermediate: {
    ca: { pathLength: 0 },
    keyUsage: ["keyCertSign", "cRLSign", "digitalSignature"],
    extendedKeyUsage: [],
    lifetime: 5 * 365 * day,
    needsName: false,
  },
  /** Signs OCSP responses for its issuer (RFC 6960 §4.2.2.2). */
  ocsp: { ...leaf, extendedKeyUsage: ["OCSPSigning"], lifetime: 30 * day, needsName: false },
} as const satisfies Record<string, Profile>;

/** The object identifier of a purpose; one in dotted form stays as it is. @throws TlsError `misuse` */
export function purposeOid(purpose: string): string {
  if (/^[0-2](\.\d+)+$/.test(purpose)) return purpose;
  const known: Readonly<Record<string, string>> = KeyPurpose;
  const found = Object.hasOwn(known, purpose) ? known[purpose] : undefined;
  if (found !== undefined) return found;
  throw new TlsError("misuse", `there is no extended key usage ${JSON.stringify(purpose)}`, {
    expected: `an object identifier, or one of ${Object.keys(KeyPurpose).join(", ")}`,
  });
}

/** The reverse of {@link purposeOid}, as far as there is a name. */
export const purposeName = (oid: string): string =>
  Object.entries(KeyPurpose).find(([, known]) => known === oid)?.[0] ?? oid;

/** Whom and what a certificate would be for. */
export interface Subject {
  /** The key that is certified. */
  readonly publicKey: PublicKeyInfo;
  /** Names for subjectAltName. */
  readonly names: SubjectNames;
}

/**
 * Checks that the profile allows such a subject.
 * @throws TlsError `access_denied` for what the profile forbids, `misuse` for names that are malformed
 */
export function checkSubject({ publicKey, names }: Subject, profile: Profile, where: string): void {
  const { keyTypes, needsName } = profile;
  if (keyTypes !== undefined && !(keyTypes as readonly string[]).includes(publicKey.type)) {
    throw denied("a key of a type that the profile does not certify", `${where}.publicKey`, {
      expected: keyTypes.join(", "),
      received: publicKey.type,
    });
  }
  checkNameForms(names, `${where}.names`);
  if (needsName && Object.values(names).every((each) => each.length === 0)) {
    throw denied("nobody is named", `${where}.names`, {
      expected: "a host name, an IP address, a URI or an e-mail address",
    });
  }
  if (profile.names !== undefined) checkLimits(names, profile.names, `${where}.names`);
}

/**
 * Checks what a request asks for beyond names: nothing that the profile would not give.
 * @throws TlsError `access_denied`
 */
export function checkRequested(requested: Extensions, profile: Profile, where: string): void {
  for (const { oid } of requested.extensions) {
    if (!requestable.has(oid)) throw denied(`asks for the extension ${oid}`, where);
  }
  const { basicConstraints, keyUsage, extendedKeyUsage, subjectAltNames } = requested;
  if (basicConstraints?.ca === true && profile.ca === undefined) {
    throw denied("asks to become a CA", `${where}.basicConstraints`);
  }
  const purposes = profile.extendedKeyUsage.map(purposeOid);
  refuseOthers(keyUsage ?? [], profile.keyUsage, `${where}.keyUsage`);
  refuseOthers(extendedKeyUsage ?? [], purposes, `${where}.extKeyUsage`);
  const odd = [...(subjectAltNames?.directory ?? []), ...(subjectAltNames?.other ?? [])];
  if (odd.length > 0) {
    throw denied("asks for a name of a form that is not certified", `${where}.subjectAltName`);
  }
}

/**
 * Checks the subject that a request asks for: whoever authorises by common names and organisations must
 * not be told what nobody checked.
 * @throws TlsError `access_denied`
 */
export function checkRequestedSubject(
  subject: DistinguishedName,
  names: SubjectNames,
  where: string,
): void {
  const named = Object.values(names).flat();
  const [commonName = "", ...others] = subject.valuesOf(AttributeOid.CN);
  const alone = readDer(encodeName({ CN: commonName }), (reader) => readName(reader, ""));
  const isEmpty = subject.comparable.length === 0;
  const isOneOfThem =
    others.length === 0 && subject.key === alone.key && named.includes(commonName);
  if (isEmpty || isOneOfThem) return;
  throw denied("asks for a subject that nobody has checked", `${where}.subject`, {
    expected: "an empty one, or a common name that is one of its names",
    received: `"${subject.text}"`,
  });
}

/** What a request may ask for; a key identifier is ours to compute. */
const requestable = new Set<string>([
  ExtensionOid.subjectAltName,
  ExtensionOid.basicConstraints,
  ExtensionOid.keyUsage,
  ExtensionOid.extKeyUsage,
  ExtensionOid.subjectKeyIdentifier,
]);

/**
 * Checks that an authority can issue under the profile, so that what it issues will be valid.
 * @throws TlsError `misuse`
 */
export function checkIssuer(issuer: Certificate, profile: Profile, now: number): void {
  const { basicConstraints, keyUsage, notBefore, notAfter } = issuer;
  const where = `issuer "${issuer.subject.text}"`;
  const fail = (message: string, section: string): TlsError =>
    new TlsError("misuse", message, { where, section });
  if (basicConstraints?.ca !== true) throw fail("is not a CA", "RFC 5280 §4.2.1.9");
  if (keyUsage?.has("keyCertSign") === false) {
    throw fail("may not sign certificates", "RFC 5280 §4.2.1.3");
  }
  if (profile.ca !== undefined && basicConstraints.pathLength === 0) {
    throw fail("may have no CA below it (pathLenConstraint 0)", "RFC 5280 §4.2.1.9");
  }
  if (now < notBefore || now > notAfter) throw fail("is not valid now", "RFC 5280 §4.1.2.5");
}

function checkLimits(names: SubjectNames, limits: NameLimits, where: string): void {
  const constraints = readDer(encodeLimits(limits), (reader) =>
    reader.sequence("", readNameConstraints),
  );
  for (const kind of ["dns", "ip", "uri", "email"] as const) {
    for (const name of names[kind] ?? []) {
      // Other than in a certificate, a limit on one kind permits no name of another.
      const isListed = limits.permitted === undefined || limits.permitted[kind] !== undefined;
      if (isListed && isWithin({ [kind]: [name] }, constraints)) continue;
      throw denied("a name that the profile does not permit", `${where}.${kind}`, {
        received: JSON.stringify(name),
      });
    }
  }
}

function isWithin(names: SubjectNames, constraints: NameConstraints): boolean {
  try {
    checkGeneralNames(toGeneralNames(names), [constraints], "");
    return true;
  } catch (error) {
    if (error instanceof TlsError) return false;
    throw error;
  }
}

function refuseOthers(asked: Iterable<string>, allowed: readonly string[], where: string): void {
  const others = [...asked].filter((each) => !allowed.includes(each));
  if (others.length === 0) return;
  throw denied("asks for a usage that the profile does not give", where, {
    expected: allowed.join(", ") || "none",
    received: others.join(", "),
  });
}

function denied(
  message: string,
  where: string,
  detail: { readonly expected?: string; readonly received?: string } = {},
): TlsError {
  return new TlsError("access_denied", message, { ...detail, where, section: "RFC 2986 §3" });
}
