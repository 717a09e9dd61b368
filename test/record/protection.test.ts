import { describe, expect, it } from "vitest";
import { type Aead, suites } from "../../src/crypto/index.ts";
import { recordHeader, RecordProtection } from "../../src/record/protection.ts";
import { concat, toHex, utf8 } from "../../src/wire/index.ts";
import { providers } from "../crypto/providers.ts";
import { changed } from "../support/raw.ts";
import { trafficSecret } from "../support/secrets.ts";

const trailer = Uint8Array.of(23);

describe.each(providers)("record protection with $name", ({ provider }) => {
  describe.each(suites)("under $name", (suite) => {
    const aead = provider.aeads[suite.aead];
    const make = () => new RecordProtection(aead, trafficSecret("a", suite));
    const seal = (protection: RecordProtection, text: string) =>
      concat(...protection.seal(utf8(text), trailer));

    // RFC 9846 §5.2
    it("seals content, type and padding behind a header of the whole length", () => {
      const chunks = make().seal(utf8("content"), Uint8Array.of(22, 0, 0, 0));
      const record = concat(...chunks);
      expect(toHex(chunks[0]!)).toBe("170303001b");
      expect(record).toHaveLength(5 + 7 + 4 + 16);
      expect(make().open(record)).toEqual(concat(utf8("content"), Uint8Array.of(22, 0, 0, 0)));
    });

    it("makes its keys with the first record, and once", () => {
      let imported = 0;
      const importKey: typeof aead.importKey = (key) => {
        imported++;
        return aead.importKey(key);
      };
      const protection = new RecordProtection({ ...aead, importKey }, trafficSecret("a", suite));
      expect(imported).toBe(0);
      seal(protection, "one");
      seal(protection, "two");
      expect(imported).toBe(1);
      // One that nothing went through has nothing to forget
      expect(() => make().wipe()).not.toThrow();
    });

    // RFC 9846 §5.3: the nonce is the IV xor the sequence number
    it("counts its records on both sides", () => {
      const [writer, reader] = [make(), make()];
      const records = Array.from({ length: 300 }, (_, i) => seal(writer, `record ${i}`));
      expect(writer.records).toBe(300);
      records.forEach((record, i) => {
        expect(reader.open(record)).toEqual(concat(utf8(`record ${i}`), trailer));
      });
      expect(reader.records).toBe(300);
      const { key, iv } = trafficSecret("a", suite).keys(aead.keyLength);
      const nonce = changed(iv, (copy) => {
        copy[10]! ^= 299 >> 8;
        copy[11]! ^= 299 & 0xff;
      });
      const last = records[299]!;
      expect(aead.importKey(key).open(nonce, last.subarray(0, 5), last.subarray(5))).toEqual(
        concat(utf8("record 299"), trailer),
      );
    });

    it("opens nothing out of order, twice, changed or under another key", () => {
      const writer = make();
      const [first, second] = [seal(writer, "first"), seal(writer, "second")];
      const reader = make();
      expect(reader.open(second)).toBeUndefined();
      for (const at of [0, 2, 4, 5, first.length - 1]) {
        expect(reader.open(changed(first, (copy) => (copy[at]! ^= 1)))).toBeUndefined();
      }
      expect(new RecordProtection(aead, trafficSecret("b", suite)).open(first)).toBeUndefined();
      // §4.3.10: what was not authentic did not count
      expect(reader.records).toBe(0);
      expect(reader.open(first)).toBeDefined();
      expect(reader.open(first)).toBeUndefined();
      expect(reader.open(second)).toBeDefined();
    });

    it("opens nothing that is shorter than a tag", () => {
      for (const length of [0, 1, 15]) {
        const record = concat(recordHeader(23, length), new Uint8Array(length));
        expect(make().open(record)).toBeUndefined();
      }
      // No content and no type is authentic, and for the receiver to refuse
      expect(make().open(concat(...make().seal(utf8(""), utf8(""))))).toEqual(utf8(""));
    });
  });
});

/** An AEAD that keeps what it is given. */
function recordingAead() {
  const nonces: string[] = [];
  const keys: Uint8Array[] = [];
  let isWiped = false;
  const aead: Aead = {
    name: "aes-128-gcm",
    backend: "a test's",
    keyLength: 16,
    importKey(key) {
      keys.push(key);
      return {
        seal(nonce, _header, content, end) {
          nonces.push(toHex(nonce));
          return [content, end];
        },
        open: () => undefined,
        wipe: () => (isWiped = true),
      };
    },
  };
  return { aead, nonces, keys, isWiped: () => isWiped };
}

describe("the keys of a direction", () => {
  const secret = trafficSecret("a", suites[0]);

  // RFC 9846 §5.3: a number of 64 bits, in network byte order, at the end of the nonce
  it("give another nonce for each record, beyond 2^8 and 2^16 of them", () => {
    const { aead, nonces } = recordingAead();
    const protection = new RecordProtection(aead, secret);
    const count = 2 ** 16 + 2;
    for (let i = 0; i < count; i++) protection.seal(new Uint8Array(0), trailer);
    expect(new Set(nonces).size).toBe(count);
    const iv = BigInt(`0x${toHex(trafficSecret("a", suites[0]).keys(16).iv)}`);
    for (const at of [0, 1, 0xff, 0x100, 0xffff, 0x10000, 0x10001]) {
      expect(BigInt(`0x${nonces[at]}`) ^ iv).toBe(BigInt(at));
    }
  });

  it("are forgotten: the bytes when they are imported, the rest when the direction ends", () => {
    const { aead, keys, isWiped } = recordingAead();
    const protection = new RecordProtection(aead, trafficSecret("a", suites[0]));
    protection.seal(new Uint8Array(0), trailer);
    expect(keys).toHaveLength(1);
    expect(keys[0]!.every((byte) => byte === 0)).toBe(true);
    expect(isWiped()).toBe(false);
    protection.wipe();
    expect(isWiped()).toBe(true);
  });
});

describe("a record header", () => {
  // RFC 9846 §5.1
  it("is type, version and length", () => {
    expect(toHex(recordHeader(22, 0x1234))).toBe("1603031234");
    expect(toHex(recordHeader(22, 1, 0x0301))).toBe("1603010001");
  });
});
