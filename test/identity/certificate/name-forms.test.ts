import { describe, expect, it } from "vitest";
import {
  addressForms,
  hostForm,
  mailboxForm,
  presentedHost,
  uriForm,
  uriHost,
} from "../../../src/identity/certificate/name-forms.ts";
import { parseIpAddress } from "../../../src/identity/certificate/names.ts";

describe("one normal form for each kind of name", () => {
  it.each<[string, string | undefined]>([
    ["WWW.Example.COM.", "www.example.com"],
    ["_srv.example", "_srv.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["example..", undefined],
    [".example", undefined],
    [".", undefined],
    ["", undefined],
    ["*.example", undefined],
    ["-a.example", undefined],
    ["a-.example", undefined],
    ["bücher.example", undefined],
    ["a b", undefined],
    ["1.2.3.4", undefined],
    [`${"a".repeat(63)}.example`, `${"a".repeat(63)}.example`],
    [`${"a".repeat(64)}.example`, undefined],
    [`${"a.".repeat(126)}b.`, `${"a.".repeat(126)}b`],
    [`${"a.".repeat(127)}b`, undefined],
  ])("the host %j is %j", (text, form) => {
    expect(hostForm(text)).toBe(form);
  });

  it("a dNSName may begin with a star", () => {
    expect(presentedHost("*.Example.")).toEqual({ host: "example", isWildcard: true });
    expect(presentedHost("a.example")).toEqual({ host: "a.example", isWildcard: false });
    expect(presentedHost("*.*.example")).toBeUndefined();
    expect(presentedHost("*")).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ["Ann@Example.COM.", "Ann", "example.com"],
    ['"Ann"@example.com', "Ann", "example.com"],
    ['"a\\"b"@example.com', 'a"b', "example.com"],
    ['"a@b"@example.com', "a@b", "example.com"],
    ["a.b+c@example.com", "a.b+c", "example.com"],
  ])("the mailbox %s", (text, local, host) => {
    expect(mailboxForm(text)).toEqual({ local, host });
  });

  it.each([
    "ann",
    "@example.com",
    "ann@",
    "a@b@example.com",
    ".a@example.com",
    "a..b@example.com",
    '"a@example.com',
    'a"b@example.com',
    "ann@[192.0.2.1]",
    "<ann@example.com>",
    "a b@example.com",
    "ann@exa mple",
  ])("%j is no mailbox", (text) => {
    expect(mailboxForm(text)).toBeUndefined();
  });

  it.each<[string, string]>([
    ["https://Example.com", "example.com"],
    ["https://u:p@example.com:443/x@y?z#f", "example.com"],
    ["spiffe://td.example/workload", "td.example"],
    ["https://ex%61mple%2ECOM./", "example.com"],
    ["https://example.com?x", "example.com"],
    ["https://example.com:/", "example.com"],
  ])("the host of %s", (text, host) => {
    expect(uriHost(text)).toBe(host);
  });

  it.each([
    "urn:isbn:0",
    "https:///x",
    "//example.com/",
    "https://192.0.2.1/",
    "https://[2001:db8::1]/",
    "https://a@b@example.com/",
    "https://evil.test\\@example.com/",
    "https://example.com\\x",
    "https://example.com%2fx/",
    "https://example.com%",
    "https://example.com:80x/",
    "https://exa mple.com/",
  ])("%j names no host", (text) => {
    expect(uriHost(text)).toBeUndefined();
  });

  it("URIs are the same in any case of scheme and host (RFC 5280 §7.4)", () => {
    expect(uriForm("HTTP://U@LISTS.Example.:80/A?b")).toBe("http://U@lists.example:80/A?b");
    expect(uriForm("http://lists.example/a")).not.toBe(uriForm("http://lists.example/A"));
    expect(uriForm("urn:X")).toBe("urn:X");
  });

  it("an IPv4 address within IPv6 is both", () => {
    const count = (text: string) => addressForms(parseIpAddress(text)!).length;
    expect(["::ffff:1.2.3.4", "1.2.3.4", "::1:ffff:1.2.3.4", "::fffe:1.2.3.4"].map(count)).toEqual([
      2, 1, 1, 1,
    ]);
    expect(addressForms(parseIpAddress("::ffff:1.2.3.4")!)[1]).toEqual(Uint8Array.of(1, 2, 3, 4));
  });
});
