/** RFC 9258 has no vectors: its formulas are worked out here a second time, with `node:crypto` alone. */
import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { HashName } from "../../src/crypto/index.ts";
import { type ExternalKey, importPsk } from "../../src/handshake/index.ts";
import { toHex, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";

const lengths: Partial<Record<HashName, number>> = { sha256: 32, sha384: 48 };
const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const vector16 = (bytes: Uint8Array): Buffer => Buffer.concat([uint16(bytes.length), bytes]);
const vector8 = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([bytes.length]), bytes]);

/** ImportedIdentity (§5.1). */
const importedIdentity = ({ identity, context }: ExternalKey, kdf: number): Buffer =>
  Buffer.concat([vector16(identity), vector16(context), uint16(0x0304), uint16(kdf)]);

/** epskx and ipskx (§5.1), whose length is at most one block of 48 bytes. */
function importedSecret(external: ExternalKey, target: HashName, imported: Buffer): Buffer {
  const hash = external.hash ?? "sha256";
  const hmac = (key: Uint8Array, data: Uint8Array) => createHmac(hash, key).update(data).digest();
  const length = lengths[target]!;
  const epskx = hmac(Buffer.alloc(lengths[hash]!), external.secret);
  const context = createHash(hash).update(imported).digest();
  const info = Buffer.concat([
    uint16(length),
    vector8(Buffer.from("tls13 derived psk")),
    vector8(context),
  ]);
  const first = hmac(epskx, Buffer.concat([info, Buffer.from([1])]));
  const second = hmac(epskx, Buffer.concat([first, info, Buffer.from([2])]));
  return Buffer.concat([first, second]).subarray(0, length);
}

const external: ExternalKey = {
  identity: utf8("an identity"),
  secret: utf8("a key that was given by hand"),
  context: utf8("a context"),
};

describe.each(providers)("an imported key with $name", ({ provider }) => {
  it.each([
    ["sha256", "sha256", 1],
    ["sha256", "sha384", 2],
    ["sha384", "sha256", 1],
    ["sha384", "sha384", 2],
  ] as const)("from %s for %s is what RFC 9258 says", (hash, target, kdf) => {
    const given = { ...external, hash };
    const identity = importedIdentity(given, kdf);
    const psk = importPsk(provider, given, target);
    expect(psk).toEqual({
      identity: new Uint8Array(identity),
      secret: new Uint8Array(importedSecret(given, target, identity)),
      hash: target,
      kind: "imported",
    });
  });

  it("belongs to SHA-256, if nothing says otherwise", () => {
    expect(importPsk(provider, external, "sha384")).toEqual(
      importPsk(provider, { ...external, hash: "sha256" }, "sha384"),
    );
  });

  it("may have no context, and differs by all that goes in", () => {
    const all: [ExternalKey, HashName][] = [
      [external, "sha256"],
      [external, "sha384"],
      [{ ...external, hash: "sha384" }, "sha256"],
      [{ ...external, context: new Uint8Array(0) }, "sha256"],
      [{ ...external, identity: utf8("another") }, "sha256"],
      [{ ...external, secret: utf8("another") }, "sha256"],
    ];
    const secrets = all.map((each) => toHex(importPsk(provider, ...each).secret));
    expect(new Set(secrets).size).toBe(all.length);
  });

  it("is for hashes that TLS 1.3 uses", () => {
    expect(() => importPsk(provider, external, "sha512")).toThrow("no TLS 1.3 suite uses sha512");
    expect(() =>
      importPsk(provider, { ...external, identity: new Uint8Array(0) }, "sha256"),
    ).toThrow(RangeError);
  });
});
