/**
 * Requests that wait for a person: `requests/<hash of the key>.csr`. Whoever reaches the authority can send them, so
 * that there are few, and none for long. They are no part of the journal before somebody has said yes.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Csr, encodePem, parseCsr } from "../identity/index.ts";
import * as check from "../registry/check.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import { keyHash } from "./keys.ts";
import * as given from "./option-checks.ts";
import { admitKey } from "./enrolment.ts";

/** A request that waits for a person. */
export interface PendingRequest {
  /** SHA-256 of the key, in hexadecimal: what the two sides compare. */
  readonly id: string;
  /** The request, whose signature is verified. */
  readonly csr: Csr;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** How many requests may wait, and for how long. */
export interface RequestLimits {
  /** Requests that wait, or were refused, at the same time. */
  readonly most: number;
  /** Milliseconds for which they do. */
  readonly lifetime: number;
}

const checkLimits = check.complete(
  { most: check.whole(), lifetime: given.duration } satisfies check.OptionTable<RequestLimits>,
  "write { most, lifetime }",
);

interface Approval {
  readonly id: string;
  readonly name: string;
  /** Milliseconds in which it can enrol. */
  readonly lifetime: number;
}

const checkApproval = check.complete(
  {
    id: given.digits(1),
    name: check.text,
    lifetime: given.duration,
  } satisfies check.OptionTable<Approval>,
  "write { id, name, lifetime }",
);

const pending = ".csr";
const refused = ".refused";

/** Those that wait, the oldest first. */
export function pendingRequests(pki: PkiDirectory): PendingRequest[] {
  return filesIn(pki)
    .filter(({ name }) => name.endsWith(pending))
    .map(({ path, since }) => {
      const csr = parseCsr(readFileSync(path, "utf8"), path);
      return { id: keyHash(csr.publicKey), csr, since };
    })
    .toSorted((a, b) => a.since - b.since);
}

/**
 * Whether a request waits already. Needs no `change`: most who ask do so again and again.
 * @throws AuthorityError `refused` if somebody has said no, `busy` if it does not, and there are too many
 */
export function isWaiting(pki: PkiDirectory, csr: Csr, limits: RequestLimits): boolean {
  checkLimits(limits, "isWaiting");
  const { most, lifetime } = limits;
  const id = keyHash(csr.publicKey);
  const files = filesIn(pki).filter(({ since }) => since + lifetime >= Date.now());
  if (files.some(({ name }) => name === `${id}${refused}`)) {
    throw new AuthorityError("refused", "the request was refused");
  }
  if (files.some(({ name }) => name === `${id}${pending}`)) return true;
  if (files.length < most) return false;
  throw new AuthorityError("busy", `${most} requests wait already: come back later`);
}

/**
 * Keeps a request until somebody has looked at it. Only in `change`.
 * @throws AuthorityError as {@link isWaiting}
 */
export function keepRequest(pki: PkiDirectory, csr: Csr, limits: RequestLimits): void {
  checkLimits(limits, "keepRequest");
  for (const { name, since } of filesIn(pki)) {
    if (since + limits.lifetime < Date.now()) pki.remove(`${folder}/${name}`);
  }
  if (isWaiting(pki, csr, limits)) return;
  const id = keyHash(csr.publicKey);
  pki.write(`${folder}/${id}${pending}`, encodePem("CERTIFICATE REQUEST", csr.der));
}

/**
 * Lets the key of a request enrol as that name, once.
 * @param approval `id` its first digits
 * @throws AuthorityError `not_found`, `refused` if nobody is registered as that
 */
export function approveRequest(pki: PkiDirectory, approval: Approval): PendingRequest {
  checkApproval(approval, "approveRequest");
  const { id, name, lifetime } = approval;
  const request = requestOf(pki, id);
  admitKey(pki, { name, key: request.id, lifetime });
  pki.remove(`${folder}/${request.id}${pending}`);
  return request;
}

/** The key is not asked about again while the answer is kept. @throws AuthorityError `not_found` */
export function refuseRequest(pki: PkiDirectory, id: string): PendingRequest {
  const request = requestOf(pki, id);
  pki.write(`${folder}/${request.id}${refused}`, "");
  pki.remove(`${folder}/${request.id}${pending}`);
  return request;
}

function requestOf(pki: PkiDirectory, id: string): PendingRequest {
  const found = pendingRequests(pki).filter((each) => each.id.startsWith(id));
  const [request] = found;
  if (request !== undefined && found.length === 1) return request;
  throw new AuthorityError(
    "not_found",
    `${found.length} requests begin with ${JSON.stringify(id)}`,
  );
}

const folder = "requests";

function filesIn(pki: PkiDirectory) {
  let names: string[] = [];
  try {
    names = readdirSync(join(pki.path, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return names.flatMap((name) => {
    const path = join(pki.path, folder, name);
    const since = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return since === undefined ? [] : [{ name, path, since }];
  });
}
