import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  type Certificate,
  CertificateCache,
  type CertId,
  createTrustStore,
  draftOcspResponse,
  encodeOcspRequest,
  encodePem,
  issueCrl,
  issueOcspResponse,
  KeyPurpose,
  type OcspOptions,
  type OcspResponse,
  type OcspStatus,
  parseOcspRequest,
  parseOcspResponse,
  type RevocationOptions,
  signDraftWith,
  verifyChain,
} from "../../../src/identity/index.ts";
import { constructed, Tag } from "../../../src/identity/der/der-tags.ts";
import { readDer } from "../../../src/identity/der/der-reader.ts";
import {
  ascii,
  der,
  enumerated,
  octetString,
  oid,
  sequence,
} from "../../../src/identity/der/der-writer.ts";
import { readName } from "../../../src/identity/certificate/distinguished-name.ts";
import { encodeCertId, readCertId } from "../../../src/identity/revocation/ocsp-cert-id.ts";
import { OcspOid } from "../../../src/identity/der/oids.ts";
import { createSigner } from "../../../src/identity/keys/signer.ts";
import { concat } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { certificates, type Change, day, type Entity, now, Pki } from "../pki.ts";

const { provider } = providers[0]!;
const pki = new Pki(provider);
const root = pki.root("Root");
const ca = pki.ca("CA", root);
const leaf = pki.leaf("a.example", ca);
const other = pki.leaf("b.example", ca);
const trust = createTrustStore(certificates(root));

const good: OcspStatus = { kind: "good" };
const revoked: OcspStatus = { kind: "revoked", revokedAt: now - day, reason: "keyCompromise" };
const noCheck = { oid: OcspOid.noCheck, critical: false, value: Uint8Array.of(5, 0) };
const responderOf = (issuer: Entity, change: Change = {}): Entity =>
  pki.leaf("OCSP", issuer, {
    names: {},
    extendedKeyUsage: [KeyPurpose.OCSPSigning],
    extensions: [noCheck],
    ...change,
  });

interface Special {
  readonly of?: Entity;
  readonly issuer?: Entity;
  readonly responder?: Entity;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number;
  readonly change?: Partial<OcspOptions>;
}

const respond = (status: OcspStatus, special: Special = {}): OcspResponse => {
  const { of = leaf, issuer = ca, responder } = special;
  return issueOcspResponse({
    issuer: issuer.certificate,
    ...(responder === undefined ? {} : { responder: responder.certificate }),
    signingKey: (responder ?? issuer).privateKey,
    statements: [
      {
        certificate: { serialNumber: of.certificate.serialNumber },
        status,
        thisUpdate: special.thisUpdate ?? now - 1000,
        nextUpdate: special.nextUpdate ?? now + day,
      },
    ],
    producedAt: now - 1000,
    provider,
    ...special.change,
  });
};

const verify = (
  stapled: Uint8Array | OcspResponse | undefined,
  revocation?: RevocationOptions,
  cache?: CertificateCache,
) =>
  verifyChain({
    chain: certificates(leaf, ca),
    trust,
    usage: "server",
    now,
    provider,
    ...(stapled === undefined
      ? {}
      : { stapled: stapled instanceof Uint8Array ? stapled : stapled.der }),
    ...(revocation === undefined ? {} : { revocation }),
    ...(cache === undefined ? {} : { cache }),
  });

function refuse(run: () => unknown, code: string, text: RegExp): void {
  const error = tlsErrorOf(run);
  expect(`${error.code}: ${error.message}`).toMatch(new RegExp(`^${code}: `));
  expect(error.message).toMatch(text);
  expect(error.detail.section).toMatch(/^RFC (6960|5280) §/);
}

