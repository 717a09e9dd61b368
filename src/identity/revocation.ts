import { TlsError } from "../registry/index.ts";
import type { Certificate } from "./certificate.ts";
import type { Crl } from "./crl.ts";
import { type ListContext, type Status, statusByLists } from "./crl-status.ts";
import type { OcspResponse, SingleResponse } from "./ocsp.ts";
import { checkOcsp } from "./ocsp-check.ts";
import { describe } from "./path-validation.ts";

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
  const crls = (options.crls ?? []).toSorted((a, b) => b.thisUpdate - a.thisUpdate);
  const context = { ...options, crls };
  for (let index = path.length - 2; index >= 0; index--) {
    if (index > 0 && context.of === "leaf") continue;
    const status = worst([statusByLists(path, index, context), byResponses(path, index, context)]);
    if (status === "unrevoked") continue;
    const place = { where: describe(path, index), section: "RFC 5280 §6.3.3" };
    if (isReason(status)) {
      const received = `the reason ${status}`;
      throw new TlsError("certificate_revoked", "revoked", { received, ...place });
    }
    if (context.whenUnknown === "accept") continue;
    throw new TlsError(
      "certificate_unknown",
      "no list and no response tells whether it was revoked",
      place,
    );
  }
}

function byResponses(
  path: readonly Certificate[],
  index: number,
  context: Context & ListContext,
): Status {
  const [certificate, issuer] = [path[index]!, path[index + 1]!];
  const check = (response: OcspResponse): SingleResponse =>
    checkOcsp(response, {
      now: context.now,
      certificate,
      issuer,
      isSignedBy: context.isSignedBy,
      isRevoked: (responder) =>
        isReason(statusByLists([responder, ...path.slice(index + 1)], 0, context)),
    });
  const stapled = index === 0 && context.stapled !== undefined ? [check(context.stapled)] : [];
  if (stapled[0]?.status.kind === "unknown") {
    throw new TlsError("bad_certificate_status", "the responder does not know the certificate", {
      where: describe(path, index),
      section: "RFC 6960 §2.2",
    });
  }
  const given = (context.ocspResponses ?? []).flatMap((response) => acceptable(check, response));
  const [newest] = given.toSorted((a, b) => b.thisUpdate - a.thisUpdate);
  const statuses = [...stapled, ...(newest === undefined ? [] : [newest])].map(statusOf);
  return worst(statuses);
}

const isReason = (status: Status): boolean => status !== "unrevoked" && status !== "undetermined";

/** Revoked, if any source says so; otherwise known, if any knows. */
const worst = (statuses: readonly Status[]): Status =>
  statuses.find(isReason) ?? (statuses.includes("unrevoked") ? "unrevoked" : "undetermined");

function statusOf({ status }: SingleResponse): Status {
  if (status.kind === "revoked") return status.reason;
  return status.kind === "good" ? "unrevoked" : "undetermined";
}

/** What is given may be about anybody, and some of it old. */
function acceptable(
  check: (response: OcspResponse) => SingleResponse,
  response: OcspResponse,
): SingleResponse[] {
  try {
    return [check(response)];
  } catch (error) {
    if (error instanceof TlsError && error.code === "bad_certificate_status") return [];
    throw error;
  }
}
