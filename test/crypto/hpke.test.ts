import { describe, expect, it } from "vitest";
import {
  type HpkeContext,
  hpkeAeads,
  hpkeKdfs,
  hpkeKems,
  hpkeReceiver,
  hpkeSender,
  type HpkeSuite,
} from "../../src/crypto/hpke.ts";
import { createNoble, InvalidKemInput, noble, type Provider } from "../../src/crypto/index.ts";
import { fromHex, toHex, utf8 } from "../../src/wire/index.ts";
import { loadText } from "../vectors/load.ts";
import { providers } from "./providers.ts";

interface Vector {
  readonly source: string;
  readonly kem_id: number;
  readonly kdf_id: number;
  readonly aead_id: number;
  readonly info: string;
  readonly randomness: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly encryptions: readonly { aad: string; pt: string; ct: string; sequence: number }[];
  readonly exports: readonly { exporter_context: string; L: number; exported_value: string }[];
}
const vectors = JSON.parse(loadText("hpke/vectors.json")) as readonly Vector[];

/** The name of an entry by its identifier. */
function named<K extends string>(table: Readonly<Record<K, number | { id: number }>>, id: number) {
  const found = (Object.keys(table) as K[]).find((name) => {
    const entry = table[name];
    return (typeof entry === "number" ? entry : entry.id) === id;
  });
  return found!;
}

const suiteOf = ({ kem_id, kdf_id, aead_id }: Vector): HpkeSuite => ({
  kem: hpkeKems[named(hpkeKems, kem_id)],
  kdf: named(hpkeKdfs, kdf_id),
  aead: named(hpkeAeads, aead_id),
});

const slotOf = (suite: HpkeSuite, provider: Provider) => provider.kems[suite.kem.kem as "x25519"];

/** Both ends say all that the vector says. */
function checkExports(context: HpkeContext, { exports }: Vector): void {
  expect(exports.length).toBeGreaterThan(2);
  for (const { exporter_context, L, exported_value } of exports) {
    expect(toHex(context.export(fromHex(exporter_context), L))).toBe(exported_value);
  }
}

describe.each(providers)("HPKE with $name", ({ provider }) => {
  it.each(vectors)("receives as in $source", (vector) => {
    const suite = suiteOf(vector);
    const pair = slotOf(suite, provider).importKeyPair!(fromHex(vector.skRm));
    expect(toHex(pair.publicKey)).toBe(vector.pkRm);
    const [enc, info] = [fromHex(vector.enc), fromHex(vector.info)];
    const context = hpkeReceiver(suite, provider, pair, enc, info);
    checkExports(context, vector);
    let next = 0;
    for (const { aad, pt, ct, sequence } of vector.encryptions) {
      // The vectors leave some messages out
      for (; next < sequence; next++) context.seal(new Uint8Array(), new Uint8Array());
      const changed = fromHex(ct);
      changed[0]! ^= 1;
      expect(context.open(fromHex(aad), changed)).toBeUndefined();
      expect(toHex(context.open(fromHex(aad), fromHex(ct))!)).toBe(pt);
      next++;
    }
  });

  it.each(vectors)("sends as in $source", (vector) => {
    const suite = suiteOf(vector);
    const kem = slotOf(suite, provider);
    // A back end that takes no randomness from outside receives only
    const drawn =
      kem.encapsulateWith?.bind(kem) ?? noble.kems[kem.name as "x25519"].encapsulateWith!;
    const fixed = {
      ...kem,
      encapsulate: (key: Uint8Array) => drawn(key, fromHex(vector.randomness)),
    };
    const { encapsulated, context } = hpkeSender(
      { ...suite, kem: { ...suite.kem, kem: fixed } },
      provider,
      fromHex(vector.pkRm),
      fromHex(vector.info),
    );
    expect(toHex(encapsulated)).toBe(vector.enc);
    checkExports(context, vector);
    let next = 0;
    for (const { aad, pt, ct, sequence } of vector.encryptions) {
      for (; next < sequence; next++) context.seal(new Uint8Array(), new Uint8Array());
      expect(toHex(context.seal(fromHex(aad), fromHex(pt)))).toBe(ct);
      next++;
    }
  });

  it.each(Object.keys(hpkeKems) as (keyof typeof hpkeKems)[])(
    "shares with whom it was sent to over %s, and with nobody else",
    (name) => {
      const suite: HpkeSuite = { kem: hpkeKems[name], kdf: "HKDF-SHA256", aead: "export-only" };
      const [ours, theirs] = [provider.kems[name].generate(), provider.kems[name].generate()];
      const info = utf8("a test");
      const sent = hpkeSender(suite, provider, ours.publicKey, info);
      const secret = sent.context.export(utf8("a use"), 48);
      const secretFor = (pair: typeof ours, said: Uint8Array, use: string) =>
        hpkeReceiver(suite, provider, pair, sent.encapsulated, said).export(utf8(use), 48);
      expect(secretFor(ours, info, "a use")).toEqual(secret);
      expect(secretFor(theirs, info, "a use")).not.toEqual(secret);
      expect(secretFor(ours, utf8("another"), "a use")).not.toEqual(secret);
      expect(secretFor(ours, info, "another")).not.toEqual(secret);
      expect(() =>
        hpkeReceiver(suite, provider, ours, sent.encapsulated.subarray(1), info),
      ).toThrow(InvalidKemInput);
      expect(() => hpkeSender(suite, provider, ours.publicKey.subarray(1), info)).toThrow(
        InvalidKemInput,
      );
    },
  );
});

describe("a context of HPKE", () => {
  const suite: HpkeSuite = { kem: hpkeKems.x25519, kdf: "HKDF-SHA256", aead: "export-only" };
  const contextOf = (provider: Provider) =>
    hpkeSender(suite, provider, provider.kems.x25519.generate().publicKey, new Uint8Array())
      .context;

  it("that only exports encrypts nothing", () => {
    const context = contextOf(noble);
    expect(() => context.seal(new Uint8Array(), new Uint8Array())).toThrow("export-only");
    expect(() => context.open(new Uint8Array(), new Uint8Array(16))).toThrow("export-only");
  });

  it("gives nothing once it was wiped", () => {
    const context = contextOf(noble);
    expect(context.export(new Uint8Array(), 32)).toHaveLength(32);
    context.wipe();
    expect(() => context.export(new Uint8Array(), 32)).toThrow("wiped");
  });

  it("leaves no secret of the KEM behind", () => {
    const provider = createNoble();
    const { x25519 } = provider.kems;
    const secrets: Uint8Array[] = [];
    const watched = {
      ...x25519,
      encapsulate(key: Uint8Array) {
        const encapsulation = x25519.encapsulate(key);
        secrets.push(encapsulation.sharedSecret);
        return encapsulation;
      },
    };
    contextOf({ ...provider, kems: { ...provider.kems, x25519: watched } });
    expect(secrets).toEqual([new Uint8Array(32)]);
  });
});
