import * as check from "../../registry/check.ts";
import { equal } from "../../wire/index.ts";
import { type Certificate, parseCertificate } from "../certificate/certificate.ts";
import { type OcspResponse, parseOcspResponse } from "../revocation/ocsp.ts";
import type { Signed } from "../certificate/signed.ts";

/** Bounds of a {@link CertificateCache}; the least recently used certificate leaves first. */
export interface CertificateCacheLimits {
  /** Certificates that are kept; the least recently used is dropped first. Default: 256. */
  readonly certificates?: number;
  /**
   * Bytes of the certificates that are kept, and of the responses stapled to them, in DER; in memory they
   * take up to eight times as much. Default: 2 MiB.
   */
  readonly bytes?: number;
}

interface Entry {
  readonly certificate: Certificate;
  /** The latest response that was stapled to it, and acceptable. */
  response: OcspResponse | undefined;
}

const cacheTable = {
  certificates: check.whole(),
  bytes: check.whole(),
} satisfies check.OptionTable<CertificateCacheLimits>;

/**
 * Remembers certificates that were part of a valid path, and signatures that were right, so that the next
 * handshake with the same peer has less to do. What nobody trusted is not kept: a peer cannot fill it.
 */
export class CertificateCache {
  /** The limits in force, defaults filled in. */
  readonly limits: Required<CertificateCacheLimits>;
  /** The least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #entryOf = new WeakMap<Certificate, Entry>();
  #bytes = 0;
  #latest: Certificate | undefined;
  readonly #verified = new WeakMap<Signed, WeakSet<Certificate>>();

  /** @throws TypeError or RangeError for limits that cannot be */
  constructor(limits: CertificateCacheLimits = {}) {
    check.checkOptions("CertificateCache", limits, cacheTable);
    const { certificates = 256, bytes = 2 ** 21 } = limits;
    this.limits = { certificates, bytes };
  }

  /** Certificates that are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes of what is kept, in DER. */
  get bytes(): number {
    return this.#bytes;
  }

  /** As {@link parseCertificate}; the bytes of a certificate that is kept give the same object. */
  parse(der: Uint8Array, where = "certificate"): Certificate {
    // The same peer again, as a rule
    if (this.#latest !== undefined && equal(this.#latest.der, der)) return this.#latest;
    const key = keyOf(der);
    const known = this.#entries.get(key);
    if (known === undefined || !equal(known.certificate.der, der)) {
      return parseCertificate(der, where);
    }
    this.#entries.delete(key);
    this.#entries.set(key, known);
    this.#latest = known.certificate;
    return known.certificate;
  }

  /** Keeps the certificates of a path that was found to be valid. */
  keep(path: readonly Certificate[]): void {
    for (const certificate of path) {
      if (this.#entryOf.has(certificate)) continue;
      const key = keyOf(certificate.der);
      this.#drop(key);
      const entry: Entry = { certificate, response: undefined };
      this.#entries.set(key, entry);
      this.#entryOf.set(certificate, entry);
      this.#grow(certificate.der.length);
    }
  }

  /** As {@link parseOcspResponse}, for the latest acceptable response of a leaf that is kept. */
  parseStapled(der: Uint8Array, leaf: Certificate): OcspResponse {
    const known = this.#entryOf.get(leaf)?.response;
    return known !== undefined && equal(known.der, der) ? known : parseOcspResponse(der);
  }

  /** Keeps an acceptable response, if its leaf is kept. */
  keepStapled(response: OcspResponse, leaf: Certificate): void {
    const entry = this.#entryOf.get(leaf);
    if (entry === undefined || entry.response === response) return;
    const before = entry.response?.der.length ?? 0;
    entry.response = response;
    this.#grow(response.der.length - before);
  }

  /** Whether this issuer's signature on the certificate, list or response was found to be right before. */
  isVerified(signed: Signed, issuer: Certificate): boolean {
    return this.#verified.get(signed)?.has(issuer) ?? false;
  }

  /** Notes that this issuer's signature on it is right. */
  setVerified(signed: Signed, issuer: Certificate): void {
    const issuers = this.#verified.get(signed) ?? new WeakSet();
    this.#verified.set(signed, issuers.add(issuer));
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    const { limits } = this;
    for (const key of this.#entries.keys()) {
      if (this.size <= limits.certificates && this.#bytes <= limits.bytes) return;
      this.#drop(key);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#entryOf.delete(entry.certificate);
    if (this.#latest === entry.certificate) this.#latest = undefined;
    this.#bytes -= entry.certificate.der.length + (entry.response?.der.length ?? 0);
  }
}

/**
 * The end of a certificate is its signature, so this is unique unless someone wills it otherwise; then the
 * comparison fails, and the newer one takes the place.
 */
const keyOf = (der: Uint8Array): string => String.fromCharCode(...der.subarray(-32));
