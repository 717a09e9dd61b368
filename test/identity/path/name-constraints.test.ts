import { describe, expect, it } from "vitest";
import {
  createTrustStore,
  type NameAttributes,
  type RawExtension,
  type SubjectNames,
  verifyChain,
} from "../../../src/identity/index.ts";
import { constructed, primitive, Tag } from "../../../src/identity/der/der-tags.ts";
import { ascii, der, oid, sequence } from "../../../src/identity/der/der-writer.ts";
import { encodeName } from "../../../src/identity/certificate/distinguished-name.ts";
import { ExtensionOid } from "../../../src/identity/der/oids.ts";
import { fromHex, utf8 } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { certificates, type Entity, errorOf, now, Pki } from "../pki.ts";

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

  it.each([
    // One normal form: case and the dot at the end say nothing
    ["www.bank.example.", "bank.example"],
    ["WWW.Bank.Example", "bank.example"],
    ["www.bank.example", "bank.example."],
    ["www.bank.example", "BANK.example"],
    ["*.bank.example.", "bank.example"],
    ["*.example.", "bank.example"],
  ])("excluded dNSName, in other forms: %s is not allowed below %s", (name, base) => {
    expect(allows({ excluded: [dns(base)] }, { dns: [name] })).toBe(false);
    expect(allows({ excluded: [dns(base)] }, { dns: ["www.bank.test"] })).toBe(true);
  });

  it("a wildcard stands for one label: what lies deeper is not touched", () => {
    const below = { excluded: [dns(".a.example.com")] };
    expect(allows(below, { dns: ["*.example.com"] })).toBe(true);
    expect(allows(below, { dns: ["*.a.example.com"] })).toBe(false);
    expect(allows({ excluded: [dns("")] }, { dns: ["*.example.com"] })).toBe(false);
    expect(allows({ permitted: [dns("")] }, { dns: ["*.example.com"] })).toBe(true);
    expect(allows({ permitted: [dns(".example.com")] }, { dns: ["*.example.com"] })).toBe(true);
  });

  it.each<[string, Uint8Array, SubjectNames]>([
    ["a dNSName with a star", dns("*.example.com"), { dns: ["a.test"] }],
    ["a dNSName with an empty label", dns("a..example"), { dns: ["a.test"] }],
    ["a dNSName that is an address", dns("192.0.2.1"), { dns: ["a.test"] }],
    ["a mailbox without a local part", email("@example.com"), { email: ["a@b.test"] }],
    ["a mail host that is none", email("exa mple"), { email: ["a@b.test"] }],
    ["a URI in place of a host", uri("https://example.com"), { uri: ["https://b.test/"] }],
    ["an address in place of a URI's host", uri("192.0.2.1"), { uri: ["https://b.test/"] }],
    ["a mask with a hole", ip("c0000200ff00ff00"), { ip: ["198.51.100.1"] }],
  ])("a constraint that cannot be understood refuses: %s", (_, base, names) => {
    expect(allows({ excluded: [base] }, names)).toBe(false);
    expect(allows({ permitted: [base] }, names)).toBe(false);
    // It says nothing of names of other forms.
    const other = names.dns === undefined ? { dns: ["a.test"] } : { email: ["a@b.test"] };
    expect(allows({ excluded: [base] }, other)).toBe(true);
  });

  it.each<[string, (base: string) => Uint8Array, SubjectNames]>([
    ["a partial wildcard", dns, { dns: ["w*.example.com"] }],
    ["two stars", dns, { dns: ["*.*.example.com"] }],
    ["an address as a dNSName", dns, { dns: ["192.0.2.1"] }],
    ["an empty label", dns, { dns: ["a..example.com"] }],
    ["an e-mail address without a host", email, { email: ["ann"] }],
    ["an e-mail address with two", email, { email: ["ann@evil.test@example.com"] }],
    ["a display name", email, { email: ["<ann@example.com>"] }],
    ["an address literal", email, { email: ["ann@[192.0.2.1]"] }],
    ["a URI without a host", uri, { uri: ["urn:isbn:0"] }],
    ["a URI with an address", uri, { uri: ["https://192.0.2.1/"] }],
    ["a URI with two hosts", uri, { uri: ["https://evil.test\\@example.com/"] }],
    ["a URI with an @ too many", uri, { uri: ["https://a@b@example.com/"] }],
    ["a URI whose host decodes to none", uri, { uri: ["https://example.com%2fevil.test/"] }],
  ])("what is no name refuses where its form is constrained: %s", (_, base, names) => {
    expect(allows({ permitted: [base("example.com")] }, names)).toBe(false);
    expect(allows({ excluded: [base("other.test")] }, names)).toBe(false);
    const free = base === dns ? email : dns;
    expect(allows({ excluded: [free("other.test")] }, names)).toBe(true);
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
    // RFC 4291 §2.5.5.2: a connection to it reaches the IPv4 host.
    const mapped = { ip: ["::ffff:192.0.2.77"] };
    expect(allows({ excluded: net }, mapped)).toBe(false);
    expect(allows({ permitted: net }, mapped)).toBe(false);
    expect(allows({ excluded: net }, { ip: ["::ffff:192.0.3.77"] })).toBe(true);
    expect(allows({ excluded: net }, { ip: ["::fffe:192.0.2.77"] })).toBe(true);
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
    expect(allows({ excluded: [email("mail.example.com.")] }, name)).toBe(false);
    expect(allows({ permitted: [email('"Ann"@mail.example.com')] }, name)).toBe(true);
    expect(allows({ permitted: [email("Ben@mail.example.com")] }, name)).toBe(false);
    expect(allows({ permitted: [email("")] }, name)).toBe(true);
    // Most hosts deliver to her in either case.
    expect(allows({ excluded: [email("ann@mail.example.com")] }, name)).toBe(false);
    expect(allows({ excluded: [email("ben@mail.example.com")] }, name)).toBe(true);
    expect(allows({ excluded: [email("ann@example.com")] }, name)).toBe(true);
  });

  it("a mailbox in UTF-8 is not allowed where mailboxes are limited (RFC 9598 §6)", () => {
    const chainWith = (id: string, subtrees: Subtrees): Entity[] => {
      const ca = constrained(subtrees);
      const value = der(constructed(0), der(Tag.utf8String, utf8("ä@b.test")));
      const san = sequence(der(constructed(0), oid(id), value));
      const extensions = [{ oid: ExtensionOid.subjectAltName, critical: false, value: san }];
      return [pki.leaf("unused", ca, { names: {}, extensions }), ca];
    };
    const mailboxes = { excluded: [email("a.test")] };
    expect(isValid(chainWith("1.3.6.1.5.5.7.8.9", mailboxes))).toBe(false);
    expect(isValid(chainWith("1.3.6.1.5.5.7.8.9", { excluded: [dns("a.test")] }))).toBe(true);
    expect(isValid(chainWith("1.3.6.1.5.5.7.8.7", mailboxes))).toBe(true);
  });

  it("emailAddress of the subject counts, whether there is a subjectAltName or not", () => {
    const ca = constrained({ permitted: [email("example.com")] });
    for (const names of [{}, { dns: ["a.example"] }]) {
      const own = (emailAddress: string): Entity =>
        pki.leaf("unused", ca, { subject: { CN: "Ann", emailAddress }, names });
      expect(isValid([own("ann@example.com"), ca])).toBe(true);
      expect(isValid([own("ann@example.org"), ca])).toBe(false);
      expect(isValid([own("ann"), ca])).toBe(false);
    }
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
    expect(allows({ excluded: [uri("example.com")] }, at("HTTPS://Example%2Ecom./"))).toBe(false);
    expect(allows({ excluded: [uri("example.com")] }, at("https://ex%61mple.com:443"))).toBe(false);
    expect(allows({ permitted: [uri("")] }, at("https://ex%61mple.com:443"))).toBe(true);
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
    // The same organisation in another type of string, with case, spaces and what is not seen
    const rdn = (id: string, tag: number, value: Uint8Array) =>
      der(Tag.set, sequence(oid(id), der(tag, value)));
    const country = rdn("2.5.4.6", Tag.printableString, ascii("DE"));
    for (const [tag, value] of [
      [Tag.teletexString, ascii("Example")],
      [Tag.bmpString, fromHex("004500780061006d0070006c0065")],
      [Tag.utf8String, utf8(" exa\u00admple\u2003")],
    ] as const) {
      const name = der(constructed(4), sequence(country, rdn("2.5.4.10", tag, value)));
      expect(allows({ excluded: [name] }, names, below)).toBe(false);
      expect(allows({ permitted: [name] }, names, below)).toBe(true);
      expect(allows({ permitted: [name] }, names, other)).toBe(false);
    }
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
