/** The ways in which one component's part of a share can be wrong, or look so. */
import type { Role } from "../../schedule/index.ts";
import { concat, fromHex } from "../../wire/index.ts";

/** What must become of a share. */
export type Verdict =
  /** Whoever gets it refuses it. */
  | { readonly kind: "refused"; readonly alert: "illegal_parameter" }
  /** It cannot be told from a right one, and leads to another secret. */
  | { readonly kind: "taken" };

export const refused: Verdict = { kind: "refused", alert: "illegal_parameter" };
export const taken: Verdict = { kind: "taken" };

export interface WrongPart {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly verdict: Verdict;
  readonly section: string;
}

const ecdhRules = "RFC 10024 §4.3; RFC 9846 §4.3.8.2";
const zeroRule = "RFC 10024 §4.3; RFC 9846 §7.4.2";
const keyRules = "RFC 10024 §4.2; FIPS 203 §7.2";
const rejectionRules = "RFC 10024 §4.2; FIPS 203 §6.3";

/**
 * @param part the right one
 * @param other another right one, of the same kind and length
 */
export function wrongParts(
  kem: string,
  from: Role,
  part: Uint8Array,
  other: Uint8Array,
): WrongPart[] {
  if (kem === "x25519") return wrongX25519(part, other);
  if (kem.startsWith("secp")) return wrongPoints(part, other);
  return from === "client" ? wrongKeys(part, other) : wrongCiphertexts(part, other);
}

/** u coordinates of low order (RFC 7748 §6.1): 0, 1, two of order 8, p − 1, p, p + 1. */
const lowOrder = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

function wrongX25519(part: Uint8Array, other: Uint8Array): WrongPart[] {
  const points = lowOrder.map(fromHex);
  const masked = points.map((point) => changed(point, 31, 0x80));
  return [
    ...points.map((bytes, index) => ({ name: `low-order point ${index + 1}`, bytes })),
    ...masked.map((bytes, index) => ({
      name: `low-order point ${index + 1}, the unused bit set`,
      bytes,
    })),
  ]
    .map((each): WrongPart => ({ ...each, verdict: refused, section: zeroRule }))
    .concat(
      { name: "another public key", bytes: other, verdict: taken, section: zeroRule },
      // RFC 7748 §5: the most significant bit is masked, so that the secret is the same
      {
        name: "the unused bit set",
        bytes: changed(part, 31, 0x80),
        verdict: taken,
        section: "RFC 7748 §5",
      },
    );
}

function wrongPoints(part: Uint8Array, other: Uint8Array): WrongPart[] {
  const size = (part.length - 1) / 2;
  const odd = (part.at(-1) ?? 0) & 1;
  const zeros = new Uint8Array(part.length);
  const compressed = concat(Uint8Array.of(2 + odd), part.subarray(1, 1 + size));
  const wrong: [string, Uint8Array][] = [
    ["off the curve", changed(part, part.length - 1, 1)],
    ["compressed", compressed],
    ["compressed, padded to length", concat(compressed, zeros.subarray(compressed.length))],
    ["the hybrid form", concat(Uint8Array.of(6 + odd), part.subarray(1))],
    ["infinity, one byte", Uint8Array.of(0)],
    ["all zero", zeros],
    ["the origin", concat(Uint8Array.of(4), zeros.subarray(1))],
    ["coordinates out of the field", concat(Uint8Array.of(4), zeros.subarray(1).fill(0xff))],
  ];
  return wrong
    .map(([name, bytes]): WrongPart => ({ name, bytes, verdict: refused, section: ecdhRules }))
    .concat({ name: "another public key", bytes: other, verdict: taken, section: ecdhRules });
}

/** Coefficients stand in 12 bits each, least significant first; a seed of 32 bytes follows them. */
function wrongKeys(key: Uint8Array, other: Uint8Array): WrongPart[] {
  const end = key.length - 32;
  const withLast = key.slice();
  withLast.set([((key[end - 2] ?? 0) & 0x0f) | 0x10, 0xd0], end - 2);
  const withFirst = key.slice();
  withFirst.set([0x01, ((key[1] ?? 0) & 0xf0) | 0x0d]);
  const most = key.slice();
  most.set([0x00, ((key[1] ?? 0) & 0xf0) | 0x0d]);
  const wrong: [string, Uint8Array, Verdict][] = [
    ["first coefficient 3329", withFirst, refused],
    ["last coefficient 3329", withLast, refused],
    ["all coefficients 4095", key.slice().fill(0xff, 0, end), refused],
    ["first coefficient 3328", most, taken],
    ["another seed", changed(key, key.length - 1, 1), taken],
    ["all zero", new Uint8Array(key.length), taken],
    ["another public key", other, taken],
  ];
  return wrong.map(([name, bytes, verdict]) => ({ name, bytes, verdict, section: keyRules }));
}

function wrongCiphertexts(ciphertext: Uint8Array, other: Uint8Array): WrongPart[] {
  const wrong: [string, Uint8Array][] = [
    ["first bit flipped", changed(ciphertext, 0, 1)],
    ["last bit flipped", changed(ciphertext, ciphertext.length - 1, 0x80)],
    ["all zero", new Uint8Array(ciphertext.length)],
    ["all ones", new Uint8Array(ciphertext.length).fill(0xff)],
    ["for another public key", other],
  ];
  return wrong.map(([name, bytes]) => ({ name, bytes, verdict: taken, section: rejectionRules }));
}

function changed(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= bits;
  return copy;
}
