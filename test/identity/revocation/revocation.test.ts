import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Crl,
  createDevelopmentCa,
  createTrustStore,
  encodePem,
  parseCrl,
  parseCrls,
  type RawExtension,
  type RevocationOptions,
  verifyChain,
} from "../../../src/identity/index.ts";
import {
  encodeSignatureAlgorithm,
  usualSignatureOf,
} from "../../../src/identity/keys/algorithm.ts";
import { constructed, primitive, Tag } from "../../../src/identity/der/der-tags.ts";
import {
  bitString,
  boolean,
  der,
  octetString,
  oid,
  sequence,
  time,
  unsigned,
} from "../../../src/identity/der/der-writer.ts";
import { ExtensionOid } from "../../../src/identity/der/oids.ts";
import { fromHex } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { certificates, day, type Entity, errorOf, now, Pki } from "../pki.ts";

/** What NIST's suite (`pkits.test.ts`) does not ask; the rules themselves are held there. */
const { provider } = providers[0]!;
const pki = new Pki(provider);
const root = pki.root("Root");
const trust = createTrustStore(certificates(root));

interface CrlParts {
  readonly revoked?: readonly Entity[];
  /** The reason of all entries. */
  readonly reason?: number;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number;
  readonly version?: Uint8Array;
  /** That of the list, unless its extensions are given. Default: 1. */
  readonly number?: number;
  readonly extensions?: readonly RawExtension[];
}

const none: Uint8Array = new Uint8Array();
const extensionList = (extensions: readonly RawExtension[]): Uint8Array =>
  sequence(
    ...extensions.map((each) =>
      sequence(oid(each.oid), each.critical ? boolean(true) : none, octetString(each.value)),
    ),
  );
const number = (id: string, value: number): RawExtension => ({
  oid: id,
  critical: false,
  value: unsigned(value),
});

function encodeCrl(issuer: Entity, parts: CrlParts = {}): Uint8Array {
  const name = usualSignatureOf(issuer.privateKey.type);
  const algorithm = encodeSignatureAlgorithm(name);
  const reason =
    parts.reason === undefined
      ? none
      : extensionList([
          {
            oid: ExtensionOid.reasonCode,
            critical: false,
            value: der(Tag.enumerated, Uint8Array.of(parts.reason)),
          },
        ]);
  const entries = (parts.revoked ?? []).map(({ certificate }) =>
    sequence(der(Tag.integer, certificate.serialNumber), time(now - day), reason),
  );
  const tbs = sequence(
    parts.version ?? unsigned(1),
    algorithm,
    issuer.certificate.subject.der,
    time(parts.thisUpdate ?? now - day),
    time(parts.nextUpdate ?? now + day),
    entries.length === 0 ? none : sequence(...entries),
    der(
      constructed(0),
      extensionList(parts.extensions ?? [number(ExtensionOid.cRLNumber, parts.number ?? 1)]),
    ),
  );
  const sign = provider.signatures[name]?.signer?.(issuer.privateKey);
  return sequence(tbs, algorithm, bitString(sign?.(tbs) ?? none));
}

const crl = (issuer: Entity, parts: CrlParts = {}): Crl => parseCrl(encodeCrl(issuer, parts));

const verify = (chain: readonly Entity[], revocation: RevocationOptions) =>
  verifyChain({ chain: certificates(...chain), trust, usage: "server", now, provider, revocation })
    .path;
const refuse = (
  chain: readonly Entity[],
  revocation: RevocationOptions,
  code: string,
  text: RegExp,
) =>
  expect(errorOf(() => verify(chain, revocation))).toMatchObject({
    code,
    message: expect.stringMatching(text),
  });

