/** What an authority says of single certificates (RFC 6960). */
import {
  draftOcspResponse,
  isMeant,
  type OcspRequest,
  type OcspResponse,
  type OcspStatement,
  type OcspStatus,
} from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { fromHex, toHex } from "../wire/index.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import * as given from "./option-checks.ts";
import type { Entry } from "./records.ts";
import { checkSigner } from "./rules.ts";
import { type Signing, signingKeyOf } from "./signing.ts";

/** What is asked of one authority. */
export interface Question {
  /** Whose certificates they are. */
  readonly issuer: Entry;
  /** As an OCSP request names them, or by their numbers. */
  readonly certificates: readonly OcspStatement["certificate"][];
  /** That of the request (RFC 9654). */
  readonly nonce?: Uint8Array;
}

const checkQuestion = check.complete(
  {
    issuer: given.entry,
    certificates: check.listOf(check.like("a certificate or its number", "serialNumber")),
    nonce: check.bytes,
  } satisfies check.OptionTable<Question>,
  "write askAbout(pki, name)",
  ["issuer", "certificates"],
);

interface AnswerTerms {
  readonly responder?: string | undefined;
  readonly lifetime: number;
}

const checkTerms = check.complete(
  { responder: check.text, lifetime: given.duration } satisfies check.OptionTable<AnswerTerms>,
  "write { lifetime }",
  ["lifetime"],
);

/** About the current certificate of a name. @throws AuthorityError */
export function askAbout(pki: PkiDirectory, name: string): Question {
  const entry = pki.current(name);
  if (entry.profile === "root") {
    throw new AuthorityError("misuse", "nobody speaks for a root but itself");
  }
  return {
    issuer: pki.current(entry.issuer),
    certificates: [{ serialNumber: fromHex(entry.serial) }],
  };
}

/**
 * All that a request asks about must be of one authority: it signs the answer.
 * @throws AuthorityError `not_found`
 */
export function askedIn(pki: PkiDirectory, { certIds, nonce }: OcspRequest): Question {
  const issuer = pki.authorities().find((entry) => {
    const certificate = pki.certificate(entry);
    return certIds.every((id) => isMeant(id, id.serialNumber, certificate));
  });
  if (issuer === undefined) {
    throw new AuthorityError(
      "not_found",
      "it asks about certificates of no authority here, or of several",
    );
  }
  return { issuer, certificates: certIds, ...(nonce === undefined ? {} : { nonce }) };
}

/**
 * Answers a question about certificates.
 * @param terms `responder` signs in the issuer's place; `lifetime` in milliseconds, never beyond the
 *   signer's own end
 * @throws AuthorityError `misuse` if who should sign is not a responder of the issuer, `refused` if it is revoked
 *   or not valid now; TypeError or RangeError for options that cannot be
 */
export async function answer(
  pki: PkiDirectory,
  question: Question,
  terms: { readonly responder?: string | undefined; readonly lifetime: number },
  signing: Signing,
): Promise<OcspResponse> {
  checkQuestion(question, "answer: the question");
  given.checkAsked("answer", { given: terms, check: checkTerms }, signing);
  const { issuer, certificates, nonce } = question;
  const responder = responderOf(pki, issuer, terms.responder);
  const signer = responder ?? issuer;
  checkSigner(pki, signer);
  const signingKey = await signingKeyOf(pki, signer, signing);
  const now = Date.now();
  const nextUpdate = Math.min(now + terms.lifetime, Date.parse(signer.notAfter));
  const draft = draftOcspResponse({
    issuer: pki.certificate(issuer),
    ...(responder === undefined ? {} : { responder: pki.certificate(responder) }),
    statements: certificates.map((certificate) => ({
      certificate,
      status: statusOf(pki, issuer, toHex(certificate.serialNumber)),
      thisUpdate: now,
      nextUpdate,
    })),
    producedAt: now,
    ...(nonce === undefined ? {} : { nonce }),
    signatureName: signingKey.signatureName,
  });
  return signingKey.sign(draft);
}

function responderOf(
  pki: PkiDirectory,
  issuer: Entry,
  name: string | undefined,
): Entry | undefined {
  if (name === undefined) return undefined;
  const entry = pki.current(name);
  const { extendedKeyUsage = [] } = pki.settings.profiles[entry.profile] ?? {};
  if (entry.issuer === issuer.name && extendedKeyUsage.includes("OCSPSigning")) return entry;
  throw new AuthorityError(
    "misuse",
    `${name} is not a responder of ${issuer.name}: issue one with --issuer ${issuer.name} --profile ocsp`,
  );
}

function statusOf(pki: PkiDirectory, issuer: Entry, serial: string): OcspStatus {
  const entry = pki.records.find(serial);
  if (entry === undefined || entry.issuer !== issuer.name) return { kind: "unknown" };
  if (entry.revoked === undefined) return { kind: "good" };
  const { at, reason } = entry.revoked;
  return { kind: "revoked", revokedAt: Date.parse(at), reason };
}