describe("a stapled response (RFC 6960 §3.2, RFC 9846 §4.5.1.1)", () => {
  it("says good, or revoked", () => {
    expect(verify(respond(good)).path).toHaveLength(3);
    refuse(() => verify(respond(revoked)), "certificate_revoked", /keyCompromise.*path\[0\]/);
    expect(tlsErrorOf(() => verify(respond(revoked))).alert).toBe("certificate_revoked");
  });

  it("that knows nothing is not acceptable", () => {
    const run = () => verify(respond({ kind: "unknown" }));
    refuse(run, "bad_certificate_status", /does not know the certificate/);
    expect(tlsErrorOf(run).alert).toBe("bad_certificate_status_response");
  });

  it("names the certificate by SHA-256 as well", () => {
    const change = { certIdHash: "sha256" } as const;
    verify(respond(good, { change }));
    refuse(() => verify(respond(revoked, { change })), "certificate_revoked", /revoked/);
  });

  it.each([
    ["another certificate", respond(good, { of: other }), /another certificate/],
    ["another issuer's", respond(good, { issuer: root }), /another certificate/],
    ["stale", respond(good, { nextUpdate: now - 1000 }), /out of date/],
    ["early", respond(good, { thisUpdate: now + 1000 }), /from the future/],
    [
      "signed by a stranger",
      respond(good, { change: { signingKey: root.privateKey } }),
      /signature is wrong/,
    ],
  ])("is refused if it is %s", (_, response, text) => {
    refuse(() => verify(response), "bad_certificate_status", text);
  });

  it("is current up to the second of nextUpdate, and without one for a day", () => {
    verify(respond(good, { nextUpdate: now }));
    const open = (thisUpdate: number): OcspResponse => {
      const { nextUpdate: _, ...single } = respond(good, { thisUpdate }).responses[0]!;
      return { ...respond(good), responses: [single] };
    };
    const check = (response: OcspResponse) =>
      verify(undefined, { ocspResponses: [response], of: "leaf" });
    check(open(now - day));
    refuse(() => check(open(now - day - 2000)), "certificate_unknown", /no response tells/);
  });

  it("the newest of several statements counts", () => {
    const statement = (status: OcspStatus, thisUpdate: number) => ({
      certificate: leaf.certificate,
      status,
      thisUpdate,
      nextUpdate: now + day,
    });
    const two = [statement(good, now - 5000), statement(revoked, now - 1000)];
    for (const statements of [two, two.toReversed()]) {
      refuse(
        () => verify(respond(good, { change: { statements } })),
        "certificate_revoked",
        /revoked/,
      );
    }
    const back = [statement(good, now - 1000), statement(revoked, now - 5000)];
    for (const statements of [back, back.toReversed()]) {
      verify(respond(good, { change: { statements } }));
    }
  });

  it("of several statements from one moment a revoked one counts, wherever it stands", () => {
    const statement = (status: OcspStatus) => ({
      certificate: leaf.certificate,
      status,
      thisUpdate: now - 1000,
      nextUpdate: now + day,
    });
    const two = [statement(good), statement(revoked)];
    for (const statements of [two, two.toReversed()]) {
      const response = respond(good, { change: { statements } });
      refuse(() => verify(response), "certificate_revoked", /revoked/);
    }
  });

  it("does not count with a critical extension that nobody knows (RFC 6960 §4.4)", () => {
    const response = respond(good);
    const [single] = response.responses;
    const check = (change: Partial<OcspResponse>) =>
      verify(undefined, { ocspResponses: [{ ...response, ...change }], of: "leaf" });
    check({});
    const unknown = { criticalUnknown: ["1.2.3"] };
    for (const change of [unknown, { responses: [{ ...single!, ...unknown }] }]) {
      refuse(() => check(change), "certificate_unknown", /critical extension 1\.2\.3 is not known/);
    }
  });

  it("is checked although nothing else of revocation is, and a certificate does without", () => {
    verify(undefined);
    const status = respond(revoked, { of: other });
    refuse(() => verify(status), "bad_certificate_status", /another certificate/);
  });
});

