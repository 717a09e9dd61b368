import { describe, expect, it } from "vitest";
import {
  createTrustStore,
  type NameAttributes,
  type RawExtension,
  type SubjectNames,
  verifyChain,
} from "../../src/identity/index.ts";
import { constructed, primitive } from "../../src/identity/der-tags.ts";
import { ascii, der, sequence } from "../../src/identity/der-writer.ts";
import { encodeName } from "../../src/identity/distinguished-name.ts";
import { ExtensionOid } from "../../src/identity/oids.ts";
import { fromHex } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { certificates, type Entity, errorOf, now, Pki } from "./pki.ts";

const { provider } = providers[0]!;
const pki = new Pki(provider);
const root = pki.root("Root");
const trust = createTrustStore(certificates(root));

const dns = (base: string) => der(primitive(2), ascii(base));
const email = (base: string) => der(primitive(1), ascii(base));
const uri = (base: string) => der(primitive(6), ascii(base));
const ip = (hex: string) => der(primitive(7), fromHex(hex));
const directory = (name: NameAttributes) => der(constructed(4), encodeName(name));

interface Subtrees {
  readonly permitted?: readonly Uint8Array[];
  readonly excluded?: readonly Uint8Array[];
}

function constraints({ permitted, excluded }: Subtrees): RawExtension {
  const list = (tag: number, bases: readonly Uint8Array[] | undefined): Uint8Array =>
    bases === undefined
      ? new Uint8Array()
      : der(constructed(tag), ...bases.map((base) => sequence(base)));
  return {
    oid: ExtensionOid.nameConstraints,
    critical: true,
    value: sequence(list(0, permitted), list(1, excluded)),
  };
}

const constrained = (subtrees: Subtrees, issuer: Entity = root): Entity =>
  pki.ca("Constrained", issuer, { extensions: [constraints(subtrees)] });

/** Whether a CA with these constraints may issue a certificate with these names. */
function allows(subtrees: Subtrees, names: SubjectNames, subject: NameAttributes = {}): boolean {
  const ca = constrained(subtrees);
  const leaf = pki.leaf("unused", ca, { names, subject });
  return isValid([leaf, ca]);
}

function isValid(chain: readonly Entity[]): boolean {
  try {
    verifyChain({ chain: certificates(...chain), trust, usage: "client", now, provider });
    return true;
  } catch (error) {
    expect(error).toMatchObject({
      code: "bad_certificate",
      message: expect.stringContaining("RFC 5280 §4.2.1.10"),
    });
    return false;
  }
}