describe("revocation by lists (RFC 5280 §6.3)", () => {
  const ca = pki.ca("CA", root);
  const leaf = pki.leaf("a.example", ca);
  const clean = crl(root);

  it("needs a list for each certificate, and takes what it says", () => {
    expect(verify([leaf, ca], { crls: [clean, crl(ca)] })).toHaveLength(3);
    refuse(
      [leaf, ca],
      { crls: [clean, crl(ca, { revoked: [leaf], reason: 1 })] },
      "certificate_revoked",
      /keyCompromise.*path\[0\]/,
    );
    refuse(
      [leaf, ca],
      { crls: [crl(root, { revoked: [ca] }), crl(ca)] },
      "certificate_revoked",
      /unspecified.*path\[1\]/,
    );
    refuse([leaf, ca], { crls: [clean] }, "certificate_unknown", /path\[0\]/);
    refuse([leaf, ca], { crls: [crl(ca)] }, "certificate_unknown", /path\[1\]/);
  });

  it("accepts the unknown if told to, and the revoked never", () => {
    const whenUnknown = "accept";
    expect(verify([leaf, ca], { crls: [], whenUnknown })).toHaveLength(3);
    refuse(
      [leaf, ca],
      { crls: [crl(ca, { revoked: [leaf] })], whenUnknown },
      "certificate_revoked",
      /revoked/,
    );
  });

  it("a search that is given up is no unknown status", () => {
    // Otherwise a peer could hide its revocation behind a heap of possible signers.
    const junk = Array.from({ length: 40 }, () => pki.root("CA"));
    const second = pki.leaf("CA", root, { keyUsage: ["cRLSign"] });
    const chain = [leaf, ca, ...junk, second];
    const crls = [clean, crl(second, { revoked: [leaf] })];
    refuse([leaf, ca, second], { crls, whenUnknown: "accept" }, "certificate_revoked", /revoked/);
    refuse(chain, { crls, whenUnknown: "accept" }, "bad_certificate", /too many signatures/);
  });

  it("a search for a signer shares the limit on issuers with the search that asked", () => {
    const second = pki.leaf("CA", root, { keyUsage: ["cRLSign"] });
    const search = (candidates: number) =>
      verifyChain({
        chain: certificates(leaf, ca, second),
        limits: { candidates },
        trust,
        usage: "server",
        now,
        provider,
        revocation: { crls: [clean, crl(second)] },
      }).path;
    // Two named "CA" and the root, and the root again above the signer
    expect(search(4)).toHaveLength(3);
    expect(errorOf(() => search(3))).toMatchObject({
      code: "bad_certificate",
      message: expect.stringMatching(/too many possible issuers; expected at most 3/),
    });
  });

  it("does not use a list that is stale, early, forged, or has no end", () => {
    const bytes = encodeCrl(ca);
    bytes[bytes.length - 1]! ^= 1;
    const lists = [
      crl(ca, { nextUpdate: now - 1000 }),
      crl(ca, { thisUpdate: now + 1000 }),
      parseCrl(bytes),
    ];
    for (const list of lists)
      refuse([leaf, ca], { crls: [clean, list] }, "certificate_unknown", /no list/);
    const { nextUpdate: _, ...endless } = crl(ca);
    refuse([leaf, ca], { crls: [clean, endless] }, "certificate_unknown", /no list/);
  });

  it("says why a list that is there does not tell", () => {
    const bytes = encodeCrl(ca);
    bytes[bytes.length - 1]! ^= 1;
    const numbered = (critical: boolean) => ({
      extensions: [{ ...number(ExtensionOid.cRLNumber, 1), critical }],
    });
    const unable = pki.cross(ca, root, { keyUsage: ["keyCertSign"] });
    const problems: [Crl, RegExp, Entity?][] = [
      [
        crl(ca, { nextUpdate: now - day }),
        /list 1 of "CN=CA,O=Test": it is out of date since 2026-10/,
      ],
      [crl(ca, { thisUpdate: now + 1000 }), /it is from the future \(2026-11-01T00:00:01/],
      [parseCrl(bytes), /its signature is wrong/],
      [
        { ...crl(ca), signatureAlgorithm: undefined, signatureOid: "1.2.840.113549.1.1.5" },
        /it is signed with a broken hash \(1\.2\.840\.113549\.1\.1\.5\)/,
      ],
      [
        { ...crl(ca), signatureAlgorithm: undefined, signatureOid: "1.2.3" },
        /its signature algorithm 1\.2\.3 is not supported/,
      ],
      [{ ...crl(ca), criticalUnknown: ["1.2.3"] }, /critical extension 1\.2\.3 is not known/],
      [{ ...crl(ca), nextUpdate: undefined! }, /it does not say until when it counts/],
      // RFC 5280 §5.2.3
      [crl(ca, { extensions: [number("1.2.3", 1)] }), /list without a number .*: it has no number/],
      [crl(ca, numbered(true)), /its number is marked critical/],
      [crl(ca), /its issuer's key may not sign lists/, unable],
    ];
    for (const [list, text, authority = ca] of problems) {
      const crls = [clean, list];
      refuse([leaf, authority], { crls }, "certificate_unknown", text);
      refuse([leaf, authority], { crls }, "certificate_unknown", /path\[0\]/);
      // What says nothing is nothing.
      const others = { crls, whenUnknown: "accept" } as const;
      expect(verify([leaf, authority], others)).toHaveLength(3);
    }
    expect(verify([leaf, ca], { crls: [clean, crl(ca, numbered(false))] })).toHaveLength(3);
    // Of other issuers' lists there is nothing to say.
    refuse([leaf, ca], { crls: [clean] }, "certificate_unknown", /whether it was revoked \(path/);
  });

  it("a list that does not tell that a certificate is good tells that it is revoked", () => {
    const whenUnknown = "accept";
    const lists: Crl[] = [
      crl(ca, { revoked: [leaf], thisUpdate: now - 2 * day, nextUpdate: now - day }),
      crl(ca, { revoked: [leaf], thisUpdate: now + 1000 }),
      crl(ca, { revoked: [leaf], extensions: [number("1.2.3", 1)] }),
    ];
    for (const list of lists) {
      refuse([leaf, ca], { crls: [clean, list], whenUnknown }, "certificate_revoked", /revoked/);
      expect(
        verify([pki.leaf("b.example", ca), ca], { crls: [clean, list], whenUnknown }),
      ).toHaveLength(3);
    }
    // Nobody's word
    const forged = encodeCrl(ca, { revoked: [leaf] });
    forged[forged.length - 1]! ^= 1;
    expect(verify([leaf, ca], { crls: [clean, parseCrl(forged)], whenUnknown })).toHaveLength(3);
    // A later list takes a hold back.
    const back = [crl(ca, { number: 2 }), crl(ca, { revoked: [leaf], nextUpdate: now - 1000 })];
    expect(verify([leaf, ca], { crls: [clean, ...back] })).toHaveLength(3);
  });

  it("the list with the highest number counts, whatever the order and the times (§5.2.3)", () => {
    const check = (
      lists: readonly Crl[],
      outcome: "valid" | "certificate_revoked" | "certificate_unknown",
    ) => {
      for (const some of [lists, lists.toReversed()]) {
        const crls = [clean, ...some];
        if (outcome === "valid") expect(verify([leaf, ca], { crls })).toHaveLength(3);
        else refuse([leaf, ca], { crls }, outcome, /path\[0\]/);
      }
    };
    const revoked = [leaf];
    const [later, earlier] = [now - 1000, now - day];
    check([crl(ca), crl(ca, { revoked, number: 2 })], "certificate_revoked");
    check([crl(ca, { revoked }), crl(ca, { number: 2 })], "valid");
    // A clock that was set back
    check(
      [crl(ca, { thisUpdate: later }), crl(ca, { revoked, number: 2, thisUpdate: earlier })],
      "certificate_revoked",
    );
    check(
      [crl(ca, { thisUpdate: later, revoked }), crl(ca, { number: 2, thisUpdate: earlier })],
      "valid",
    );
    // A counter that was restored: the worse of one number, and nothing that goes back
    check(
      [crl(ca, { revoked, thisUpdate: earlier }), crl(ca, { thisUpdate: later })],
      "certificate_revoked",
    );
    check(
      [crl(ca, { revoked, number: 3, thisUpdate: earlier }), crl(ca, { thisUpdate: later })],
      "certificate_revoked",
    );
    check(
      [crl(ca, { number: 3, nextUpdate: now - 1000 }), crl(ca, { thisUpdate: later })],
      "certificate_unknown",
    );
    // A list from the future supersedes none, and a forged one neither.
    check([crl(ca, { number: 2, thisUpdate: now + 1000 }), crl(ca)], "valid");
    const forged = encodeCrl(ca, { number: 9 });
    forged[forged.length - 1]! ^= 1;
    check([parseCrl(forged), crl(ca, { revoked })], "certificate_revoked");
    // Large numbers are numbers.
    check([crl(ca, { number: 2 ** 40 }), crl(ca, { revoked, number: 255 })], "valid");
    // Without numbers the later counts, and does not vouch.
    const unnumbered = (parts: CrlParts) => crl(ca, { ...parts, extensions: [number("1.2.3", 1)] });
    check(
      [unnumbered({ revoked, thisUpdate: earlier }), unnumbered({ thisUpdate: later })],
      "certificate_unknown",
    );
    check(
      [unnumbered({ thisUpdate: earlier }), unnumbered({ revoked, thisUpdate: later })],
      "certificate_revoked",
    );
    check([unnumbered({ revoked, thisUpdate: later }), crl(ca)], "valid");
  });

  it("lists of different scopes and keys do not supersede each other", () => {
    const users: RawExtension = {
      oid: ExtensionOid.issuingDistributionPoint,
      critical: true,
      value: sequence(der(primitive(1), Uint8Array.of(0xff))),
    };
    const ofUsers = crl(ca, {
      revoked: [leaf],
      extensions: [users, number(ExtensionOid.cRLNumber, 1)],
    });
    const all = crl(ca, { number: 5 });
    refuse([leaf, ca], { crls: [clean, all, ofUsers] }, "certificate_revoked", /revoked/);
    // A CA that begins to count anew with a new key
    const keyed = (key: number, own: number, parts: CrlParts = {}) =>
      crl(ca, {
        ...parts,
        extensions: [
          number(ExtensionOid.cRLNumber, own),
          {
            oid: ExtensionOid.authorityKeyIdentifier,
            critical: false,
            value: sequence(der(primitive(0), Uint8Array.of(key))),
          },
        ],
      });
    const past = keyed(1, 7, { nextUpdate: now - 1000 });
    expect(verify([leaf, ca], { crls: [clean, past, keyed(2, 1)] })).toHaveLength(3);
    refuse([leaf, ca], { crls: [clean, past, keyed(1, 1)] }, "certificate_unknown", /out of date/);
  });

  it("a delta adds to its base and to no older one", () => {
    const delta = (base: number, own: number, parts: CrlParts = {}) =>
      crl(ca, {
        ...parts,
        extensions: [
          { ...number(ExtensionOid.deltaCRLIndicator, base), critical: true },
          number(ExtensionOid.cRLNumber, own),
        ],
      });
    const base = crl(ca, { extensions: [number(ExtensionOid.cRLNumber, 5)] });
    const revoking = { revoked: [leaf] };
    refuse(
      [leaf, ca],
      { crls: [clean, base, delta(5, 6, revoking)] },
      "certificate_revoked",
      /revoked/,
    );
    expect(verify([leaf, ca], { crls: [clean, base, delta(6, 7, revoking)] })).toHaveLength(3);
    expect(verify([leaf, ca], { crls: [clean, base, delta(3, 4, revoking)] })).toHaveLength(3);
    // One that is out of date revokes, and takes nothing back.
    const past = { nextUpdate: now - 1000 };
    refuse(
      [leaf, ca],
      { crls: [clean, base, delta(5, 6, { ...revoking, ...past })] },
      "certificate_revoked",
      /revoked/,
    );
    const held = crl(ca, { ...revoking, extensions: [number(ExtensionOid.cRLNumber, 5)] });
    const taken = { ...revoking, reason: 8 };
    expect(verify([leaf, ca], { crls: [clean, held, delta(5, 6, taken)] })).toHaveLength(3);
    refuse(
      [leaf, ca],
      { crls: [clean, held, delta(5, 6, { ...taken, ...past })] },
      "certificate_revoked",
      /revoked/,
    );
    refuse(
      [leaf, ca],
      { crls: [clean, held, delta(5, 6, taken), delta(5, 6, revoking)] },
      "certificate_revoked",
      /revoked/,
    );
    const newest = [
      delta(5, 7, { ...revoking, reason: 8, thisUpdate: now - 1000 }),
      delta(5, 6, revoking),
    ];
    expect(verify([leaf, ca], { crls: [clean, base, ...newest] })).toHaveLength(3);
  });

  it("a signer of lists speaks for itself only if its CA names it as the cRLIssuer", () => {
    const indirect: RawExtension = {
      oid: ExtensionOid.issuingDistributionPoint,
      critical: true,
      value: sequence(der(primitive(4), Uint8Array.of(0xff))),
    };
    const named: RawExtension = {
      oid: ExtensionOid.cRLDistributionPoints,
      critical: false,
      value: sequence(
        sequence(
          der(constructed(2), der(constructed(4), pki.ca("Lists", root).certificate.subject.der)),
        ),
      ),
    };
    const signing = { keyUsage: ["cRLSign"] } as const;
    const lists = pki.leaf("Lists", ca, { ...signing, extensions: [named] });
    const pointed = pki.leaf("a.example", ca, { extensions: [named] });
    const numbered = [indirect, number(ExtensionOid.cRLNumber, 1)];
    const list = crl(lists, { extensions: numbered });
    expect(verify([pointed, ca, lists], { crls: [clean, list] })).toHaveLength(3);
    expect(
      verify([pointed, ca], { crls: [clean, list], issuers: [lists.certificate] }),
    ).toHaveLength(3);
    // A second key of the CA that nothing else vouches for.
    const secondKey = pki.leaf("CA", ca, signing);
    refuse(
      [leaf, ca, secondKey],
      { crls: [clean, crl(secondKey)] },
      "certificate_unknown",
      /path\[0\]/,
    );
    // Without cRLSign a signature does not count.
    const other = pki.leaf("Lists", ca, { extensions: [named] });
    refuse(
      [pointed, ca, other],
      { crls: [clean, crl(other, { extensions: numbered })] },
      "certificate_unknown",
      /path\[0\]/,
    );
  });

  it("works with every kind of key", () => {
    for (const type of ["secp256r1", "ML-DSA-44"] as const) {
      const issuer = pki.ca("Other CA", root, { type });
      const own = pki.leaf("a.example", issuer);
      expect(verify([own, issuer], { crls: [clean, crl(issuer)] })).toHaveLength(3);
      refuse(
        [own, issuer],
        { crls: [clean, crl(issuer, { revoked: [own] })] },
        "certificate_revoked",
        /revoked/,
      );
    }
  });
});

describe("parsing CRLs", () => {
  it("reads PEM, DER and lists", () => {
    const bytes = encodeCrl(root, { revoked: [root], reason: 4 });
    const pem = encodePem("X509 CRL", bytes);
    expect(parseCrls([pem + pem, bytes]).map((each) => each.der)).toEqual([bytes, bytes, bytes]);
    const [list] = parseCrls(bytes);
    expect(list).toMatchObject({
      thisUpdate: now - day,
      nextUpdate: now + day,
      number: 1n,
      criticalUnknown: [],
    });
    expect(list?.find(root.certificate.subject, root.certificate.serialNumber)).toBe("superseded");
    expect(list?.find(root.certificate.subject, Uint8Array.of(1))).toBeUndefined();
  });

  it.each<[string, CrlParts, RegExp]>([
    ["an unknown version", { version: unsigned(2) }, /version/],
    ["extensions in version 1", { version: none }, /extensions in a list of version 1/],
    ["a reason that does not exist", { revoked: [root], reason: 7 }, /unknown reason 7/],
    [
      "a negative number",
      { extensions: [{ oid: ExtensionOid.cRLNumber, critical: false, value: fromHex("0201ff") }] },
      /cRLNumber/,
    ],
    ["an extension twice", { extensions: [number("1.2.3", 1), number("1.2.3", 1)] }, /twice/],
  ])("refuses %s", (_, parts, text) => {
    expect(errorOf(() => parseCrls([encodeCrl(root), encodeCrl(root, parts)]))).toMatchObject({
      code: "bad_certificate",
      message: expect.stringMatching(text),
      detail: { where: expect.stringMatching(/^crl\[1\]/) },
    });
  });

  it("keeps the identifiers of critical extensions that it does not know", () => {
    const extensions = [{ ...number("1.2.3", 1), critical: true }];
    expect(crl(root, { extensions }).criticalUnknown).toEqual(["1.2.3"]);
  });

  it("refuses every truncation", () => {
    const bytes = encodeCrl(root, { revoked: [root] });
    for (let end = 0; end < bytes.length; end++) {
      expect(errorOf(() => parseCrl(bytes.subarray(0, end)))).toMatchObject({
        code: "bad_certificate",
      });
    }
  });
});

describe("OpenSSL's lists", () => {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  itWith("openssl", "of openssl ca -gencrl", ({ path }) => {
    const present = Date.now();
    const authority = createDevelopmentCa({ provider, now: present });
    const [kept, revoked] = ["kept.example", "revoked.example"].map((name) =>
      authority.issue({ names: [name] }),
    );
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    write("ca.pem", authority.pem);
    write("ca.key", encodePem("PRIVATE KEY", authority.privateKey.pkcs8));
    write("revoked.pem", revoked!.certificatePem);
    write("index.txt", "");
    write("number", "0A\n");
    write(
      "ca.cnf",
      "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=number\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n",
    );
    const ca = (...args: string[]) =>
      execFileSync(path, ["ca", "-config", "ca.cnf", ...args], { cwd: folder, stdio: "pipe" });
    ca("-revoke", "revoked.pem", "-crl_reason", "keyCompromise");
    ca("-gencrl", "-out", "crl.pem");
    const crls = parseCrls(readFileSync(join(folder, "crl.pem"), "utf8"));
    expect(crls[0]?.number).toBe(10n);
    const check = (chain: typeof kept) =>
      verifyChain({
        chain: chain!.chain,
        trust: createTrustStore(authority.pem),
        usage: "server",
        now: present + 1000,
        provider,
        revocation: { crls },
      });
    expect(check(kept).path).toHaveLength(2);
    expect(errorOf(() => check(revoked))).toMatchObject({
      code: "certificate_revoked",
      message: expect.stringContaining("keyCompromise"),
    });
  });
});
