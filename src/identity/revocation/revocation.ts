import { like, listOf, oneOf, type OptionTable } from "../../registry/check.ts";
import { TlsError } from "../../registry/index.ts";
import type { Certificate } from "../certificate/certificate.ts";
import type { Crl, CrlReason } from "./crl.ts";
import { type Finding, type ListContext, type Status, statusByLists } from "./crl-status.ts";
import type { OcspResponse, SingleResponse } from "./ocsp.ts";
import { checkOcsp, elsewhere, findStatement, timeProblem } from "./ocsp-check.ts";
import { describe } from "../certificate/describe.ts";

/** Revocation by what the caller has got: lists and OCSP responses. Nothing is fetched here. */
export interface RevocationOptions {
  /** Complete, indirect and delta lists, in any order. */
  readonly crls?: readonly Crl[];
  /** Responses for any certificates. One that is stale, or not from who may speak, says nothing. */
  readonly ocspResponses?: readonly OcspResponse[];
  /** Whose status must be known: the leaf's only, or that of all below the anchor. Default: `chain`. */
  readonly of?: "chain" | "leaf";
  /** What to do where nothing tells the status of a certificate. Default: `refuse`. */
  readonly whenUnknown?: "refuse" | "accept";
  /** Certificates of those who sign lists, beyond the chain. */
  readonly issuers?: readonly Certificate[];
}

export const revocationTable = {
  crls: listOf(like("a list: parseCrl(…)", "thisUpdate", "entries")),
  ocspResponses: listOf(like("a response: parseOcspResponse(…)", "responses")),
  of: oneOf("chain", "leaf"),
  whenUnknown: oneOf("refuse", "accept"),
  issuers: listOf(like("a certificate: parseCertificate(…)", "spki", "subject")),
} satisfies OptionTable<RevocationOptions>;

interface Context extends RevocationOptions, Omit<ListContext, "crls"> {
  /** The response that the peer sent for its leaf: it must be acceptable (RFC 6066 §8). */
  readonly stapled: OcspResponse | undefined;
}

/**
 * Checks the certificates of a valid path but the anchor (RFC 5280 §6.3, RFC 6960), from the anchor
 * down, so that whoever signs a list was checked before. Where two sources differ, the worse counts.
 * @throws TlsError `certificate_revoked`; `certificate_unknown` where nothing tells;
 *   `bad_certificate_status` for a stapled response that is not acceptable
 */
export function checkRevocation(path: readonly Certificate[], options: Context): void {
  const context = { ...options, crls: options.crls ?? [] };
  for (let index = path.length - 2; index >= 0; index--) {
    if (index > 0 && context.of === "leaf") continue;
    const { status, problems } = worst([
      statusByLists(path, index, context),
      byResponses(path, index, context),
    ]);
    if (status === "unrevoked") continue;
    const place = { where: describe(path, index), section: "RFC 5280 §6.3.3" };
    if (isReason(status)) {
      const received = `the reason ${status}`;
      throw new TlsError("certificate_revoked", "revoked", { received, ...place });
    }
    if (context.whenUnknown === "accept") continue;
    const received = problems.slice(0, maxProblems).join("; ");
    throw new TlsError(
      "certificate_unknown",
      "no list and no response tells whether it was revoked",
      received === "" ? place : { received, ...place },
    );
  }
}

/** Problems that an error names. */
const maxProblems = 3;

function byResponses(
  path: readonly Certificate[],
  index: number,
  context: Context & ListContext,
): Finding {
  const [certificate, issuer] = [path[index]!, path[index + 1]!];
  const question = {
    now: context.now,
    certificate,
    issuer,
    isSignedBy: context.isSignedBy,
    isRevoked: (responder: Certificate) =>
      isReason(statusByLists([responder, ...path.slice(index + 1)], 0, context).status),
  };
  const statuses: Status[] = [];
  if (index === 0 && context.stapled !== undefined) {
    const stapled = checkOcsp(context.stapled, question, describe(path, index));
    if (stapled.status.kind === "unknown") {
      throw new TlsError("bad_certificate_status", "the responder does not know the certificate", {
        where: describe(path, index),
        section: "RFC 6960 §2.2",
      });
    }
    statuses.push(statusOf(stapled));
  }
  const problems: string[] = [];
  const given = (context.ocspResponses ?? []).flatMap((response): SingleResponse[] => {
    const found = findStatement(response, question);
    if (typeof found !== "string") return [found];
    if (found !== elsewhere) problems.push(`an OCSP response: ${found}`);
    return [];
  });
  // Of several from one moment the worse counts; one from the future supersedes none.
  const [newest] = given
    .filter(({ thisUpdate }) => thisUpdate <= context.now)
    .toSorted((a, b) => b.thisUpdate - a.thisUpdate || Number(isRevoked(b)) - Number(isRevoked(a)));
  for (const single of given) {
    if (single !== newest && single.thisUpdate <= context.now) continue;
    const problem = timeProblem(single, context.now);
    // What is out of date does not tell that a certificate is good; that it is revoked it does.
    if (problem === undefined || isRevoked(single)) statuses.push(statusOf(single));
    else problems.push(`an OCSP response: ${problem}`);
  }
  const findings: Finding[] = statuses.map((status) => ({ status, problems: [] }));
  return worst([...findings, { status: "undetermined", problems }]);
}

const isRevoked = ({ status }: SingleResponse): boolean => status.kind === "revoked";

const isReason = (status: Status): status is CrlReason =>
  status !== "unrevoked" && status !== "undetermined";

/** Revoked, if any source says so; otherwise known, if any knows. */
function worst(findings: readonly Finding[]): Finding {
  const statuses = findings.map(({ status }) => status);
  const known =
    statuses.find(isReason) ?? (statuses.includes("unrevoked") ? "unrevoked" : undefined);
  return {
    status: known ?? "undetermined",
    problems: findings.flatMap(({ problems }) => problems),
  };
}

function statusOf({ status }: SingleResponse): Status {
  if (status.kind === "revoked") return status.reason;
  return status.kind === "good" ? "unrevoked" : "undetermined";
}
