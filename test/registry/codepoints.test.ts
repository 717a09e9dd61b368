import { describe, expect, it } from "vitest";
import {
  CertificateCompressionAlgorithm,
  CertificateType,
  CipherSuite,
  ContentType,
  ExtensionType,
  HandshakeType,
  KeyUpdateRequest,
  NamedGroup,
  nameOf,
  ProtocolVersion,
  PskKeyExchangeMode,
  SignatureScheme,
} from "../../src/registry/index.ts";

const tables: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  CertificateCompressionAlgorithm,
  CertificateType,
  CipherSuite,
  ContentType,
  ExtensionType,
  HandshakeType,
  KeyUpdateRequest,
  NamedGroup,
  ProtocolVersion,
  PskKeyExchangeMode,
  SignatureScheme,
};

describe.each(Object.entries(tables))("%s", (_, table) => {
  it("has no number twice", () => {
    const numbers = Object.values(table);
    expect(numbers.length).toBeGreaterThan(0);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("names its numbers", () => {
    for (const [name, number] of Object.entries(table)) expect(nameOf(table, number)).toBe(name);
  });
});

describe("the numbers that interoperability hangs on", () => {
  // RFC 10024 §7, RFC 9846 §4.3.7, draft-ietf-tls-mlkem §7
  it.each([
    ["X25519MLKEM768", 4588],
    ["SecP256r1MLKEM768", 4587],
    ["SecP384r1MLKEM1024", 4589],
    ["MLKEM512X25519", 4586],
    ["SecP256r1MLKEM512", 4585],
    ["MLKEM512", 512],
    ["MLKEM768", 513],
    ["MLKEM1024", 514],
    ["x25519", 29],
    ["x448", 30],
    ["secp256r1", 23],
    ["secp384r1", 24],
    ["secp521r1", 25],
  ] as const)("NamedGroup %s is %d", (name, number) => {
    expect(NamedGroup[name]).toBe(number);
  });

  // draft-ietf-tls-mldsa
  it("SignatureScheme has ML-DSA at 0x0904 to 0x0906", () => {
    const { mldsa44, mldsa65, mldsa87 } = SignatureScheme;
    expect([mldsa44, mldsa65, mldsa87]).toEqual([0x0904, 0x0905, 0x0906]);
  });
});

describe("nameOf", () => {
  it("gives hexadecimal where there is no name", () => {
    expect(nameOf(NamedGroup, 0x6399)).toBe("0x6399");
    expect(nameOf(HandshakeType, 3, 2)).toBe("0x03");
  });
});
