import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  encodePem,
  encodePrivateKey,
  encryptPrivateKey,
  parsePrivateKey,
} from "../../../src/identity/index.ts";
import { octetString, oid, sequence, unsigned } from "../../../src/identity/der/der-writer.ts";
import { PasswordOid } from "../../../src/identity/der/oids.ts";
import { toHex } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";
import { itWith } from "../../interop/peers.ts";
import { tlsErrorOf } from "../../support/errors.ts";

const { provider } = providers[0]!;
const passphrase = "correct horse bättery";
const iterations = 10;
const key = encodePrivateKey(provider.generateKey("secp256r1"));
const encrypted = encryptPrivateKey(key, passphrase, { provider, iterations });
const pem = encodePem("ENCRYPTED PRIVATE KEY", encrypted);

const folder = mkdtempSync(join(tmpdir(), "kemistry-"));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (path: string, ...args: string[]): void => {
  execFileSync(path, args, { cwd: folder, stdio: "pipe" });
};
const read = (name: string): string => readFileSync(join(folder, name), "utf8");

describe("private keys under a passphrase (RFC 8018 §6.2)", () => {
  it("are read with it, and not without", () => {
    expect(parsePrivateKey(encrypted, { passphrase })).toEqual(key);
    expect(parsePrivateKey(pem, { passphrase })).toEqual(key);
    expect(tlsErrorOf(() => parsePrivateKey(pem))).toMatchObject({
      code: "misuse",
      message: expect.stringContaining("no passphrase is given"),
      detail: { section: "RFC 5958 §3" },
    });
  });

  it("a wrong passphrase is always said to be one, also where the padding happens to be right", () => {
    for (let guess = 0; guess < 600; guess++) {
      const error = tlsErrorOf(() => parsePrivateKey(encrypted, { passphrase: `guess ${guess}` }));
      expect(error.message).toMatch(/^the passphrase is wrong, or the encrypted key is damaged/);
    }
  });

  it("a passphrase that is not needed does no harm", () => {
    expect(parsePrivateKey(key.pkcs8, { passphrase })).toEqual(key);
  });

  it("take as many rounds as OWASP asks for, unless told otherwise", () => {
    const hex = toHex(encryptPrivateKey(key, passphrase, { provider }));
    // PBKDF2-params: a salt of 16 bytes, then the rounds
    expect(hex).toMatch(new RegExp(`0410.{32}${toHex(unsigned(600_000))}`));
  });

  it("never come out the same twice", () => {
    const again = encryptPrivateKey(key, passphrase, { provider, iterations });
    expect(again).not.toEqual(encrypted);
    expect(parsePrivateKey(again, { passphrase })).toEqual(key);
  });

  it("are refused where they ask for work without end, or for another cipher", () => {
    const { pbkdf2, pbes2, aes256Cbc } = PasswordOid;
    const derivation = sequence(
      oid(pbkdf2),
      sequence(octetString(new Uint8Array(8)), unsigned(2 ** 30)),
    );
    const scheme = sequence(oid(aes256Cbc), octetString(new Uint8Array(16)));
    const algorithm = sequence(oid(pbes2), sequence(derivation, scheme));
    const endless = sequence(algorithm, octetString(new Uint8Array(16)));
    expect(tlsErrorOf(() => parsePrivateKey(endless, { passphrase })).message).toMatch(
      /expected 1 to 6000000, got 1073741824 \(.*iterationCount/,
    );
    const node = (cipher: string): string =>
      generateKeyPairSync("ec", {
        namedCurve: "prime256v1",
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem", cipher, passphrase },
      }).privateKey;
    for (const cipher of ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc"]) {
      expect(parsePrivateKey(node(cipher), { passphrase }).type).toBe("secp256r1");
    }
    expect(tlsErrorOf(() => parsePrivateKey(node("des-ede3-cbc"), { passphrase })).message).toMatch(
      /cipher that is not supported \(1\.2\.840\.113549\.3\.7\)/,
    );
  });

  it("are read by node:crypto", () => {
    const theirs = createPrivateKey({ key: pem, passphrase });
    expect(new Uint8Array(theirs.export({ type: "pkcs8", format: "der" }))).toEqual(
      new Uint8Array(
        createPrivateKey(encodePem("PRIVATE KEY", key.pkcs8)).export({
          type: "pkcs8",
          format: "der",
        }),
      ),
    );
    expect(() => createPrivateKey({ key: pem, passphrase: "another" })).toThrow(/decrypt/);
  });

  itWith(
    "openssl",
    "are exchanged with openssl pkcs8, whatever it derives keys with",
    ({ path }) => {
      writeFileSync(join(folder, "ours.pem"), pem);
      writeFileSync(join(folder, "pass"), passphrase);
      run(path, "pkcs8", "-in", "ours.pem", "-passin", "file:pass", "-out", "plain.pem");
      expect(parsePrivateKey(read("plain.pem")).key).toEqual(key.key);
      for (const prf of ["hmacWithSHA1", "hmacWithSHA256", "hmacWithSHA384", "hmacWithSHA512"]) {
        const options = ["-topk8", "-v2", "aes256", "-v2prf", prf, "-passout", "file:pass"];
        run(path, "pkcs8", ...options, "-in", "plain.pem", "-out", "theirs.pem");
        expect(parsePrivateKey(read("theirs.pem"), { passphrase }).key).toEqual(key.key);
      }
    },
  );

  itWith("openssl35", "ML-DSA keys too", ({ path }) => {
    const lattice = encodePrivateKey(provider.generateKey("ML-DSA-65"));
    const text = encodePem(
      "ENCRYPTED PRIVATE KEY",
      encryptPrivateKey(lattice, passphrase, { provider, iterations }),
    );
    writeFileSync(join(folder, "lattice.pem"), text);
    writeFileSync(join(folder, "pass"), passphrase);
    run(path, "pkcs8", "-in", "lattice.pem", "-passin", "file:pass", "-out", "plain.pem");
    expect(parsePrivateKey(read("plain.pem"))).toEqual(lattice);
  });
});