describe("a responder (RFC 6960 §4.2.2.2)", () => {
  it("speaks for the CA that certified it for that", () => {
    const responder = responderOf(ca);
    verify(respond(good, { responder }));
    refuse(() => verify(respond(revoked, { responder })), "certificate_revoked", /revoked/);
  });

  it("signs elsewhere", async () => {
    const responder = responderOf(ca);
    const draft = draftOcspResponse({
      issuer: ca.certificate,
      responder: responder.certificate,
      statements: [
        { certificate: leaf.certificate, status: good, thisUpdate: now, nextUpdate: now + day },
      ],
      producedAt: now,
      signatureName: "ed25519",
    });
    verify(await signDraftWith(draft, createSigner(responder.privateKey, provider), provider));
  });

  it.each([
    ["is not certified for it", ca, { extendedKeyUsage: [KeyPurpose.serverAuth] }, /OCSPSigning/],
    ["has ended a second ago", ca, { notAfter: now - 1000 }, /not valid now/],
    ["begins in a second", ca, { notBefore: now + 1000 }, /not valid now/],
    ["has any purpose", ca, { extendedKeyUsage: [KeyPurpose.anyExtendedKeyUsage] }, /OCSPSigning/],
    ["is certified by another CA", root, {}, /not from the issuer/],
    ["may not sign", ca, { keyUsage: ["keyAgreement"] as const }, /digitalSignature|not for/],
    ["has expired", ca, { notAfter: now - day }, /not valid now/],
    ["is not valid yet", ca, { notBefore: now + day }, /not valid now/],
    [
      "has a critical extension that nobody knows",
      ca,
      { extensions: [{ oid: "1.2.3", critical: true, value: Uint8Array.of(5, 0) }] },
      /critical extension/,
    ],
  ])("is refused if it %s", (_, issuer, change, text) => {
    const responder = responderOf(issuer, { type: "secp256r1", ...change });
    refuse(() => verify(respond(good, { responder })), "bad_certificate_status", text);
  });

  it.each([
    ["from its first second on", { notBefore: now }],
    ["up to its last second", { notAfter: now }],
    ["without a key usage, which then forbids nothing", { keyUsage: [] }],
  ])("speaks %s", (_, change) => {
    verify(respond(good, { responder: responderOf(ca, change) }));
  });

  it("is refused if its certificate names no purpose", () => {
    const responder = pki.leaf("OCSP", ca, { names: {}, extensions: [noCheck] });
    refuse(() => verify(respond(good, { responder })), "bad_certificate_status", /OCSPSigning/);
  });

  it("whose certificate is not enclosed is nobody", () => {
    const response = respond(good, { responder: responderOf(ca) });
    expect(response.certificates).toHaveLength(1);
    const stripped = { ...response, certificates: [] };
    const check = (ocspResponses: readonly OcspResponse[]) =>
      verify(undefined, { ocspResponses, of: "leaf" });
    check([response]);
    refuse(() => check([stripped]), "certificate_unknown", /no response tells/);
  });

  it("is refused if a list revokes it, unless it need not be asked for", () => {
    const list = (entity: Entity) =>
      issueCrl({
        issuer: ca.certificate,
        signingKey: ca.privateKey,
        revoked: [{ serialNumber: entity.certificate.serialNumber, revokedAt: now - day }],
        number: 1,
        thisUpdate: now - day,
        nextUpdate: now + day,
        provider,
      });
    const options = { whenUnknown: "accept" } as const;
    const asked = responderOf(ca, { extensions: [] });
    const response = respond(good, { responder: asked });
    verify(response, { ...options, crls: [list(other)] });
    refuse(
      () => verify(response, { ...options, crls: [list(asked)] }),
      "bad_certificate_status",
      /was revoked/,
    );
    const free = responderOf(ca);
    verify(respond(good, { responder: free }), { ...options, crls: [list(free)] });
  });
});

