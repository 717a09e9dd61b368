import type { Provider, PublicKeyInfo } from "../../crypto/provider.ts";
import { TlsError } from "../../registry/index.ts";
import { DecodeError } from "../../wire/index.ts";
import type { DerReader } from "../der/der-reader.ts";
import { constructed, Tag } from "../der/der-tags.ts";
import { type DistinguishedName, readName } from "../certificate/distinguished-name.ts";
import { type Extensions, readExtensions } from "../certificate/extensions.ts";
import { RequestOid } from "../der/oids.ts";
import { decodePem } from "../der/pem.ts";
import { decodePublicKey } from "../keys/public-key.ts";
import {
  hasRightSignature,
  readSigned,
  type Signed,
  type SignedPart,
} from "../certificate/signed.ts";

/** A certification request of PKCS #10 (RFC 2986), read once and never changed. */
export interface Csr extends Signed {
  /** The name that is asked for. */
  readonly subject: DistinguishedName;
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array;
  /** The key to be certified, decoded on first use. @throws TlsError as that of a certificate */
  readonly publicKey: PublicKeyInfo;
  /** The extensions that are asked for (RFC 2985 §5.4.2): the authority need not grant them. */
  readonly requested: Extensions;
}

/**
 * Reads a request from DER or PEM text. Whether its signature is right is {@link verifyCsr}'s business.
 * @param where begins the field path of an error
 * @throws TlsError `bad_certificate` that names the field and the rule it breaks
 */
export function parseCsr(input: string | Uint8Array, where = "request"): Csr {
  const der = typeof input === "string" ? requestBlock(input) : input;
  const fields = readSigned(der, where, readInfo, "RFC 2986 §4");
  let publicKey: PublicKeyInfo | undefined;
  return {
    ...fields,
    get publicKey() {
      return (publicKey ??= decodePublicKey(fields.spki, `${where}.subjectPKInfo`));
    },
  };
}

/**
 * Checks the proof of possession: the request is signed with the key that it is for.
 * @throws TlsError `bad_certificate`, or `unsupported_certificate` for keys and algorithms that are not supported
 */
export function verifyCsr(csr: Csr, provider: Provider, where = "request"): void {
  if (hasRightSignature(csr, csr.publicKey, provider, where)) return;
  throw new TlsError("bad_certificate", "not signed with the key that it is for", {
    where: `${where}.signature`,
    section: "RFC 2986 §3",
  });
}

function requestBlock(text: string): Uint8Array {
  const blocks = decodePem(text);
  const requests = blocks.filter(({ label }) => /^(NEW )?CERTIFICATE REQUEST$/.test(label));
  const [request] = requests;
  if (request === undefined || requests.length > 1) {
    throw new TlsError("misuse", `found ${requests.length} CERTIFICATE REQUEST blocks`, {
      expected: "exactly one",
      received: `PEM with ${blocks.map(({ label }) => label).join(", ")}`,
      section: "RFC 7468 §7",
    });
  }
  return request.der;
}

function readInfo(reader: DerReader): SignedPart<Omit<Csr, keyof Signed | "publicKey">> {
  return reader.sequence("certificationRequestInfo", (info) => {
    const version = info.count("version");
    if (version !== 0) throw new DecodeError(`unknown version ${version}`, "version");
    const subject = readName(info, "subject");
    const spki = info.element("subjectPKInfo");
    // RFC 2986 §4.1: not optional, but OpenSSL can be told to leave it out.
    const requested = info.optional(constructed(0), "attributes", readAttributes);
    return { fields: { subject, spki, requested: requested ?? none } };
  });
}

const none: Extensions = { extensions: [], criticalUnknown: [] };

/** The extensions among the attributes; the others say nothing that we could certify. */
function readAttributes(reader: DerReader): Extensions | undefined {
  let requested: Extensions | undefined;
  reader.each(0, (item, at) =>
    item.sequence(at, (attribute) => {
      const type = attribute.oid("type");
      attribute.read(Tag.set, "values", (values) => {
        if (type !== RequestOid.extensionRequest) return values.rest();
        // RFC 2985 §5.4.2: single-valued.
        if (requested !== undefined) throw new DecodeError("extensionRequest stands here twice");
        return (requested = values.sequence("extensionRequest", readExtensions));
      });
    }),
  );
  return requested;
}
