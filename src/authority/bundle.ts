/** What vouches for the workloads of a trust domain, as SPIFFE writes it (SPIFFE Trust Domain and Bundle §4). */
import * as z from "zod/mini";
import { createPublicKey } from "node:crypto";
import type { PublicKeyInfo } from "../crypto/index.ts";
import { type Certificate, encodePem, parseCertificate } from "../identity/index.ts";
import * as check from "../registry/check.ts";
import { readJson } from "../registry/json.ts";
import type { PkiDirectory } from "./directory.ts";
import { AuthorityError } from "./errors.ts";
import { trustedRoots } from "./roll.ts";

/** What a bundle says of itself. */
export interface BundleOptions {
  /** Grows with every change of the bundle (§4.1.2). */
  readonly sequence: number;
  /** Seconds after which one should look again (§4.1.3). */
  readonly refreshHint: number;
}

const checkBundle = check.complete(
  {
    sequence: check.whole(),
    refreshHint: check.number(0, Infinity, " seconds"),
  } satisfies check.OptionTable<BundleOptions>,
  "write { sequence, refreshHint }",
);

/** What a bundle holds. */
export interface TrustBundle extends Partial<BundleOptions> {
  /** Root certificates that are trusted. */
  readonly roots: readonly Certificate[];
}

/** A JWK Set with one key for each root, and its certificate in `x5c` (§4.2). */
export function bundleOf(roots: readonly Certificate[], options: BundleOptions): string {
  checkBundle(options, "bundleOf");
  const { sequence, refreshHint } = options;
  return JSON.stringify({
    spiffe_sequence: sequence,
    spiffe_refresh_hint: refreshHint,
    keys: roots.map(({ der, publicKey }) => ({
      use: "x509-svid",
      ...jwkOf(publicKey),
      x5c: [Buffer.from(der).toString("base64")],
    })),
  });
}

/**
 * What vouches for all that a directory has certified: its roots that are to be trusted.
 * @param refreshHint - seconds
 */
export function bundleOfDirectory(pki: PkiDirectory, refreshHint: number): string {
  const trusted = trustedRoots(pki);
  // Grows when a root comes, and when one goes
  const sequence = 2 * pki.records.ofProfile("root").length - trusted.length;
  return bundleOf(
    trusted.map((entry) => pki.certificate(entry)),
    { sequence, refreshHint },
  );
}

/** Keys of algorithms that this Node does not know are written as draft-ietf-cose-dilithium has them, all alike. */
function jwkOf({ type, spki, key }: PublicKeyInfo): object {
  if (/^(ML|SLH)-DSA/.test(type)) {
    return { kty: "AKP", alg: type, pub: Buffer.from(key).toString("base64url") };
  }
  const pem = encodePem("PUBLIC KEY", spki);
  return createPublicKey(pem).export({ format: "jwk" });
}

/** Roots that one bundle holds, at most. */
const mostRoots = 64;

/** Keys for other uses are passed over (§4.2.2). @throws AuthorityError `damaged` */
export function parseBundle(text: string): TrustBundle {
  const fail = (reason: string): AuthorityError =>
    new AuthorityError("damaged", `this is not a bundle: ${reason}`);
  const {
    keys,
    spiffe_sequence: sequence,
    spiffe_refresh_hint: hint,
  } = readJson(text, schema, fail);
  const own = keys.filter(({ use }) => use === "x509-svid");
  if (own.length > mostRoots) throw fail(`${own.length} roots, where ${mostRoots} are read`);
  const roots = own.map(({ x5c = [] }, at) => {
    // §4.2.3: exactly one, which is the authority's
    if (x5c.length !== 1) throw fail(`key ${at} has ${x5c.length} certificates and not one`);
    return parseCertificate(new Uint8Array(Buffer.from(x5c[0]!, "base64")), `keys[${at}].x5c[0]`);
  });
  return {
    roots,
    ...(sequence === undefined ? {} : { sequence }),
    ...(hint === undefined ? {} : { refreshHint: hint }),
  };
}

const schema = z.looseObject({
  keys: z.array(
    z.looseObject({
      use: z.optional(z.string()),
      x5c: z.optional(z.array(z.string())),
    }),
  ),
  spiffe_sequence: z.optional(z.number()),
  spiffe_refresh_hint: z.optional(z.number()),
});
