import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseTokenUri, TokenKeys } from "../../src/hsm/index.ts";
import { itWith } from "../interop/peers.ts";
import { makeTokens, pin, softHsm } from "./softhsm.ts";

const folder = mkdtempSync(join(tmpdir(), "kemistry-uri-"));
const pinFile = join(folder, "a pin");
beforeAll(() => writeFileSync(pinFile, `${pin}\n`));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the URI of a key in a token (RFC 7512)", () => {
  it("says which key, and how one gets there", () => {
    const source = encodeURIComponent(pinFile);
    expect(
      parseTokenUri(
        `pkcs11:token=The%20CA;object=root;type=private?module-path=/m.so&pin-source=${source}`,
      ),
    ).toEqual({ module: "/m.so", token: "The CA", object: "root", pin });
    const file = pathToFileURL(pinFile).href;
    expect(parseTokenUri(`pkcs11:object=a?module-path=/m&pin-source=${file}`, {}).pin).toBe(pin);
  });

  it("may leave module and PIN to the environment, and is asked first", () => {
    const environment = { PKCS11_MODULE: "/e.so", PKCS11_PIN: "5678" };
    expect(parseTokenUri("pkcs11:object=a", environment)).toEqual({
      module: "/e.so",
      object: "a",
      pin: "5678",
    });
    expect(parseTokenUri("pkcs11:object=a?module-path=/m.so", environment).module).toBe("/m.so");
    expect(parseTokenUri("pkcs11:object=a?module-path=/m.so", {})).not.toHaveProperty("pin");
  });

  it.each([
    ["http://a", /not a URI of a key/],
    ["pkcs11:", /not a URI of a key/],
    ["pkcs11:token=a?module-path=/m", /names no key/],
    ["pkcs11:object=a", /names no module/],
    ["pkcs11:object=a;type=cert?module-path=/m", /not a private key/],
    ["pkcs11:object=a;object=b?module-path=/m", /object stands there twice/],
    ["pkcs11:object=a;id=%01?module-path=/m", /attribute id is not honoured/],
    // A PIN in a file that others read is none
    ["pkcs11:object=a?module-path=/m&pin-value=1234", /attribute pin-value is not honoured/],
    ["pkcs11:object=%zz?module-path=/m", /percent sign/],
    ["pkcs11:object=a?module-path=/m&pin-source=/nowhere/pin", /PIN cannot be read from/],
  ])("is refused where something would be ignored: %s", (uri, reason) => {
    expect(() => parseTokenUri(uri, {})).toThrow(reason);
  });
});

describe("keys by URI", () => {
  itWith("softhsm", "are made once, and found again", async () => {
    const place = makeTokens("ca");
    const uri = `pkcs11:token=ca;object=root?module-path=${softHsm()}&pin-source=${encodeURIComponent(pinFile)}`;
    const keys = new TokenKeys();
    try {
      await expect(keys.find(uri)).rejects.toThrow(/0 private keys "root"/);
      const made = await keys.make(uri, "secp256r1");
      expect((await keys.make(uri, "secp256r1")).publicKey.spki).toEqual(made.publicKey.spki);
      await expect(keys.make(uri, "ed25519")).rejects.toThrow(/of another type/);
      await expect(keys.make(uri, "ed448")).rejects.toThrow(/not made in tokens/);
    } finally {
      await keys.close();
    }
    const again = new TokenKeys();
    expect((await again.find(uri)).type).toBe("secp256r1");
    await again.close();
    place.remove();
  });
});
