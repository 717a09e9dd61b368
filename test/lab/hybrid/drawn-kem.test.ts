import { p256 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import {
  InvalidKemInput,
  type KemName,
  kemParameters,
  noble,
  type RandomSource,
  seededRandom,
} from "../../../src/crypto/index.ts";
import { type Draft, drawnKem } from "../../../src/lab/hybrid/drawn-kem.ts";
import { concat, fromHex, toHex } from "../../../src/wire/index.ts";
import { providers } from "../../crypto/providers.ts";

const kemNames = Object.keys(kemParameters) as KemName[];

describe.each(providers)("drawn keys on $name", ({ provider }) => {
  it.each(kemNames)("%s: both ends follow from the source, and are written down", (name) => {
    const runs = [1, 2].map(() => {
      const [clients, servers]: [Draft[], Draft[]] = [[], []];
      const pair = drawnKem(name, provider, seededRandom("client"), clients).generate();
      const server = drawnKem(name, provider, seededRandom("server"), servers);
      const { ciphertext, sharedSecret } = server.encapsulate(pair.publicKey);
      expect(pair.decapsulate(ciphertext)).toEqual(sharedSecret);
      return { client: clients[0], server: servers[0] };
    });
    expect(runs[0]).toEqual(runs[1]);
    const { client, server } = runs[0]!;
    const { privateKey, ...known } = client!;
    expect(server).toEqual({ ...known, randomness: expect.any(String) });
    const pair = noble.kems[name].importKeyPair!(fromHex(privateKey!));
    expect(toHex(pair.publicKey)).toBe(known.publicKey);
  });

  it.each(["ML-KEM-768", "x25519"] as const)("%s still judges the peer's key", (name) => {
    const kem = drawnKem(name, provider, seededRandom("server"), []);
    const bad = new Uint8Array(kem.publicKeyLength).fill(name === "x25519" ? 0 : 0xff);
    expect(() => kem.encapsulate(bad)).toThrow(InvalidKemInput);
  });
});

/** Gives these bytes, call by call. */
function given(...draws: Uint8Array[]): RandomSource {
  return () => draws.shift() ?? new Uint8Array();
}

it("draws a scalar again that is none", () => {
  const { ORDER } = p256.Point.Fn;
  const [order, one] = [ORDER, 1n].map((value) => fromHex(value.toString(16).padStart(64, "0")));
  const drafts: Draft[] = [];
  drawnKem("secp256r1", noble, given(new Uint8Array(32), order!, one!), drafts).generate();
  expect(drafts[0]?.privateKey).toBe(toHex(one!));
});

it("takes 521 bits of 66 bytes", () => {
  const drafts: Draft[] = [];
  const bytes = concat(Uint8Array.of(0xfe), new Uint8Array(65).fill(1));
  drawnKem("secp521r1", noble, given(bytes), drafts).generate();
  expect(drafts[0]?.privateKey).toBe(`00${"01".repeat(65)}`);
});

it("needs a back end that takes private keys", () => {
  const { importKeyPair: _, ...x25519 } = noble.kems.x25519;
  const provider = { ...noble, kems: { ...noble.kems, x25519 } };
  expect(() => drawnKem("x25519", provider, seededRandom("a"), []).generate()).toThrow(
    "x25519 takes no given private keys",
  );
});
