/**
 * What `@oqs/liboqs-js` has, before any of it is loaded: sizes, and the names, code points and object identifiers that
 * oqs-provider gives them (its ALGORITHMS.md of July 2026), so that others can be met. A module that was loaded is held
 * to these sizes.
 */
import type { KemName, Oid } from "../crypto/index.ts";

interface Entry {
  /** As the literature and this project write it: `HQC-128`. */
  readonly name: string;
  /** As liboqs writes it. */
  readonly identifier: string;
  /** The module's file in the package, without its ending. */
  readonly file: string;
  /** The claimed security category: 1 to 5. */
  readonly level: number;
  /** Bytes. */
  readonly publicKey: number;
  /** Bytes of liboqs's secret key. */
  readonly secretKey: number;
}

/** A key-encapsulation mechanism of liboqs. Sizes in bytes. */
export interface OqsKem extends Entry {
  /** Tells it from signature algorithms. */
  readonly kind: "kem";
  /** Of a ciphertext. */
  readonly ciphertext: number;
  /** Of the shared secret. */
  readonly sharedSecret: number;
  /** By which its keys, in certificates, authenticate (AuthKEM). */
  readonly authentication: OqsAuthentication;
  /** FIPS 203: every provider has it, under the registered names. */
  readonly standard?: true;
  /** Where it is used in TLS: alone, and in hybrids. */
  readonly groups: readonly OqsGroup[];
}

/** How a KEM's key in a certificate is named, and the scheme that it authenticates by. */
export interface OqsAuthentication {
  /** Name of the scheme. */
  readonly scheme: string;
  /** SignatureScheme, from the range for private use. */
  readonly code: number;
  /** Object identifier of its keys in certificates. */
  readonly oid: Oid;
}

/** A group of TLS that a KEM is used in. */
export interface OqsGroup {
  /** Name of the group, as oqs-provider has it. */
  readonly name: string;
  /** NamedGroup. */
  readonly code: number;
  /** The part that stands before the KEM's, in both shares and in the secret. */
  readonly classical?: KemName;
}

/** A signature algorithm of liboqs. Sizes in bytes. */
export interface OqsSignature extends Entry {
  /** Tells it from KEMs. */
  readonly kind: "signature";
  /** The longest. */
  readonly signature: number;
  /** The TLS scheme's. */
  readonly scheme: string;
  /** SignatureScheme. */
  readonly code: number;
  /** Of keys and signatures in certificates. */
  readonly oid: Oid;
  /** FIPS 204 or 205: every provider has it, under the registered names. */
  readonly standard?: true;
}

/** One algorithm of liboqs. */
export type OqsAlgorithm = OqsKem | OqsSignature;

/** What stands before an underscore in the name of a hybrid. */
const classicalParts: Readonly<Record<string, KemName>> = {
  p256: "secp256r1",
  p384: "secp384r1",
  p521: "secp521r1",
  x25519: "x25519",
  x448: "x448",
};

const fileOf = (identifier: string): string =>
  identifier
    .toLowerCase()
    .replace("slh_dsa_pure", "slh-dsa")
    .replace(/^efrodo/, "frodo")
    .replace(/^kyber/, "kyber-")
    .replaceAll("_", "-");

type KemSizes = readonly [
  publicKey: number,
  secretKey: number,
  ciphertext: number,
  sharedSecret: number,
];

/** What has no code points and no groups yet. */
type Listed = Omit<OqsKem, "authentication">;

/**
 * Nobody else names these: schemes from the range for private use (RFC 9846 §4.3.3), and keys below an identifier of our
 * own (ITU-T X.667), each at the place of its KEM in the list; a new one goes to the list's end.
 */
const authentications = {
  code: 0xfea8,
  arc: "2.25.29242175054486839712537725908124375327",
} as const;

const authenticating = (listed: Listed, place: number): OqsKem => ({
  ...listed,
  authentication: {
    scheme: `kem_${groupName(listed.name)}`,
    code: authentications.code + place,
    oid: `${authentications.arc}.${place}`,
  },
});

const groupName = (name: string): string =>
  name.toLowerCase().replace("frodokem", "frodo").replace("classic-", "").replaceAll("-", "");