describe("name constraints (RFC 5280 §4.2.1.10)", () => {
  it.each([
    ["example.com", "example.com", true],
    ["example.com", "EXAMPLE.com", true],
    ["example.com", "a.b.example.com", true],
    ["example.com", "badexample.com", false],
    ["example.com", "com", false],
    [".example.com", "a.example.com", true],
    [".example.com", "example.com", false],
    ["example.com", "*.example.com", true],
    ["a.example.com", "*.example.com", false],
  ])("permitted dNSName %s: %s is %s", (base, name, permitted) => {
    expect(allows({ permitted: [dns(base)] }, { dns: [name] })).toBe(permitted);
  });

  it.each([
    ["example.com", "www.example.com", false],
    ["example.com", "example.org", true],
    // One of the names that the wildcard stands for is excluded.
    ["a.example.com", "*.example.com", false],
    ["a.b.example.com", "*.example.com", true],
    ["www.example.com", "example.com", true],
  ])("excluded dNSName %s: %s is %s", (base, name, permitted) => {
    expect(allows({ excluded: [dns(base)] }, { dns: [name] })).toBe(permitted);
  });

  it("all names must be permitted, and a form without constraints is free", () => {
    const permitted = [dns("a.example"), dns("b.example")];
    expect(allows({ permitted }, { dns: ["x.a.example", "b.example"] })).toBe(true);
    expect(allows({ permitted }, { dns: ["a.example", "c.example"] })).toBe(false);
    expect(allows({ permitted }, { ip: ["192.0.2.1"] })).toBe(true);
    expect(allows({ permitted, excluded: [dns("x.a.example")] }, { dns: ["x.a.example"] })).toBe(
      false,
    );
  });

  it("iPAddress: address and mask of one family", () => {
    const net = [ip("c0000200ffffff00")];
    expect(allows({ permitted: net }, { ip: ["192.0.2.77"] })).toBe(true);
    expect(allows({ permitted: net }, { ip: ["192.0.3.77"] })).toBe(false);
    expect(allows({ permitted: net }, { ip: ["2001:db8::1"] })).toBe(false);
    expect(allows({ excluded: net }, { ip: ["192.0.2.77"] })).toBe(false);
    expect(allows({ excluded: net }, { ip: ["2001:db8::1"] })).toBe(true);
    const six = [ip(`20010db8${"00".repeat(12)}ffffffff${"00".repeat(12)}`)];
    expect(allows({ permitted: six }, { ip: ["2001:db8:1::1"] })).toBe(true);
    expect(allows({ permitted: six }, { ip: ["2001:db9::1"] })).toBe(false);
  });

  it("rfc822Name: a mailbox, a host, or all hosts of a domain", () => {
    const name = { email: ["Ann@Mail.example.com"] };
    expect(allows({ permitted: [email("Ann@mail.example.com")] }, name)).toBe(true);
    expect(allows({ permitted: [email("ann@mail.example.com")] }, name)).toBe(false);
    expect(allows({ permitted: [email("mail.example.com")] }, name)).toBe(true);
    expect(allows({ permitted: [email("example.com")] }, name)).toBe(false);
    expect(allows({ permitted: [email(".example.com")] }, name)).toBe(true);
    expect(allows({ permitted: [email(".mail.example.com")] }, name)).toBe(false);
    expect(allows({ excluded: [email("mail.example.com")] }, name)).toBe(false);
  });

  it("emailAddress of the subject counts if there is no subjectAltName", () => {
    const ca = constrained({ permitted: [email("example.com")] });
    const own = (emailAddress: string): Entity =>
      pki.ca("unused", ca, {
        subject: { CN: "Ann", emailAddress },
        keyUsage: ["digitalSignature"],
      });
    expect(isValid([own("ann@example.com"), ca])).toBe(true);
    expect(isValid([own("ann@example.org"), ca])).toBe(false);
  });

  it("URI: the host alone", () => {
    const at = (name: string) => ({ uri: [name] });
    expect(allows({ permitted: [uri("example.com")] }, at("https://u@example.com:443/x?y"))).toBe(
      true,
    );
    expect(allows({ permitted: [uri("example.com")] }, at("https://www.example.com/"))).toBe(false);
    expect(allows({ permitted: [uri(".example.com")] }, at("spiffe://www.example.com/x"))).toBe(
      true,
    );
    expect(allows({ permitted: [uri(".example.com")] }, at("https://example.com/"))).toBe(false);
    expect(allows({ permitted: [uri("example.com")] }, at("https://evil.test/@example.com"))).toBe(
      false,
    );
    expect(allows({ excluded: [uri("example.com")] }, at("https://example.com"))).toBe(false);
    // No host to compare: rejected under any constraint, free without one.
    expect(allows({ excluded: [uri("example.com")] }, at("urn:isbn:0"))).toBe(false);
    expect(allows({ excluded: [uri("example.com")] }, at("https://192.0.2.1/"))).toBe(false);
    expect(allows({ excluded: [dns("example.com")] }, at("urn:isbn:0"))).toBe(true);
  });

  it("directoryName: the subject and what lies below", () => {
    const base = [directory({ C: "DE", O: "Example" })];
    const below = { C: "DE", O: "EXAMPLE", CN: "a" };
    const other = { C: "DE", O: "Other", CN: "a" };
    const names = { dns: ["a.example"] };
    expect(allows({ permitted: base }, names, below)).toBe(true);
    expect(allows({ permitted: base }, names, other)).toBe(false);
    expect(allows({ permitted: base }, names, {})).toBe(true);
    expect(allows({ excluded: base }, names, below)).toBe(false);
    expect(allows({ excluded: base }, names, other)).toBe(true);
  });

  it("a form that cannot be checked rejects names of that form only", () => {
    const registered = der(primitive(8), fromHex("2a03"));
    const san: RawExtension = {
      oid: ExtensionOid.subjectAltName,
      critical: false,
      value: sequence(registered),
    };
    const ca = constrained({ excluded: [registered] });
    expect(isValid([pki.ca("unused", ca, { extensions: [san] }), ca])).toBe(false);
    expect(isValid([pki.leaf("a.example", ca), ca])).toBe(true);
  });

  it("every CA's constraints hold: no one below widens them", () => {
    const outer = constrained({ permitted: [dns("example.com")] });
    const inner = constrained({ permitted: [dns("example.org"), dns("a.example.com")] }, outer);
    const issue = (name: string) => [pki.leaf(name, inner), inner, outer];
    expect(isValid(issue("x.a.example.com"))).toBe(true);
    expect(isValid(issue("example.com"))).toBe(false);
    expect(isValid(issue("example.org"))).toBe(false);
  });

  it("self-issued CAs are exempt, the last certificate is not (§6.1.3 (b))", () => {
    const ca = pki.ca("Self", root, {
      extensions: [constraints({ permitted: [directory({ O: "Other" })] })],
    });
    const rollover = pki.ca("Self", ca);
    const allowed = pki.leaf("a.example", rollover, { subject: { O: "Other", CN: "a" } });
    expect(isValid([allowed, rollover, ca])).toBe(true);
    expect(isValid([rollover, ca])).toBe(false);
  });

  it("an anchor's constraints hold", () => {
    const anchor = pki.root("Anchor", {
      extensions: [constraints({ permitted: [dns("example.com")] })],
    });
    const verify = (name: string) =>
      verifyChain({
        chain: certificates(pki.leaf(name, anchor)),
        trust: createTrustStore(certificates(anchor)),
        usage: "server",
        now,
        provider,
      });
    expect(verify("a.example.com").path).toHaveLength(2);
    expect(errorOf(() => verify("a.example.org"))).toMatchObject({ code: "bad_certificate" });
  });

  it("does not compare without end", () => {
    const permitted = Array.from({ length: 600 }, (_, at) => dns(`${at}.example`));
    const names = Array.from({ length: 600 }, (_, at) => `${at}.example`);
    expect(allows({ permitted }, { dns: names.slice(0, 100) })).toBe(true);
    expect(allows({ permitted }, { dns: names })).toBe(false);
  });

  it("refuses malformed subtrees", () => {
    const malformed = (value: Uint8Array): RawExtension => ({
      oid: ExtensionOid.nameConstraints,
      critical: true,
      value,
    });
    const base = dns("example.com");
    for (const value of [
      sequence(),
      sequence(der(constructed(0))),
      sequence(der(constructed(0), sequence(base, der(primitive(0), Uint8Array.of(1))))),
      sequence(der(constructed(0), sequence(base, der(primitive(1), Uint8Array.of(1))))),
      sequence(der(constructed(0), sequence(ip("c0000200")))),
    ]) {
      expect(errorOf(() => pki.ca("x", root, { extensions: [malformed(value)] }))).toMatchObject({
        code: "bad_certificate",
        message: expect.stringContaining("nameConstraints"),
      });
    }
  });
});
