/** Links and studies by name. A study is an experiment like any other, written down once. */
import { signatureSizes } from "../sizes/index.ts";
import type { LinkPreset } from "./factors.ts";
import type { ExperimentFile } from "./schema.ts";

interface Described<T> {
  readonly about: string;
  readonly value: T;
}

/** Round-trip time in ms, rate in Mbit/s. */
/** Links by name, for the factor `link`. */
export const links: Readonly<Record<string, Described<LinkPreset>>> = {
  lan: { about: "one switch away; typical, of no study", value: { rtt: 0.5, rate: 1000 } },
  broadband: {
    about: "a home to a near data centre; typical, of no study",
    value: { rtt: 26, rate: 100 },
  },
  "5g": { about: "Sosnowski et al., CoNEXT 2023", value: { rtt: 44, rate: 880 } },
  "lte-m": { about: "Sosnowski et al., CoNEXT 2023", value: { rtt: 200, rate: 1, loss: 0.1 } },
  satellite: {
    about: "by way of a geostationary orbit; typical, of no study",
    value: { rtt: 600, rate: 20, loss: 0.001 },
  },
};

const paquinLoss = [
  0, 0.001, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.12,
  0.14, 0.16, 0.18, 0.2,
];

/** Of the thesis: a chain with or without an intermediate, all of one algorithm but where said. */
const wiggers = (group: string, leaf: string, issuers = leaf) => ({
  group,
  signature: leaf,
  chain: [
    { name: `${leaf} under ${issuers}`, root: issuers },
    {
      name: `${leaf} under ${issuers}, intermediate sent`,
      intermediates: [issuers],
      root: issuers,
    },
  ],
});

/** Those of SLH-DSA with SHAKE are as long as those with SHA2, and take six times as long to make here. */
const everyScheme = signatureSizes
  .map(({ name }) => name)
  .filter((name) => !name.includes("shake"));

/** Experiments of published studies by name, as files would say them. */
export const studies: Readonly<Record<string, Described<ExperimentFile>>> = {
  paquin2020: {
    about: "Paquin, Stebila, Tamvada: percentiles against loss at four RTTs",
    value: {
      name: "After Paquin, Stebila, Tamvada 2020",
      repetitions: 5000,
      percentiles: [50, 75, 95],
      factors: {
        rtt: [5.557, 31.107, 78.916, 195.719],
        loss: paquinLoss,
        rate: 1000,
        kernel: "linux-4.15",
        cpu: "paquin2020",
        suite: "TLS_AES_256_GCM_SHA384",
      },
      cases: [
        {
          group: [
            "secp256r1",
            "secp256r1+Kyber512-r2",
            "secp256r1+eFrodoKEM-640",
            "secp256r1+SIKEp434",
          ],
          signature: "ecdsa_secp256r1_sha256",
        },
        { group: "secp256r1", signature: ["Dilithium2-r2", "qTESLA-p-I", "Picnic-L1-FS"] },
      ],
      cpuTables: {
        paquin2020: {
          source:
            "medians at RTT 31.1 ms without loss, less the rounds, spread over the operations",
          handshake: { client: 0.75, server: 0.75 },
          operations: {
            "Kyber512-r2": { generate: 0.02, encapsulate: 0.02, decapsulate: 0.02 },
            "eFrodoKEM-640": { generate: 0.7, encapsulate: 0.75, decapsulate: 0.75 },
            SIKEp434: { generate: 5, encapsulate: 8, decapsulate: 8 },
            "Dilithium2-r2": { sign: 0.06, verify: 0.03 },
            "qTESLA-p-I": { sign: 0.6, verify: 0.1 },
            "Picnic-L1-FS": { sign: 1, verify: 0.6 },
          },
        },
      },
    },
  },
  wiggers2024: {
    about:
      "Wiggers' thesis: signed TLS with Kyber and Dilithium, Falcon, SPHINCS+, RSA, with and without the intermediate",
    value: {
      name: "After Wiggers 2024",
      factors: { rtt: [30.9, 195.5], rate: [1000, 10], kernel: "linux-5.4", cpu: "zero" },
      cases: [
        wiggers("Kyber512", "Dilithium2"),
        wiggers("Kyber768", "Dilithium3"),
        wiggers("Kyber512", "Falcon-512"),
        wiggers("Kyber768", "Falcon-1024"),
        wiggers("Kyber512", "Dilithium2", "Falcon-512"),
        wiggers("Kyber768", "Dilithium3", "Falcon-1024"),
        wiggers("Kyber512", "SPHINCS+-128f"),
        wiggers("Kyber768", "SPHINCS+-192f"),
        wiggers("x25519", "rsa_pss_rsae_sha256"),
      ],
    },
  },
  aws2025: {
    about:
      "Anastasova et al.: mutual TLS, initial windows of 10 and 24 segments, payloads to 400 kB",
    value: {
      name: "After Anastasova et al. 2025",
      repetitions: 200,
      percentiles: [25, 50, 75],
      factors: {
        group: "X25519MLKEM768",
        signature: "mldsa65",
        chain: { name: "one intermediate", intermediates: ["mldsa65"] },
        mutual: true,
        rtt: [35, 50],
        rate: [1, 100, 1000],
        jitter: 0.4,
        initialWindow: [
          { client: 10, server: 24 },
          { client: 24, server: 24 },
        ],
        kernel: "linux-6.1",
        acks: "quick",
      },
      cases: [
        { payload: 0, timer: "acknowledged" },
        { payload: [50_000, 150_000, 400_000], request: 100, timer: "last-byte" },
      ],
    },
  },
  signatures: {
    about: "every signature scheme by latency: signed by itself, one intermediate, at two RTTs",
    value: {
      name: "Every signature scheme by latency",
      factors: {
        group: "X25519MLKEM768",
        signature: everyScheme,
        chain: { name: "one intermediate", intermediates: ["same"] },
        rtt: [30, 100],
        cpu: "zero",
      },
    },
  },
};