describe("responses that the caller has", () => {
  const ofCa = respond(good, { of: ca, issuer: root });

  it("tell the status of each certificate, of the leaf's only if told so", () => {
    verify(undefined, { ocspResponses: [ofCa, respond(good)] });
    refuse(
      () => verify(undefined, { ocspResponses: [respond(good)] }),
      "certificate_unknown",
      /path\[1\]/,
    );
    verify(undefined, { ocspResponses: [respond(good)], of: "leaf" });
    refuse(
      () => verify(undefined, { ocspResponses: [ofCa], of: "leaf" }),
      "certificate_unknown",
      /path\[0\]/,
    );
    refuse(
      () => verify(undefined, { ocspResponses: [respond(revoked, { of: ca, issuer: root })] }),
      "certificate_revoked",
      /path\[1\]/,
    );
  });

  it("are passed over if they are stale or forged, and the newest counts", () => {
    const of = "leaf";
    const stale = respond(revoked, { thisUpdate: now - 2 * day, nextUpdate: now - day });
    const forged = respond(revoked, { change: { signingKey: root.privateKey } });
    verify(undefined, { ocspResponses: [stale, forged, respond(good)], of });
    const older = respond(revoked, { thisUpdate: now - day });
    verify(undefined, { ocspResponses: [older, respond(good)], of });
    const newer = respond(revoked, { thisUpdate: now });
    refuse(
      () => verify(undefined, { ocspResponses: [newer, respond(good)], of }),
      "certificate_revoked",
      /revoked/,
    );
  });

  it("tell that a certificate is revoked also when they are out of date or early, and say so if not", () => {
    const options = { of: "leaf", whenUnknown: "accept" } as const;
    const times = [
      { thisUpdate: now - 2 * day, nextUpdate: now - day },
      { thisUpdate: now + 1000, nextUpdate: now + day },
    ];
    for (const time of times) {
      const ocspResponses = [respond(revoked, time)];
      refuse(
        () => verify(undefined, { ...options, ocspResponses }),
        "certificate_revoked",
        /keyCompromise/,
      );
      verify(undefined, { ...options, ocspResponses: [respond(good, time)] });
    }
    // Of one moment the worse counts, and what is early hides nothing.
    const early = respond(good, { thisUpdate: now + 1000 });
    for (const others of [[respond(good)], [early]]) {
      const ocspResponses = [...others, respond(revoked), ...others];
      refuse(() => verify(undefined, { ...options, ocspResponses }), "certificate_revoked", /./);
    }
    const problems: [OcspResponse, RegExp][] = [
      [respond(good, times[0]), /an OCSP response: it is out of date since 2026-10-31T00:00:00/],
      [respond(good, times[1]), /an OCSP response: it is from the future/],
      [respond(good, { change: { signingKey: root.privateKey } }), /its signature is wrong/],
      [respond(good, { of: other }), /whether it was revoked \(/],
    ];
    for (const [response, text] of problems) {
      const ocspResponses = [response];
      refuse(() => verify(undefined, { of: "leaf", ocspResponses }), "certificate_unknown", text);
    }
  });

  it("name the issuer as its certificate or as the leaf writes it", () => {
    // RFC 6960 §4.1.1: the hash is over the issuer field of the certificate that is asked for.
    const printable = sequence(
      ...["2.5.4.10 Test", "2.5.4.3 CA"].map((text) => {
        const [id = "", value = ""] = text.split(" ");
        return der(Tag.set, sequence(oid(id), der(Tag.printableString, ascii(value))));
      }),
    );
    const own = readDer(printable, (reader) => readName(reader, "issuer"));
    const twin = { ...ca.certificate, subject: own };
    const written = pki.leaf("a.example", { ...ca, certificate: twin });
    const ask = (statement: CertId | { readonly serialNumber: Uint8Array }) =>
      verifyChain({
        chain: certificates(written, ca),
        trust,
        usage: "server",
        now,
        provider,
        stapled: issueOcspResponse({
          issuer: ca.certificate,
          signingKey: ca.privateKey,
          statements: [
            { certificate: statement, status: good, thisUpdate: now, nextUpdate: now + day },
          ],
          producedAt: now,
          provider,
        }).der,
      });
    const { serialNumber } = written.certificate;
    const idOf = (issuer: Certificate) =>
      readDer(encodeCertId(issuer, serialNumber, "sha1"), (reader) => readCertId(reader, ""));
    expect(written.certificate.issuer.der).not.toEqual(ca.certificate.subject.der);
    ask({ serialNumber });
    ask(idOf(twin));
    expect(tlsErrorOf(() => ask(idOf(root.certificate))).message).toMatch(/another certificate/);
  });

  it("may enclose certificates that cannot be read", () => {
    const responder = responderOf(ca);
    const { certificate } = responder;
    const between = { ...certificate, der: concat(sequence(), certificate.der, sequence()) };
    const response = respond(good, { responder, change: { responder: between } });
    expect(response.certificates.map((each) => each.der)).toEqual([certificate.der]);
    verify(response);
    refuse(
      () => verify(respond(good, { change: { responder: { ...certificate, der: sequence() } } })),
      "bad_certificate_status",
      /neither the issuer nor enclosed/,
    );
  });

  it("and a stapled one: the worse counts, and with lists as well", () => {
    const of = "leaf";
    verify(respond(good), { of });
    refuse(
      () => verify(respond(good), { of, ocspResponses: [respond(revoked)] }),
      "certificate_revoked",
      /revoked/,
    );
    const list = issueCrl({
      issuer: ca.certificate,
      signingKey: ca.privateKey,
      revoked: [{ serialNumber: leaf.certificate.serialNumber, revokedAt: now - day }],
      number: 1,
      thisUpdate: now - day,
      nextUpdate: now + day,
      provider,
    });
    refuse(() => verify(respond(good), { of, crls: [list] }), "certificate_revoked", /revoked/);
  });

  it("cost one signature only once", () => {
    let verified = 0;
    const { ed25519 } = provider.signatures;
    const counting = {
      ...provider,
      signatures: {
        ...provider.signatures,
        ed25519: {
          ...ed25519,
          verifier: (key: Parameters<typeof ed25519.verifier>[0]) => {
            const verifySignature = ed25519.verifier(key);
            return (message: Uint8Array, signature: Uint8Array) => {
              verified++;
              return verifySignature(message, signature);
            };
          },
        },
      },
    };
    const cache = new CertificateCache();
    const run = (stapled: Uint8Array) =>
      verifyChain({
        chain: certificates(leaf, ca),
        trust,
        usage: "server",
        now,
        provider: counting,
        stapled,
        cache,
      });
    const response = respond(good, { responder: responderOf(ca) });
    run(response.der);
    expect(verified).toBe(4);
    run(response.der.slice());
    expect(verified).toBe(4);
    run(respond(good).der);
    expect(verified).toBe(5);
  });

  it("are remembered if they were acceptable", () => {
    const cache = new CertificateCache();
    const run = (stapled: Uint8Array) =>
      verifyChain({
        chain: certificates(leaf, ca),
        trust,
        usage: "server",
        now,
        provider,
        stapled,
        cache,
      });
    const parse = (stapled: { readonly der: Uint8Array }) =>
      cache.parseStapled(stapled.der, leaf.certificate);
    const [response, wrong] = [respond(good), respond(revoked)];
    run(response.der);
    expect(parse(response)).toBe(parse(response));
    expect(() => run(wrong.der)).toThrow(/revoked/);
    expect(parse(wrong)).not.toBe(parse(wrong));
    expect(parse(response)).toBe(parse(response));
  });
});

describe("the form of responses and requests", () => {
  it("what is written is read", () => {
    const nonce = octetString(Uint8Array.of(1, 2, 3));
    const response = respond(revoked, { change: { nonce } });
    expect(response).toMatchObject({
      producedAt: now - 1000,
      nonce,
      criticalUnknown: [],
      certificates: [],
      responses: [{ status: revoked, thisUpdate: now - 1000, nextUpdate: now + day }],
    });
    const request = parseOcspRequest(
      encodeOcspRequest({
        issuer: ca.certificate,
        certificates: certificates(leaf, other),
        nonce: Uint8Array.of(1, 2, 3),
      }),
    );
    expect(request.nonce).toEqual(nonce);
    expect(request.certIds[0]?.der).toEqual(response.responses[0]?.certId.der);
    expect(request.certIds.map(({ serialNumber }) => serialNumber)).toEqual([
      leaf.certificate.serialNumber,
      other.certificate.serialNumber,
    ]);
  });

  const refuseForm = (bytes: Uint8Array, where: RegExp, text: RegExp): void => {
    const error = tlsErrorOf(() => parseOcspResponse(bytes));
    expect(error).toMatchObject({
      code: "bad_certificate_status",
      message: expect.stringMatching(text),
    });
    expect(error.detail.where).toMatch(where);
  };

  it.each([
    [1, "malformedRequest"],
    [3, "tryLater"],
    [6, "unauthorized"],
    [9, "status 9"],
  ])("status %d is no answer", (status, name) => {
    refuseForm(sequence(enumerated(status)), /responseStatus/, new RegExp(`received ${name}`));
  });

  it("refuses another type of response, and damage", () => {
    const { der: bytes } = respond(good);
    const typed = (type: string, inner: Uint8Array) =>
      sequence(enumerated(0), der(constructed(0), sequence(oid(type), octetString(inner))));
    refuseForm(typed("1.2.3", Uint8Array.of()), /responseType/, /unknown type 1\.2\.3/);
    refuseForm(typed(OcspOid.basicResponse, Uint8Array.of(0x30, 0)), /tbs/, /expected an element/);
    refuseForm(bytes.subarray(0, -1), /ocsp_response/, /needs \d+ bytes/);
    refuseForm(sequence(enumerated(0)), /responseBytes/, /the end/);
  });
});

describe("OpenSSL's ocsp", () => {
  const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, bytes: Uint8Array | string): string => {
    writeFileSync(join(folder, name), bytes);
    return name;
  };
  const cert = (name: string, { certificate }: Entity): string =>
    file(name, encodePem("CERTIFICATE", certificate.der));
  const key = (name: string, { privateKey }: Entity): string =>
    file(name, encodePem("PRIVATE KEY", privateKey.pkcs8));
  const run = (path: string, ...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync(path, ["ocsp", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
    return `${status}\n${stdout}${stderr}`;
  };
  /** Its own clock counts, so that these live today. */
  const today = Date.now();
  const span = { notBefore: today - day, notAfter: today + day, type: "secp256r1" } as const;
  const top = pki.root("OCSP root", span);
  const one = pki.leaf("one.example", top, span);

  itWith("openssl", "takes our responses, the issuer's and a responder's", ({ path }) => {
    const responder = responderOf(top, span);
    file(
      "request.der",
      encodeOcspRequest({ issuer: top.certificate, certificates: [one.certificate] }),
    );
    for (const [status, text] of [
      [good, "one.pem: good"],
      [revoked, "one.pem: revoked"],
      [{ kind: "unknown" }, "one.pem: unknown"],
    ] as const) {
      for (const signer of [undefined, responder]) {
        const response = respond(status, {
          of: one,
          issuer: top,
          ...(signer === undefined ? {} : { responder: signer }),
          thisUpdate: today - 1000,
          nextUpdate: today + day,
        });
        file("response.der", response.der);
        const said = run(
          path,
          "-respin",
          "response.der",
          "-issuer",
          cert("top.pem", top),
          "-cert",
          cert("one.pem", one),
          "-CAfile",
          "top.pem",
        );
        expect(said).toContain("Response verify OK");
        expect(said).toContain(text);
      }
    }
  });

  itWith("openssl", "asks us, and answers in a way that we take", ({ path }) => {
    cert("top.pem", top);
    cert("one.pem", one);
    run(path, "-issuer", "top.pem", "-cert", "one.pem", "-reqout", "req.der");
    const request = parseOcspRequest(new Uint8Array(readFileSync(join(folder, "req.der"))));
    expect(request.nonce).toHaveLength(18);
    const ours = issueOcspResponse({
      issuer: top.certificate,
      signingKey: top.privateKey,
      statements: request.certIds.map((certificate) => ({
        certificate,
        status: good,
        thisUpdate: today,
        nextUpdate: today + day,
      })),
      producedAt: today,
      ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
      provider,
    });
    file("ours.der", ours.der);
    const known = ["-reqin", "req.der", "-respin", "ours.der", "-CAfile", "top.pem"];
    expect(run(path, ...known)).not.toMatch(/[Nn]once/);

    const serial = Buffer.from(one.certificate.serialNumber).toString("hex").toUpperCase();
    for (const [flag, code] of [
      ["V", undefined],
      ["R", "certificate_revoked"],
    ] as const) {
      const date = flag === "R" ? "261001000000Z,keyCompromise" : "";
      file("index.txt", `${flag}\t490101000000Z\t${date}\t${serial}\tunknown\t/CN=one\n`);
      const signer = ["-rsigner", "top.pem", "-rkey", key("top.key", top)];
      run(
        path,
        "-index",
        "index.txt",
        "-CA",
        "top.pem",
        ...signer,
        "-reqin",
        "req.der",
        "-respout",
        "theirs.der",
        "-ndays",
        "1",
      );
      const stapled = new Uint8Array(readFileSync(join(folder, "theirs.der")));
      const check = () =>
        verifyChain({
          chain: certificates(one),
          trust: createTrustStore(certificates(top)),
          usage: "server",
          now: Date.now(),
          provider,
          stapled,
        });
      if (code === undefined) expect(check().path).toHaveLength(2);
      else expect(tlsErrorOf(check)).toMatchObject({ code });
    }
  });
});
