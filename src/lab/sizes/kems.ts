/** Key-encapsulation mechanisms: what crosses the wire, in bytes, and where that is published. */
import { kemParameters } from "../../crypto/index.ts";

/** A KEM by its sizes, in bytes. */
export interface KemSize {
  /** As its specification has it. */
  readonly name: string;
  /** Encapsulation key: in a client's key share. */
  readonly publicKey: number;
  /** In a server's key share. */
  readonly ciphertext: number;
  /** Believed to withstand a quantum computer. */
  readonly postQuantum: boolean;
  /** The engine has it. Otherwise it is a size only: no figure of its computation may be shown. */
  readonly runs: boolean;
  /** Where the sizes are published. */
  readonly source: string;
}

const sizeOnly =
  (source: string) =>
  (name: string, publicKey: number, ciphertext: number): KemSize => ({
    name,
    publicKey,
    ciphertext,
    postQuantum: true,
    runs: false,
    source,
  });

const running: readonly KemSize[] = Object.entries(kemParameters).map(([name, parameters]) => ({
  name,
  publicKey: parameters.publicKeyLength,
  ciphertext: parameters.ciphertextLength,
  postQuantum: parameters.postQuantum,
  runs: true,
  source: name.startsWith("ML-KEM") ? "FIPS 203 table 3" : "RFC 9846 §4.3.8.2",
}));

const kyber2 = sizeOnly("Kyber, submission to round 2 (2019)");
const kyber3 = sizeOnly("Kyber, submission to round 3 (2020)");
const frodo = sizeOnly("FrodoKEM, ISO submission (2024): salted");
const ephemeralFrodo = sizeOnly("FrodoKEM, submission to round 3 (2020); eFrodoKEM since 2023");
const hqc3 = sizeOnly("HQC, submission to round 3 (2020)");
const hqc4 = sizeOnly("HQC, round 4 (2024)");
const hqc5 = sizeOnly("HQC, specification of August 2025");
const bike = sizeOnly("BIKE 5.2 (2024)");
const ntru = sizeOnly("NTRU, submission to round 3 (2020)");
const prime = sizeOnly("NTRU Prime, submission to round 3 (2020)");
const saber = sizeOnly("SABER, submission to round 3 (2020)");
const sike = sizeOnly("SIKE, submission to round 3 (2020); broken in 2022");
const mceliece = sizeOnly("Classic McEliece, submission to round 4 (2022)");

/** All that are known, those that run first. */
export const kemSizes: readonly KemSize[] = [
  ...running,
  kyber2("Kyber512-r2", 800, 736),
  kyber2("Kyber768-r2", 1184, 1088),
  kyber2("Kyber1024-r2", 1568, 1568),
  kyber3("Kyber512", 800, 768),
  kyber3("Kyber768", 1184, 1088),
  kyber3("Kyber1024", 1568, 1568),
  frodo("FrodoKEM-640", 9616, 9752),
  frodo("FrodoKEM-976", 15_632, 15_792),
  frodo("FrodoKEM-1344", 21_520, 21_696),
  ephemeralFrodo("eFrodoKEM-640", 9616, 9720),
  ephemeralFrodo("eFrodoKEM-976", 15_632, 15_744),
  ephemeralFrodo("eFrodoKEM-1344", 21_520, 21_632),
  hqc3("HQC-128-r3", 2249, 4481),
  hqc3("HQC-192-r3", 4522, 9026),
  hqc3("HQC-256-r3", 7245, 14_469),
  hqc4("HQC-128", 2249, 4433),
  hqc4("HQC-192", 4522, 8978),
  hqc4("HQC-256", 7245, 14_421),
  hqc5("HQC-1", 2241, 4433),
  hqc5("HQC-3", 4514, 8978),
  hqc5("HQC-5", 7237, 14_421),
  bike("BIKE-L1", 1541, 1573),
  bike("BIKE-L3", 3083, 3115),
  bike("BIKE-L5", 5122, 5154),
  ntru("NTRU-HPS-2048-509", 699, 699),
  ntru("NTRU-HPS-2048-677", 930, 930),
  ntru("NTRU-HPS-4096-821", 1230, 1230),
  ntru("NTRU-HRSS-701", 1138, 1138),
  prime("sntrup761", 1158, 1039),
  saber("LightSaber", 672, 736),
  saber("Saber", 992, 1088),
  saber("FireSaber", 1312, 1472),
  sike("SIKEp434", 330, 346),
  sike("SIKEp503", 378, 402),
  sike("SIKEp610", 462, 486),
  sike("SIKEp751", 564, 596),
  mceliece("Classic-McEliece-348864", 261_120, 96),
];
