import { spawnSync } from "node:child_process";
import { createHash, createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { noble, type Provider } from "../../../src/crypto/index.ts";
import { native } from "../../../src/crypto/native.ts";
import { openTripleDes } from "../../../src/crypto/native/triple-des.ts";
import {
  createDevelopmentCa,
  encodePem,
  type KeyStore,
  parsePrivateKey,
  readPkcs12,
  writePkcs12,
} from "../../../src/identity/index.ts";
import { constructed, Tag } from "../../../src/identity/der/der-tags.ts";
import {
  der as element,
  octetString,
  oid,
  sequence,
  unsigned,
} from "../../../src/identity/der/der-writer.ts";
import { PasswordOid, Pkcs12Oid } from "../../../src/identity/der/oids.ts";
import { concat } from "../../../src/wire/index.ts";
import { emptyFolders } from "../../authority/folders.ts";
import { itWith } from "../../interop/peers.ts";
import { tlsErrorOf } from "../../support/errors.ts";
import { berOf } from "../der/ber-writer.ts";

vi.setConfig({ testTimeout: 60_000 });

const folder = emptyFolders();
const quick = (provider: Provider) => ({ provider, iterations: 1000 });
const passphrase = "pass phrase \u{fc}";

function store(algorithm: "secp256r1" | "ML-DSA-65"): KeyStore {
  const authority = createDevelopmentCa({ provider: native, algorithm, now: Date.now() });
  const credential = authority.issue({ names: ["a.example"], usage: "server" });
  const { chain } = credential;
  if (!("privateKey" in credential)) throw new Error("a key of its own");
  return {
    certificates: [chain[0]!, authority.certificate],
    privateKey: credential.privateKey,
  };
}

const contentOf = ({ certificates, privateKey }: KeyStore) => ({
  certificates: certificates.map(({ der }) => Buffer.from(der).toString("hex")),
  privateKey: Buffer.from(privateKey.pkcs8).toString("hex"),
});

const salt = new Uint8Array(64);

/** A bag whose key takes so many rounds of PBES2, and is none. */
const keyBag = (rounds: number): Uint8Array =>
  sequence(
    oid(Pkcs12Oid.shroudedKeyBag),
    element(
      constructed(0),
      sequence(
        sequence(
          oid(PasswordOid.pbes2),
          sequence(
            sequence(oid(PasswordOid.pbkdf2), sequence(octetString(salt), unsigned(rounds))),
            sequence(oid(PasswordOid.aes256Cbc), octetString(new Uint8Array(16))),
          ),
        ),
        octetString(new Uint8Array(16)),
      ),
    ),
  );

/** A file with these bags, and a MAC of two rounds (RFC 7292 Appendix B.2). */
function pfxOf(...bags: readonly Uint8Array[]): Uint8Array {
  const data = (content: Uint8Array): Uint8Array =>
    sequence(oid(Pkcs12Oid.data), element(constructed(0), octetString(content)));
  const safe = sequence(data(sequence(...bags)));
  const written = Buffer.from(`${passphrase}\0`, "utf16le").swap16();
  const password = Buffer.alloc(64, written);
  const sha256 = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();
  const key = sha256(sha256(concat(new Uint8Array(64).fill(3), salt, password)));
  const mac = createHmac("sha256", key).update(safe).digest();
  return sequence(
    unsigned(3),
    data(safe),
    sequence(
      sequence(sequence(oid(Pkcs12Oid.sha256), element(Tag.null)), octetString(mac)),
      octetString(salt),
      unsigned(2),
    ),
  );
}

describe("PKCS #12", () => {
  it.each(["secp256r1", "ML-DSA-65"] as const)("reads what it has written, of %s", (type) => {
    const own = store(type);
    const pfx = writePkcs12(own, passphrase, quick(noble));
    expect(contentOf(readPkcs12(pfx, { passphrase }))).toEqual(contentOf(own));
    const hidden = Buffer.from(pfx).toString("hex");
    for (const { der } of own.certificates) {
      expect(hidden).not.toContain(Buffer.from(der).toString("hex"));
    }
    expect(hidden).not.toContain(contentOf(own).privateKey);
    expect(() => readPkcs12(pfx, { passphrase: "another" })).toThrow(
      /the passphrase is wrong, or somebody has/,
    );
    const changed = Uint8Array.from(pfx);
    changed[changed.length >> 1]! ^= 1;
    expect(() => readPkcs12(changed, { passphrase })).toThrow(/or somebody has changed it/);
    expect(() => readPkcs12(pfx.subarray(1), { passphrase })).toThrow(/DER of PKCS #12/);
  });

  it("is done so many rounds for, all its parts together", () => {
    const pfx = pfxOf(keyBag(5_999_999));
    expect(() => readPkcs12(pfx, { passphrase })).toThrow("more than 6000000 rounds in all");
    const many = pfxOf(...Array.from({ length: 4 }, () => keyBag(6_000_000)));
    expect(() => readPkcs12(many, { passphrase })).toThrow("more than 6000000 rounds in all");
    expect(() => readPkcs12(pfxOf(keyBag(1)), { passphrase })).toThrow(/key is damaged/);
  });

  it("needs a MAC, and a certificate for its key", () => {
    const own = store("secp256r1");
    const other = store("secp256r1");
    const strange = writePkcs12(
      { ...own, certificates: other.certificates },
      passphrase,
      quick(native),
    );
    expect(() => readPkcs12(strange, { passphrase })).toThrow(/no certificate for its key/);
    // PFX without macData: version 3, and an empty AuthenticatedSafe
    const bare = Buffer.from("3014020103300f06092a864886f70d010701a00204003000", "hex");
    expect(() => readPkcs12(bare, { passphrase })).toThrow(/cannot be used/);
    const empty = Buffer.from("3016020103301106092a864886f70d010701a00404023000", "hex");
    expect(() => readPkcs12(empty, { passphrase })).toThrow(/it has no MAC/);
  });

  itWith(
    "openssl",
    "is read by OpenSSL, and reads what that has written",
    ({ path }) => {
      const own = store("secp256r1");
      const [leaf, above] = own.certificates;
      const at = (name: string) => folder.at(name);
      const run = (...args: readonly string[]) => {
        const { status, stdout, stderr } = spawnSync(path, ["pkcs12", ...args], {
          encoding: "utf8",
        });
        expect([status, stderr]).toEqual([0, expect.any(String)]);
        return stdout;
      };
      writeFileSync(at("own.p12"), writePkcs12(own, passphrase, quick(native)));
      writeFileSync(at("pass"), passphrase);
      const pem = run("-in", at("own.p12"), "-noenc", "-passin", `file:${at("pass")}`);
      expect(
        parsePrivateKey(/-----BEGIN PRIVATE KEY[^]*END PRIVATE KEY-----/.exec(pem)![0]).pkcs8,
      ).toEqual(own.privateKey.pkcs8);
      expect(pem.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      writeFileSync(at("key.pem"), encodePem("PRIVATE KEY", own.privateKey.pkcs8));
      writeFileSync(at("leaf.pem"), encodePem("CERTIFICATE", leaf!.der));
      writeFileSync(at("above.pem"), encodePem("CERTIFICATE", above!.der));
      const files = ["-inkey", at("key.pem"), "-in", at("leaf.pem"), "-certfile", at("above.pem")];
      const out = ["-out", at("theirs.p12"), "-passout", `file:${at("pass")}`, "-name", "web"];
      run("-export", ...files, ...out);
      const theirs = readFileSync(at("theirs.p12"));
      expect(contentOf(readPkcs12(theirs, { passphrase }))).toEqual(contentOf(own));
    },
    120_000,
  );

  itWith(
    "openssl",
    "reads what older programs have written, where 3DES is there; RC2 is refused with what to do",
    ({ path }) => {
      const own = store("secp256r1");
      const at = (name: string) => folder.at(name);
      const [leaf, above] = own.certificates;
      writeFileSync(
        at("all.pem"),
        encodePem("PRIVATE KEY", own.privateKey.pkcs8) +
          encodePem("CERTIFICATE", leaf!.der) +
          encodePem("CERTIFICATE", above!.der),
      );
      const write = (secret: string, ...how: readonly string[]): Uint8Array => {
        const files = ["-in", at("all.pem"), "-out", at("old.p12"), "-passout", `pass:${secret}`];
        const { status, stderr } = spawnSync(path, ["pkcs12", "-export", ...files, ...how], {
          encoding: "utf8",
        });
        expect([status, stderr]).toEqual([0, ""]);
        return readFileSync(at("old.p12"));
      };
      const tripleDes = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"];
      // A long salt, and a password of more than one block (Appendix B.2)
      for (const secret of [
        "secret",
        "a passphrase of more than thirty-two characters, which is long",
      ]) {
        for (const mac of ["sha1", "sha256", "sha512"]) {
          const old = write(secret, ...tripleDes, "-macalg", mac);
          expect(contentOf(readPkcs12(old, { passphrase: secret, openTripleDes }))).toEqual(
            contentOf(own),
          );
          expect(() => readPkcs12(old, { passphrase: "another", openTripleDes })).toThrow(
            /the passphrase is wrong/,
          );
        }
      }
      const without = tlsErrorOf(() =>
        readPkcs12(write("secret", ...tripleDes), { passphrase: "secret" }),
      );
      expect(without).toMatchObject({ code: "misuse" });
      expect(without.message).toMatch(/not supported \(1\.2\.840\.113549\.1\.12\.1\.3\)/);
      const rc2 = write("secret", "-legacy");
      expect(() => readPkcs12(rc2, { passphrase: "secret", openTripleDes })).toThrow(
        /not supported \(1\.2\.840\.113549\.1\.12\.1\.6\); write it anew/,
      );
      // No passphrase, and an empty one
      for (const options of [{}, { passphrase: "" }]) {
        const open = write("", ...tripleDes);
        expect(contentOf(readPkcs12(open, { ...options, openTripleDes }))).toEqual(contentOf(own));
        expect(() => readPkcs12(write("secret"), options)).toThrow(/the passphrase is wrong/);
      }
    },
    120_000,
  );

  it("is read in BER, as NSS and Firefox write it", () => {
    const own = store("secp256r1");
    const pfx = writePkcs12(own, passphrase, quick(native));
    const ber = berOf(pfx);
    expect(ber).not.toEqual(pfx);
    expect(contentOf(readPkcs12(ber, { passphrase }))).toEqual(contentOf(own));
    expect(() => readPkcs12(ber, { passphrase: "another" })).toThrow(/the passphrase is wrong/);
    expect(() => readPkcs12(ber.subarray(0, -1), { passphrase })).toThrow(/got the end/);
  });

  it("has the chain in order, in whatever order the file has it, and others behind it", () => {
    const authority = createDevelopmentCa({
      provider: native,
      algorithm: "ed25519",
      now: Date.now(),
    });
    const { chain, privateKey } = authority.issue({ names: ["a.example"], usage: "server" });
    const other = store("secp256r1").certificates[1]!;
    const right = [chain[0]!, authority.certificate, other];
    for (const certificates of [right, right.toReversed(), [other, ...right]]) {
      const pfx = writePkcs12({ certificates, privateKey }, passphrase, quick(native));
      const read = readPkcs12(pfx, { passphrase }).certificates;
      expect(read.slice(0, 3).map(({ subject }) => subject.text)).toEqual(
        right.map(({ subject }) => subject.text),
      );
    }
  });
});
