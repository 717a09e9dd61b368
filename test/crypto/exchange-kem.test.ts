import { expect, it } from "vitest";
import { exchangeKem } from "../../src/crypto/exchange-kem.ts";
import { InvalidKemInput } from "../../src/crypto/provider.ts";

/** Not Diffie-Hellman: what is looked at here is who keeps which key. */
function kemWith(sharedSecret: (privateKey: Uint8Array) => Uint8Array) {
  const made: Uint8Array[] = [];
  const keysOf = (privateKey: Uint8Array) => {
    made.push(privateKey);
    return { privateKey, publicKey: new Uint8Array(32).fill(9) };
  };
  const kem = exchangeKem<Uint8Array>("x25519", "test", {
    generate: () => keysOf(new Uint8Array(32).fill(7)),
    importKeys: (privateKey) => keysOf(privateKey.slice()),
    sharedSecret,
  });
  return { kem, made };
}

const peer = new Uint8Array(32).fill(5);
const isWiped = (key: Uint8Array | undefined) => key?.every((byte) => byte === 0);

it("an ephemeral key is wiped when it has done its work, and not before", () => {
  const { kem, made } = kemWith((privateKey) => privateKey.slice());
  expect(kem.encapsulate(peer).sharedSecret).toEqual(new Uint8Array(32).fill(7));
  expect(made).toHaveLength(1);
  expect(made.every(isWiped)).toBe(true);
  const pair = kem.generate();
  expect(isWiped(made[1])).toBe(false);
  pair.wipe();
  expect(isWiped(made[1])).toBe(true);
});

it("an ephemeral key is wiped where the peer's key is unfit, too", () => {
  const { kem, made } = kemWith(() => {
    throw new Error("not on the curve");
  });
  expect(() => kem.encapsulate(peer)).toThrow(InvalidKemInput);
  expect(made.map(isWiped)).toEqual([true]);
});