function kem(
  name: string,
  level: number,
  [publicKey, secretKey, ciphertext, sharedSecret]: KemSizes,
  codes: Readonly<Record<string, number>>,
): Listed {
  const groups = Object.entries(codes).map(([group, code]): OqsGroup => {
    const classical = classicalParts[group.split("_")[0] ?? ""];
    return { name: group, code, ...(classical !== undefined && { classical }) };
  });
  return {
    kind: "kem",
    name,
    identifier: name,
    file: fileOf(name),
    level,
    publicKey,
    secretKey,
    ciphertext,
    sharedSecret,
    groups,
    ...(name.startsWith("ML-KEM") && { standard: true as const }),
  };
}

/** RFC 9846 §4.3.7: for private use, and free of oqs-provider's. It has none for these. */
const privateGroups = 0xfe80;

/** Alone, and with the curves that oqs-provider would take at that level. */
function unassigned(name: string, level: number, sizes: KemSizes, offset: number): Listed {
  const group = groupName(name);
  const curves = level === 1 ? ["p256", "x25519"] : level === 3 ? ["p384", "x448"] : ["p521"];
  const names = [group, ...curves.map((curve) => `${curve}_${group}`)];
  const codes = names.map((each, index) => [each, privateGroups + offset + index] as const);
  return kem(name, level, sizes, Object.fromEntries(codes));
}

const mceliece = (name: string, level: number, sizes: KemSizes): readonly Listed[] =>
  // The fast variants make their keys in another way, and are the same otherwise
  ["", "f"].map((variant) => kem(`Classic-McEliece-${name}${variant}`, level, sizes, {}));

/** Codes above 65000 are oqs-provider's of today; those of Kyber and HQC, of the releases that had these rounds. */
export const kems: readonly OqsKem[] = [
  kem("ML-KEM-512", 1, [800, 1632, 768, 32], { p256_mlkem512: 0x2f4b, x25519_mlkem512: 0x2fb6 }),
  kem("ML-KEM-768", 3, [1184, 2400, 1088, 32], { p384_mlkem768: 0x2f4c, x448_mlkem768: 0x2fb7 }),
  kem("ML-KEM-1024", 5, [1568, 3168, 1568, 32], { p521_mlkem1024: 0x2f4d }),
  kem("Kyber512", 1, [800, 1632, 768, 32], {
    kyber512: 0x023a,
    p256_kyber512: 0x2f3a,
    x25519_kyber512: 0x2f39,
  }),
  kem("Kyber768", 3, [1184, 2400, 1088, 32], {
    kyber768: 0x023c,
    p384_kyber768: 0x2f3c,
    x448_kyber768: 0x2f90,
    x25519_kyber768: 0x6399,
    p256_kyber768: 0x639a,
  }),
  kem("Kyber1024", 5, [1568, 3168, 1568, 32], { kyber1024: 0x023d, p521_kyber1024: 0x2f3d }),
  kem("HQC-128", 1, [2249, 2305, 4433, 64], {
    hqc128: 0x0244,
    p256_hqc128: 0x2f44,
    x25519_hqc128: 0x2fb0,
  }),
  kem("HQC-192", 3, [4522, 4586, 8978, 64], {
    hqc192: 0x0245,
    p384_hqc192: 0x2f45,
    x448_hqc192: 0x2fb1,
  }),
  kem("HQC-256", 5, [7245, 7317, 14_421, 64], { hqc256: 0x0246, p521_hqc256: 0x2f46 }),
  kem("FrodoKEM-640-AES", 1, [9616, 19_888, 9752, 16], {
    frodo640aes: 65_059,
    p256_frodo640aes: 65_060,
    x25519_frodo640aes: 65_061,
  }),
  kem("FrodoKEM-640-SHAKE", 1, [9616, 19_888, 9752, 16], {
    frodo640shake: 65_062,
    p256_frodo640shake: 65_063,
    x25519_frodo640shake: 65_064,
  }),
  kem("FrodoKEM-976-AES", 3, [15_632, 31_296, 15_792, 24], {
    frodo976aes: 65_065,
    p384_frodo976aes: 65_066,
    x448_frodo976aes: 65_067,
  }),
  kem("FrodoKEM-976-SHAKE", 3, [15_632, 31_296, 15_792, 24], {
    frodo976shake: 65_068,
    p384_frodo976shake: 65_069,
    x448_frodo976shake: 65_070,
  }),
  kem("FrodoKEM-1344-AES", 5, [21_520, 43_088, 21_696, 32], {
    frodo1344aes: 65_071,
    p521_frodo1344aes: 65_072,
  }),
  kem("FrodoKEM-1344-SHAKE", 5, [21_520, 43_088, 21_696, 32], {
    frodo1344shake: 65_073,
    p521_frodo1344shake: 65_074,
  }),
  kem("eFrodoKEM-640-AES", 1, [9616, 19_888, 9720, 16], {
    efrodo640aes: 65_024,
    p256_efrodo640aes: 65_025,
    x25519_efrodo640aes: 65_026,
  }),
  kem("eFrodoKEM-640-SHAKE", 1, [9616, 19_888, 9720, 16], {
    efrodo640shake: 65_027,
    p256_efrodo640shake: 65_028,
    x25519_efrodo640shake: 65_029,
  }),
  kem("eFrodoKEM-976-AES", 3, [15_632, 31_296, 15_744, 24], {
    efrodo976aes: 65_030,
    p384_efrodo976aes: 65_031,
    x448_efrodo976aes: 65_032,
  }),
  kem("eFrodoKEM-976-SHAKE", 3, [15_632, 31_296, 15_744, 24], {
    efrodo976shake: 65_033,
    p384_efrodo976shake: 65_034,
    x448_efrodo976shake: 65_035,
  }),
  kem("eFrodoKEM-1344-AES", 5, [21_520, 43_088, 21_632, 32], {
    efrodo1344aes: 65_036,
    p521_efrodo1344aes: 65_037,
  }),
  kem("eFrodoKEM-1344-SHAKE", 5, [21_520, 43_088, 21_632, 32], {
    efrodo1344shake: 65_038,
    p521_efrodo1344shake: 65_039,
  }),
  unassigned("NTRU-HPS-2048-509", 1, [699, 935, 699, 32], 0),
  unassigned("NTRU-HPS-2048-677", 3, [930, 1234, 930, 32], 4),
  unassigned("NTRU-HPS-4096-821", 5, [1230, 1590, 1230, 32], 8),
  unassigned("NTRU-HPS-4096-1229", 5, [1842, 2366, 1842, 32], 12),
  unassigned("NTRU-HRSS-701", 3, [1138, 1450, 1138, 32], 16),
  unassigned("NTRU-HRSS-1373", 5, [2401, 2983, 2401, 32], 20),
  unassigned("sntrup761", 3, [1158, 1763, 1039, 32], 24),
  // RFC 9846 §4.3.8: a share has at most 65535 bytes, so that none of these can be a group
  ...mceliece("348864", 1, [261_120, 6492, 96, 32]),
  ...mceliece("460896", 3, [524_160, 13_608, 156, 32]),
  ...mceliece("6688128", 5, [1_044_992, 13_932, 208, 32]),
  ...mceliece("6960119", 5, [1_047_319, 13_948, 194, 32]),
  ...mceliece("8192128", 5, [1_357_824, 14_120, 208, 32]),
].map(authenticating);

