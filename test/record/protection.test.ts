import { describe, expect, it } from "vitest";
import { suites } from "../../src/crypto/index.ts";
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

describe("a record header", () => {
  // RFC 9846 §5.1
  it("is type, version and length", () => {
    expect(toHex(recordHeader(22, 0x1234))).toBe("1603031234");
    expect(toHex(recordHeader(22, 1, 0x0301))).toBe("1603010001");
  });
});
