/**
 * pq_cert_available (draft-sheffer-tls-pqc-continuity-02 §3.3): a server's promise to go on showing post-quantum
 * certificates. Experimental: its number is not assigned, so each configuration names one, and it stands outside of the
 * table of extensions.
 */
import { TlsError } from "../registry/index.ts";
import { Reader } from "../wire/index.ts";
import { illegal } from "./illegal.ts";
import { numericKey } from "./table.ts";

/** Where nobody chooses another: of the range for private use (RFC 9847 §8). */
export const defaultContinuityType = 0xff5a;

export const continuitySection = "draft-sheffer-tls-pqc-continuity-02";

type Block = Readonly<Record<string, unknown>>;

/** Under which it stands in a block of extensions. */
export const continuityKey = (type: number): `0x${string}` => numericKey(type);

/** A server: what a client says is empty. */
export function isContinuityOffered(block: Block, type: number): boolean {
  const data = block[continuityKey(type)] as Uint8Array | undefined;
  if (data === undefined) return false;
  if (data.length === 0) return true;
  throw malformed("client_hello.extensions", type, "no data", data.length);
}

/** Seconds, as a server says them beside its leaf; `undefined`: it promises nothing. */
export function readPromise(
  entries: readonly { readonly extensions: Block }[],
  type: number,
): number | undefined {
  const key = continuityKey(type);
  const stray = entries.findIndex(({ extensions }, at) => at > 0 && key in extensions);
  if (stray > 0) {
    const where = `certificate.certificateList[${stray}].extensions.${key}`;
    throw illegal(
      "pq_cert_available beside another than the leaf",
      where,
      `${continuitySection} §3.3`,
    );
  }
  const data = entries[0]?.extensions[key] as Uint8Array | undefined;
  if (data === undefined || data.length === 0) return undefined;
  if (data.length === 4) return new Reader(data).uint(4);
  throw malformed("certificate.certificateList[0].extensions", type, "0 or 4 bytes", data.length);
}

/** Its data beside a leaf: the promise, where the chain can keep it. */
export function promiseOf(period: number, isPostQuantum: boolean): Uint8Array {
  if (!isPostQuantum) return new Uint8Array(0);
  return Uint8Array.of(period >>> 24, (period >>> 16) & 0xff, (period >>> 8) & 0xff, period & 0xff);
}

const malformed = (where: string, type: number, expected: string, length: number): TlsError =>
  new TlsError("malformed", "pq_cert_available has the wrong length", {
    expected,
    received: `${length} bytes`,
    where: `${where}.${continuityKey(type)}`,
    section: `${continuitySection} §3.3`,
  });
