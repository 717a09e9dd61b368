import { describe, expect, it } from "vitest";
import { matchesName, parseReferenceName } from "../../../src/identity/index.ts";
import { parseIpAddress, printIpAddress } from "../../../src/identity/certificate/names.ts";
import { toHex } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { Pki } from "../pki.ts";

const pki = new Pki(providers[0]!.provider);
const root = pki.root("Root");
const presents = (names: { dns?: string[]; ip?: string[] }) =>
  pki.leaf("common.example", root, { names }).certificate;
const matches = (names: { dns?: string[]; ip?: string[] }, reference: string): boolean =>
  matchesName(presents(names), parseReferenceName(reference));

describe("host names (RFC 9525 §6.3)", () => {
  it.each([
    ["example.com", "example.com"],
    ["example.com", "EXAMPLE.com"],
    ["Example.COM", "example.com"],
    ["example.com", "example.com."],
    ["example.com.", "example.com"],
    ["localhost", "localhost"],
    ["*.example.com", "www.example.com"],
    ["*.example.com", "WWW.Example.com."],
    ["*.example.com", "xn--bcher-kva.example.com"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["_dmarc.example.com", "_dmarc.example.com"],
  ])("%s is valid for %s", (presented, reference) => {
    expect(matches({ dns: [presented] }, reference)).toBe(true);
  });

  it.each([
    ["example.com", "www.example.com"],
    ["www.example.com", "example.com"],
    ["*.example.com", "example.com"],
    ["*.example.com", "a.b.example.com"],
    ["*.*.example.com", "a.b.example.com"],
    ["w*.example.com", "www.example.com"],
    ["*w.example.com", "www.example.com"],
    ["xn--*.example.com", "xn--bcher-kva.example.com"],
    ["www.*.com", "www.example.com"],
    ["*", "localhost"],
    ["*.com", "example.com"],
    ["*.", "com"],
    ["example.com..", "example.com"],
    ["192.0.2.1", "192.0.2.1"],
    ["*.0.2.1", "192.0.2.1"],
  ])("%s is not valid for %s", (presented, reference) => {
    expect(matches({ dns: [presented] }, reference)).toBe(false);
  });

  it("never looks at the common name", () => {
    expect(matches({ dns: ["other.example"] }, "common.example")).toBe(false);
    const without = pki.ca("common.example", root).certificate;
    expect(matchesName(without, parseReferenceName("common.example"))).toBe(false);
  });

  it.each([
    "",
    ".",
    "a..b",
    "-a.example",
    "a-.example",
    "a b",
    "bücher.example",
    "a\0.example",
    "*.example.com",
    "1.2.3",
    "1.2.3.4.5",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(127)}ab`,
  ])("%j is no reference", (name) => {
    expect(() => parseReferenceName(name)).toThrow(
      /neither a host name in A-labels nor an IP address/,
    );
  });
});

describe("IP addresses (RFC 9525 §6.4)", () => {
  it.each([
    ["192.0.2.1", "c0000201"],
    ["::", "0".repeat(32)],
    ["::1", `${"0".repeat(31)}1`],
    ["1::", `0001${"0".repeat(28)}`],
    ["2001:db8::8:800:200c:417a", "20010db80000000000080800200c417a"],
    ["2001:DB8:0:0:8:800:200C:417A", "20010db80000000000080800200c417a"],
    ["::ffff:192.0.2.1", "00000000000000000000ffffc0000201"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221"],
  ])("reads %s", (text, hex) => {
    const address = parseIpAddress(text);
    expect(address && toHex(address)).toBe(hex);
    expect(address && parseIpAddress(printIpAddress(address))).toEqual(address);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "0x1.2.3.4",
    "1.2.3.4 ",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "12345::",
    "g::",
    "::1%eth0",
    "::1.2.3",
    "1.2.3.4::",
    "fe80::1/64",
  ])("refuses %j", (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });

  it("matches iPAddress and nothing else", () => {
    expect(matches({ ip: ["192.0.2.1"] }, "192.0.2.1")).toBe(true);
    expect(matches({ ip: ["2001:db8::1"] }, "[2001:0db8:0::0:1]")).toBe(true);
    expect(matches({ ip: ["192.0.2.1"] }, "192.0.2.2")).toBe(false);
    expect(matches({ ip: ["::ffff:192.0.2.1"] }, "192.0.2.1")).toBe(false);
  });
});
