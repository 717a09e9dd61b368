/** What certificates and lists cost, counted: more of them costs in proportion. */
import { expect, it } from "vitest";
import { constructed, Tag } from "../../src/identity/der/der-tags.ts";
import {
  bitString,
  der,
  enumerated,
  octetString,
  oid,
  sequence,
  time,
  unsigned,
} from "../../src/identity/der/der-writer.ts";
import { type Certificate, parseCertificate, parseCrl } from "../../src/identity/index.ts";
import { PolicyState } from "../../src/identity/path/policy.ts";
import { utf8 } from "../../src/wire/index.ts";
import { expectProportion, workOf } from "../support/work.ts";
import { worstCertificates } from "../support/worst-certificates.ts";
import { now } from "./pki.ts";

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const nameOf = (index: number): Uint8Array =>
  sequence(der(Tag.set, sequence(oid("2.5.4.3"), der(Tag.utf8String, utf8(`CA ${index}`)))));

it.each(Object.entries(worstCertificates))(
  "a certificate with %s is read in proportion",
  (_, make) => {
    // The limits on policies are 256
    expectProportion((size) => {
      const bytes = make(size);
      return workOf(() => void parseCertificate(bytes));
    }, 60);
  },
);

// RFC 9618
it("policies that each certificate names are followed in proportion", () => {
  const policies = times(256, (index) => `1.2.${index}`);
  expectProportion((size) => {
    const certificate = { policies: policies.slice(0, size) } as unknown as Certificate;
    return workOf(() => {
      const state = new PolicyState(3);
      for (const _ of [1, 2, 3]) {
        state.process(certificate, false, "path");
        state.prepareNext(certificate, false, "path");
      }
      expect(state.wrapUp(certificate, "path")).toHaveLength(size);
    });
  }, 60);
});

/** RFC 5280 §5.3.3: an entry that names so many issuers, and as many entries after it. */
function indirectList(size: number): Uint8Array {
  const entry = (index: number, ...extensions: Uint8Array[]): Uint8Array =>
    sequence(unsigned(index + 1), time(now), ...extensions);
  const issuers = sequence(...times(size, (index) => der(constructed(4), nameOf(index))));
  const extensions = sequence(
    sequence(oid("2.5.29.29"), octetString(issuers)),
    sequence(oid("2.5.29.21"), octetString(enumerated(1))),
  );
  const algorithm = sequence(oid("1.3.101.112"));
  return sequence(
    sequence(
      unsigned(1),
      algorithm,
      nameOf(0),
      time(now),
      time(now + 1000),
      sequence(entry(0, extensions), ...times(size, (index) => entry(index + 1))),
    ),
    algorithm,
    bitString(new Uint8Array(64)),
  );
}

it("an indirect list is read in proportion, and tells of each issuer's certificates", () => {
  expectProportion((size) => {
    const bytes = indirectList(size);
    return workOf(() => void parseCrl(bytes));
  }, 100);
  const list = parseCrl(indirectList(3));
  const named = (index: number) => ({
    key: parseCrl(indirectList(1)).issuer.key.replace("0", `${index}`),
  });
  const find = (index: number, serial: number) =>
    list.find(named(index) as typeof list.issuer, Uint8Array.of(serial));
  expect([find(0, 1), find(2, 1), find(2, 4), find(3, 1), find(2, 5)]).toEqual([
    "keyCompromise",
    "keyCompromise",
    "unspecified",
    undefined,
    undefined,
  ]);
});
