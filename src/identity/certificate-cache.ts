import { equal } from "../wire/index.ts";
import { type Certificate, parseCertificate } from "./certificate.ts";
import { type OcspResponse, parseOcspResponse } from "./ocsp.ts";
import type { Signed } from "./signed.ts";

/** A bounded cache of certificates that were parsed, and of signatures on them that were verified. */
export class CertificateCache {
  readonly limit: number;
  #certificates = new Map<string, Certificate>();
  #latest: Certificate | undefined;
  #stapled = new WeakMap<Certificate, OcspResponse>();
  #verified = new WeakMap<Signed, WeakSet<Certificate>>();

  /** @param limit certificates kept; the least recently used is dropped first */
  constructor(limit = 256) {
    this.limit = limit;
  }

  get size(): number {
    return this.#certificates.size;
  }

  /** As {@link parseCertificate}; the same bytes give the same object. */
  parse(der: Uint8Array, where = "certificate"): Certificate {
    // The same peer again, as a rule
    if (this.#latest !== undefined && equal(this.#latest.der, der)) return this.#latest;
    // The end of a certificate is its signature, so this is unique unless someone wills it otherwise;
    // then the comparison fails, and the newer one takes the place.
    const key = String.fromCharCode(...der.subarray(-32));
    const known = this.#certificates.get(key);
    const certificate =
      known !== undefined && equal(known.der, der) ? known : parseCertificate(der, where);
    this.#certificates.delete(key);
    this.#certificates.set(key, certificate);
    if (this.#certificates.size > this.limit) {
      this.#certificates.delete(this.#certificates.keys().next().value ?? "");
    }
    this.#latest = certificate;
    return certificate;
  }

  /** As {@link parseOcspResponse}, for the latest response of a leaf. */
  parseStapled(der: Uint8Array, leaf: Certificate): OcspResponse {
    const known = this.#stapled.get(leaf);
    if (known !== undefined && equal(known.der, der)) return known;
    const response = parseOcspResponse(der);
    this.#stapled.set(leaf, response);
    return response;
  }

  /** Whether this issuer's signature on the certificate, list or response was found to be right before. */
  isVerified(signed: Signed, issuer: Certificate): boolean {
    return this.#verified.get(signed)?.has(issuer) ?? false;
  }

  setVerified(signed: Signed, issuer: Certificate): void {
    const issuers = this.#verified.get(signed) ?? new WeakSet();
    this.#verified.set(signed, issuers.add(issuer));
  }
}
