import { describe, expect, it } from "vitest";
import { noble } from "../../src/crypto/index.ts";
import { carriesData, Epoch } from "../../src/record/epoch.ts";
import { concat, utf8 } from "../../src/wire/index.ts";
import { tlsErrorOf } from "../support/errors.ts";
import { trafficSecret } from "../support/secrets.ts";

const cipher = { aead: noble.aeads["aes-128-gcm"], recordLimit: 7 };
const type = Uint8Array.of(23);

describe("an epoch", () => {
  it("protects with the keys of its secret", () => {
    const [writer, reader] = [1, 2].map(() => new Epoch("application", cipher, trafficSecret()));
    const record = concat(...writer!.protection.seal(utf8("x"), type));
    expect(reader!.protection.open(record)).toEqual(concat(utf8("x"), type));
    expect(writer!.recordLimit).toBe(7);
  });

  // RFC 9846 §7.2
  it("is followed by one of the next secret, with a count of its own", () => {
    const secret = trafficSecret();
    const expected = secret.next().reveal();
    const epoch = new Epoch("application", cipher, secret);
    epoch.protection.seal(utf8("x"), type);
    const next = epoch.next();
    expect(next.name).toBe("application");
    expect(next.recordLimit).toBe(7);
    expect(next.protection.records).toBe(0);
    expect(tlsErrorOf(() => secret.reveal()).code).toBe("misuse");
    const record = concat(...next.protection.seal(utf8("x"), type));
    const { key, iv } = trafficSecret().next().keys(16);
    expect(
      noble.aeads["aes-128-gcm"].importKey(key).open(iv, record.subarray(0, 5), record.subarray(5)),
    ).toEqual(concat(utf8("x"), type));
    expect(trafficSecret().next().reveal()).toEqual(expected);
  });
});

describe("what carries data", () => {
  it("is early data and application data", () => {
    const names = ["plaintext", "early", "handshake", "application"] as const;
    expect(names.filter(carriesData)).toEqual(["early", "application"]);
  });
});