type SignatureSizes = readonly [publicKey: number, secretKey: number, signature: number];
type SignatureIds = readonly [scheme: string, code: number, oid: Oid];

const signature = (
  identifier: string,
  level: number,
  [publicKey, secretKey, longest]: SignatureSizes,
  [scheme, code, oid]: SignatureIds,
): OqsSignature => ({
  kind: "signature",
  name: nameOf(identifier),
  identifier,
  file: fileOf(identifier),
  level,
  publicKey,
  secretKey,
  signature: longest,
  scheme,
  code,
  oid,
  ...(/^(ML|SLH)-DSA/.test(nameOf(identifier)) && { standard: true as const }),
});

/** `SLH_DSA_PURE_SHA2_128S` is SLH-DSA-SHA2-128s, and `SNOVA_24_5_4` SNOVA-24-5-4. */
const nameOf = (identifier: string): string =>
  identifier
    .replace("_PURE", "")
    .replaceAll("_", "-")
    .replace(/^SLH.*$/, (name) => name.slice(0, -1) + name.slice(-1).toLowerCase());

/** FIPS 205, in the order of RFC 9909 §3. */
const slhDsa = (["SHA2", "SHAKE"] as const).flatMap((hash, family) =>
  (
    [
      [128, 1, 32, 7856, 17_088],
      [192, 3, 48, 16_224, 35_664],
      [256, 5, 64, 29_792, 49_856],
    ] as const
  ).flatMap(([bits, level, key, small, fast], index) =>
    (
      [
        ["s", small],
        ["f", fast],
      ] as const
    ).map(([speed, longest], variant) => {
      const at = 6 * family + 2 * index + variant;
      return signature(
        `SLH_DSA_PURE_${hash}_${bits}${speed.toUpperCase()}`,
        level,
        [key, 2 * key, longest],
        [
          `slhdsa_${hash.toLowerCase()}_${bits}${speed}`,
          0x0911 + at,
          `2.16.840.1.101.3.4.3.${20 + at}`,
        ],
      );
    }),
  ),
);

