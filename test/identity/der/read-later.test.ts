import { expect, it } from "vitest";
import { parseCertificate } from "../../../src/identity/index.ts";
import { readLater } from "../../../src/identity/der/read-later.ts";
import { leastCertificate, ordinaryCertificate } from "../../support/worst-certificates.ts";

const counted = () => {
  let reads = 0;
  const value = readLater(() => ({ number: ++reads, list: [1, 2] }), new Uint8Array(0), "");
  return { value, reads: () => reads };
};

it("is read when somebody looks, once", () => {
  for (const look of [
    (value: object) => Object.keys(value),
    (value: object) => "number" in value,
    (value: object) => ({ ...value }),
    (value: object) => JSON.stringify(value),
    (value: object) => Object.getOwnPropertyDescriptor(value, "number"),
  ]) {
    const { value, reads } = counted();
    expect(reads()).toBe(0);
    look(value);
    look(value);
    expect(value.number).toBe(1);
    expect(reads()).toBe(1);
  }
});

it("is what was read, to everybody", () => {
  const { value } = counted();
  expect({ ...value }).toEqual({ number: 1, list: [1, 2] });
  expect(Object.keys(value)).toEqual(["number", "list"]);
  expect("list" in value).toBe(true);
  expect("other" in value).toBe(false);
  expect(JSON.stringify(value)).toBe('{"number":1,"list":[1,2]}');
  expect(value).toEqual({ number: 1, list: [1, 2] });
});

it("cannot be changed", () => {
  const { value } = counted();
  expect(() => (value.number = 5)).toThrow(TypeError);
  expect(() => delete (value as { number?: number }).number).toThrow(TypeError);
  expect(() => Object.defineProperty(value, "more", { value: 1 })).toThrow(TypeError);
  expect(value.number).toBe(1);
});

it("is a certificate like any other, however small", () => {
  for (const der of [leastCertificate(), ordinaryCertificate()]) {
    const certificate = parseCertificate(der, "certificate[3]");
    expect(certificate.der).toEqual(der);
    expect(certificate.version).toBe(3);
    expect(certificate.extensions).toEqual([]);
    expect(certificate.subjectAltNames).toBeUndefined();
    const copy = { ...parseCertificate(ordinaryCertificate()) };
    expect(copy.publicKey.type).toBe("ed25519");
  }
  // Checked when it comes, and a fault that is found later says where
  expect(() => parseCertificate(leastCertificate().subarray(1))).toThrow(/malformed/);
  expect(() => parseCertificate(leastCertificate(), "certificate[3]").publicKey).toThrow(
    /certificate\[3\]\.subjectPublicKeyInfo/,
  );
});
