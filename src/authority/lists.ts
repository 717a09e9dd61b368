/** Lists of what is revoked (RFC 5280 §5), numbered by the journal. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Crl, draftCrl, encodePem, parseCrl, type Revoked } from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { fromHex } from "../wire/index.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import * as given from "./option-checks.ts";
import { type Entry, type Numbering, outliving } from "./records.ts";
import { checkSigner } from "./rules.ts";
import { type Signing, signingKeyOf } from "./signing.ts";

/** Which list is to be made. */
export interface PublishListOptions {
  /** Whose list it is. */
  readonly issuer: Entry;
  /** Only what is new since the last complete list. */
  readonly isDelta: boolean;
  /** Milliseconds until the next list is there at the latest. */
  readonly lifetime: number;
}

const checkList = check.complete(
  {
    issuer: given.entry,
    isDelta: check.flag,
    lifetime: given.duration,
  } satisfies check.OptionTable<PublishListOptions>,
  "write { issuer, isDelta, lifetime }",
);

/** A list that was made. */
export interface PublishedList {
  /** Name of the issuer. */
  readonly issuer: string;
  /** Higher than that of every list before (RFC 5280 §5.2.3). */
  readonly number: number;
  /** Of a delta. */
  readonly base?: number;
  /** The list itself. */
  readonly crl: Crl;
  /** Paths of both files. */
  readonly files: { readonly der: string; readonly pem: string };
}

/**
 * Makes a list and publishes it in `crl/`.
 * @throws AuthorityError `damaged` where a list is published already that the journal does not know; TypeError or
 *   RangeError for options that cannot be
 */
export async function publishList(
  pki: PkiDirectory,
  options: PublishListOptions,
  signing: Signing,
): Promise<PublishedList> {
  given.checkAsked("publishList", { given: options, check: checkList }, signing);
  const { issuer, isDelta, lifetime } = options;
  const { name } = issuer;
  checkSigner(pki, issuer);
  const before = pki.records.listsOf(name);
  const base = isDelta ? baseOf(before, name) : undefined;
  checkPublished(pki, name, before.last);
  const signingKey = await signingKeyOf(pki, issuer, signing);
  const now = Date.now();
  const number = before.last + 1;
  const numbers = { number, ...(base === undefined ? {} : { base }) };
  const revoked = isDelta ? newIn(pki, name, before) : listed(pki, name, before);
  const draft = draftCrl({
    issuer: pki.certificate(issuer),
    revoked,
    number,
    ...(base === undefined ? {} : { baseNumber: base }),
    thisUpdate: now,
    nextUpdate: now + lifetime,
    signatureName: signingKey.signatureName,
  });
  // A number that a crash leaves without a list is missing for ever, and nobody minds
  pki.record({ type: "list", issuer: name, ...numbers, at: new Date(now).toISOString() });
  const crl = await signingKey.sign(draft);
  const file = fileOf(name, isDelta);
  const der = pki.publish("crl", `${file}.crl`, crl.der);
  const pem = pki.publish("crl", `${file}.pem`, encodePem("X509 CRL", crl.der));
  return { issuer: name, ...numbers, crl, files: { der, pem } };
}

/** The highest number among the lists that are published. */
export function publishedNumber(pki: PkiDirectory, issuer: string): number {
  const numbers = [true, false].map((isDelta) => {
    const path = join(pki.path, "crl", `${fileOf(issuer, isDelta)}.crl`);
    if (!existsSync(path)) return 0;
    return Number(parseCrl(new Uint8Array(readFileSync(path)), path).number ?? 0n);
  });
  return Math.max(...numbers);
}

const fileOf = (issuer: string, isDelta: boolean): string => `${issuer}${isDelta ? "-delta" : ""}`;

/** RFC 5280 §5.2.3: a list with a lower number than one that others have would not be believed. */
function checkPublished(pki: PkiDirectory, issuer: string, last: number): void {
  const published = publishedNumber(pki, issuer);
  if (published <= last) return;
  throw new AuthorityError(
    "damaged",
    `list ${published} of ${issuer} is published, but the journal ends with ${last}: run kemistry pki check --repair`,
  );
}

function baseOf({ complete }: Numbering, issuer: string): number {
  if (complete !== undefined) return complete.number;
  throw new AuthorityError(
    "not_found",
    `${issuer} has no complete list yet: make one without --delta first`,
  );
}

/** What was revoked since the last complete list. */
const newIn = (pki: PkiDirectory, issuer: string, { complete }: Numbering): Revoked[] =>
  revokedBy(pki, issuer, ({ revoked }) => revoked.order > (complete?.order ?? 0));

/** RFC 5280 §3.3: an entry stays until a list has it that was made after the certificate has ended. */
const listed = (pki: PkiDirectory, issuer: string, { complete }: Numbering): Revoked[] =>
  revokedBy(pki, issuer, ({ revoked, notAfter }) => {
    // Who keeps a connection longer than its certificate must hear of it too
    if (Date.parse(revoked.at) + outliving >= Date.now()) return true;
    if (complete === undefined || revoked.order > complete.order) return true;
    return Date.parse(notAfter) >= Date.parse(complete.at);
  });

type RevokedEntry = Entry & Required<Pick<Entry, "revoked">>;

const revokedBy = (
  pki: PkiDirectory,
  issuer: string,
  belongs: (entry: RevokedEntry) => boolean,
): Revoked[] =>
  pki.entries
    .filter((entry): entry is RevokedEntry => entry.revoked !== undefined)
    .filter((entry) => entry.issuer === issuer && belongs(entry))
    .map(({ serial, revoked: { at, reason } }) => ({
      serialNumber: fromHex(serial),
      revokedAt: Date.parse(at),
      reason,
    }));