/** oqs-provider names CROSS by the order of its arc; two of 256 bits, whose signatures are the longest, it leaves out. */
function cross(
  name: string,
  sizes: SignatureSizes,
  arc: number,
  code: number = 0xff52 + arc,
): OqsSignature {
  const bits = Number(/\d+/.exec(name)?.[0]);
  const oid: Oid = `1.3.6.1.4.1.62245.2.1.${arc}.2.2`;
  const level = { 128: 1, 192: 3, 256: 5 }[bits] ?? 0;
  return signature(`CROSS-${name}`, level, sizes, [`CROSS${name.replaceAll("-", "")}`, code, oid]);
}

export const signatures: readonly OqsSignature[] = [
  signature("ML-DSA-44", 2, [1312, 2560, 2420], ["mldsa44", 0x0904, "2.16.840.1.101.3.4.3.17"]),
  signature("ML-DSA-65", 3, [1952, 4032, 3309], ["mldsa65", 0x0905, "2.16.840.1.101.3.4.3.18"]),
  signature("ML-DSA-87", 5, [2592, 4896, 4627], ["mldsa87", 0x0906, "2.16.840.1.101.3.4.3.19"]),
  ...slhDsa,
  signature("Falcon-512", 1, [897, 1281, 752], ["falcon512", 0xfed7, "1.3.9999.3.11"]),
  signature("Falcon-1024", 5, [1793, 2305, 1462], ["falcon1024", 0xfeda, "1.3.9999.3.14"]),
  signature("Falcon-padded-512", 1, [897, 1281, 666], ["falconpadded512", 0xfedc, "1.3.9999.3.16"]),
  signature(
    "Falcon-padded-1024",
    5,
    [1793, 2305, 1280],
    ["falconpadded1024", 0xfedf, "1.3.9999.3.19"],
  ),
  signature("MAYO-1", 1, [1420, 24, 454], ["mayo1", 0xff32, "1.3.9999.8.1.3"]),
  signature("MAYO-2", 1, [4912, 24, 186], ["mayo2", 0xff33, "1.3.9999.8.2.3"]),
  signature("MAYO-3", 3, [2986, 32, 681], ["mayo3", 0xff34, "1.3.9999.8.3.3"]),
  signature("MAYO-5", 5, [5554, 40, 964], ["mayo5", 0xff35, "1.3.9999.8.5.3"]),
  cross("rsdp-128-balanced", [77, 32, 13_152], 1),
  cross("rsdp-128-fast", [77, 32, 18_432], 2),
  cross("rsdp-128-small", [77, 32, 12_432], 3),
  cross("rsdp-192-balanced", [115, 48, 29_853], 4),
  cross("rsdp-192-fast", [115, 48, 41_406], 5),
  cross("rsdp-192-small", [115, 48, 28_391], 6),
  cross("rsdp-256-balanced", [153, 64, 53_527], 7, 0xfe80),
  cross("rsdp-256-fast", [153, 64, 74_590], 8, 0xfe81),
  cross("rsdp-256-small", [153, 64, 50_818], 9, 0xff59),
  cross("rsdpg-128-balanced", [54, 32, 9120], 10, 0xff5a),
  cross("rsdpg-128-fast", [54, 32, 11_980], 11, 0xff5b),
  cross("rsdpg-128-small", [54, 32, 8960], 12, 0xff5c),
  cross("rsdpg-192-balanced", [83, 48, 22_464], 13, 0xff5d),
  cross("rsdpg-192-fast", [83, 48, 26_772], 14, 0xff5e),
  cross("rsdpg-192-small", [83, 48, 20_452], 15, 0xff5f),
  cross("rsdpg-256-balanced", [106, 64, 40_100], 16, 0xff60),
  cross("rsdpg-256-fast", [106, 64, 48_102], 17, 0xff61),
  cross("rsdpg-256-small", [106, 64, 36_454], 18, 0xff62),
  signature("OV-Is", 1, [412_160, 348_704, 96], ["OV_Is", 0xff0a, "1.3.9999.9.1.1"]),
  signature("OV-Ip", 1, [278_432, 237_896, 128], ["OV_Ip", 0xff0b, "1.3.9999.9.2.1"]),
  signature("OV-III", 3, [1_225_440, 1_044_320, 200], ["OV_III", 0xff0c, "1.3.9999.9.3.1"]),
  signature("OV-V", 5, [2_869_440, 2_436_704, 260], ["OV_V", 0xff0d, "1.3.9999.9.4.1"]),
  signature("OV-Is-pkc", 1, [66_576, 348_704, 96], ["OV_Is_pkc", 0xff0e, "1.3.9999.9.5.1"]),
  signature("OV-Ip-pkc", 1, [43_576, 237_896, 128], ["OV_Ip_pkc", 0xff0f, "1.3.9999.9.6.1"]),
  signature("OV-III-pkc", 3, [189_232, 1_044_320, 200], ["OV_III_pkc", 0xff10, "1.3.9999.9.7.1"]),
  signature("OV-V-pkc", 5, [446_992, 2_436_704, 260], ["OV_V_pkc", 0xff11, "1.3.9999.9.8.1"]),
  signature("OV-Is-pkc-skc", 1, [66_576, 32, 96], ["OV_Is_pkc_skc", 0xff12, "1.3.9999.9.9.1"]),
  signature("OV-Ip-pkc-skc", 1, [43_576, 32, 128], ["OV_Ip_pkc_skc", 0xff13, "1.3.9999.9.10.1"]),
  signature("OV-III-pkc-skc", 3, [189_232, 32, 200], ["OV_III_pkc_skc", 0xff14, "1.3.9999.9.11.1"]),
  signature("OV-V-pkc-skc", 5, [446_992, 32, 260], ["OV_V_pkc_skc", 0xff15, "1.3.9999.9.12.1"]),
  signature("SNOVA_24_5_4", 1, [1016, 48, 248], ["snova2454", 0xff3a, "1.3.9999.10.1.1"]),
  signature(
    "SNOVA_24_5_4_SHAKE",
    1,
    [1016, 48, 248],
    ["snova2454shake", 0xff3c, "1.3.9999.10.2.1"],
  ),
  signature(
    "SNOVA_24_5_4_esk",
    1,
    [1016, 36_848, 248],
    ["snova2454esk", 0xff3e, "1.3.9999.10.3.1"],
  ),
  signature(
    "SNOVA_24_5_4_SHAKE_esk",
    1,
    [1016, 36_848, 248],
    ["snova2454shakeesk", 0xff40, "1.3.9999.10.4.1"],
  ),
  signature("SNOVA_37_17_2", 3, [9842, 48, 124], ["snova37172", 0xff42, "1.3.9999.10.5.1"]),
  signature("SNOVA_25_8_3", 1, [2320, 48, 165], ["snova2583", 0xff44, "1.3.9999.10.6.1"]),
  signature("SNOVA_56_25_2", 5, [31_266, 48, 178], ["snova56252", 0xff46, "1.3.9999.10.7.1"]),
  signature("SNOVA_49_11_3", 5, [6006, 48, 286], ["snova49113", 0xff48, "1.3.9999.10.8.1"]),
  signature("SNOVA_37_8_4", 3, [4112, 48, 376], ["snova3784", 0xff4a, "1.3.9999.10.9.1"]),
  signature("SNOVA_24_5_5", 1, [1579, 48, 379], ["snova2455", 0xff4c, "1.3.9999.10.10.1"]),
  signature("SNOVA_60_10_4", 5, [8016, 48, 576], ["snova60104", 0xff4e, "1.3.9999.10.11.1"]),
  signature("SNOVA_29_6_5", 3, [2716, 48, 454], ["snova2965", 0xff51, "1.3.9999.10.12.1"]),
];

/** All that the package has. */
export const oqsAlgorithms: readonly OqsAlgorithm[] = [...kems, ...signatures];

/** What liboqs has, or had, and the package has not: so that it is told apart from what nobody knows. */
export const absentFamilies: readonly string[] = [
  "BIKE",
  "Dilithium",
  "MQOM",
  "Picnic",
  "qTESLA",
  "Rainbow",
  "SABER",
  "SIDH",
  "SIKE",
  "SPHINCS+",
];
