/** Certificates and keys in forms that others write, and that are not quite what the standards say. */
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  createCredential,
  createDevelopmentCa,
  createTrustStore,
  decodePem,
  encodePem,
  parseCertificates,
  parsePrivateKey,
} from "../../src/pki.ts";
import { createSecureContext, createServerContext, noble } from "../../src/node.ts";
import { fromHex } from "../../src/wire/index.ts";

const ca = createDevelopmentCa({ provider: noble, now: Date.now(), algorithm: "ed25519" });
const issued = ca.issue({ names: ["localhost"] });

/** As a frame or a test runner's context makes them. */
const foreign = (bytes: Uint8Array): Uint8Array =>
  runInNewContext("Uint8Array.from(bytes)", { bytes: [...bytes] }) as Uint8Array;

describe("bytes of another realm", () => {
  const cert = foreign(ca.certificate.der);
  const key = foreign(ca.privateKey.pkcs8);

  it("are bytes, though no instance of our Uint8Array", () => {
    expect(cert).not.toBeInstanceOf(Uint8Array);
    expect(parseCertificates(cert)[0]?.subject.text).toBe(ca.certificate.subject.text);
    expect(createTrustStore([cert]).anchors).toHaveLength(1);
    const credential = createCredential({ certificates: [cert], privateKey: key, provider: noble });
    expect(credential.chain).toHaveLength(1);
  });

  it("are taken by contexts, and another kind of view is not", () => {
    const leaf = foreign(issued.chain[0]!.der);
    const own = foreign(issued.privateKey.pkcs8);
    expect(() => createServerContext({ cert: leaf, key: own, ca: cert })).not.toThrow();
    expect(() =>
      createSecureContext({ ca: [cert], ALPNProtocols: foreign(Uint8Array.of(1, 65)) }),
    ).not.toThrow();
    const wide = runInNewContext("new Uint16Array(8)") as Uint8Array;
    expect(() => createSecureContext({ ca: wide })).toThrow(/PEM, or DER as a Uint8Array/);
    expect(() => parseCertificates([wide])).toThrow(/Uint8Array/);
  });
});

describe("PKCS#8 with a public key", () => {
  const seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
  const publicKey = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

  it.each([
    ["RFC 5958 has it, and ring 0.17", `3051020101300506032b657004220420${seed}812100${publicKey}`],
    ["ring wrote it before 0.17", `3053020101300506032b657004220420${seed}a123032100${publicKey}`],
  ])("is read as %s", (_, hex) => {
    const read = parsePrivateKey(fromHex(hex));
    expect(read.type).toBe("ed25519");
    expect(read.key).toEqual(fromHex(seed));
    expect(parsePrivateKey(encodePem("PRIVATE KEY", fromHex(hex))).key).toEqual(read.key);
  });

  it("is not read with anything else behind it", () => {
    const hex = `3053020101300506032b657004220420${seed}a223032100${publicKey}`;
    expect(() => parsePrivateKey(fromHex(hex))).toThrow(/PrivateKeyInfo/);
  });
});

describe("PEM as others write it", () => {
  const { der } = ca.certificate;
  const plain = encodePem("CERTIFICATE", der);
  const [, ...lines] = plain.trimEnd().split("\n");

  it.each([
    [
      "attributes of a bag before it",
      `Bag Attributes\n    friendlyName: me\nKey Attributes: <No Attributes>\n${plain}`,
    ],
    [
      "the text of the certificate before it",
      `Certificate:\n    Data:\n        Version: 3 (0x2)\n${plain}`,
    ],
    ["a mark of the byte order before it", `\uFEFF${plain}`],
    ["line ends of DOS", plain.replaceAll("\n", "\r\n")],
    ["blanks at the ends of lines", plain.replaceAll("\n", "  \n")],
    ["no line breaks inside", plain.replaceAll("\n", "").replace("-----MII", "-----\nMII")],
    ["the older label", plain.replaceAll("CERTIFICATE", "X509 CERTIFICATE")],
  ])("is read with %s", (_, text) => {
    expect(parseCertificates(text)[0]?.der).toEqual(der);
    expect(createTrustStore([text]).anchors).toHaveLength(1);
  });

  it("is not read where the base64 is cut short", () => {
    const cut = ["-----BEGIN CERTIFICATE-----", ...lines.slice(0, 2), lines.at(-1)!].join("\n");
    expect(() => parseCertificates(cut)).toThrow(/[Cc]ertificate/);
    expect(decodePem(plain)[0]?.der).toEqual(der);
  });
});
