/** What a certificate keeps in memory, whatever its fields hold: a small multiple of its bytes. */
import { describe, expect, it } from "vitest";
import { identityLimits } from "../../src/identity/der/limits.ts";
import { type Certificate, parseCertificate } from "../../src/identity/index.ts";
import { expectSmall, retainedBy } from "../support/heap.ts";
import { ordinaryCertificate, worstCertificates } from "../support/worst-certificates.ts";

/** Every field is asked for once, as path validation and its messages do. */
function used(der: Uint8Array): Certificate {
  const certificate = parseCertificate(der);
  for (const { text, key } of [certificate.subject, certificate.issuer]) void [text, key];
  for (const field of Object.keys(certificate)) void certificate[field as keyof Certificate];
  return certificate;
}

const count = identityLimits.items;
/** More of those that are small, so that what else happens on the heap counts little. */
const many = (size: number): number => Math.max(40, Math.min(400, Math.round(1e6 / size)));
const ordinary = ordinaryCertificate();
/** The lesser of two, since code that is compiled counts too. */
const base = Math.min(...[1, 2].map(() => retainedBy(() => used(ordinary), 200)));

describe.each(Object.entries(worstCertificates))("a certificate with %s", (what, make) => {
  it("keeps a small multiple of its bytes", () => {
    const der = make(count);
    const retained = retainedBy(() => used(der), many(der.length)) - base;
    const wire = der.length - ordinary.length;
    expectSmall(what, wire, retained);
  });
});

it("an ordinary certificate keeps little more", () => {
  expect(base).toBeLessThan(4096);
});
