/** BoringSSL's compliance policies, as policies of ours (`ssl_lib.cc`, of what TLS 1.3 has). */
import { policies, type Policy } from "../../../src/policy/index.ts";
import type { Flags } from "./flags.ts";

/** What a policy makes of the options; all lists are in BoringSSL's order. */
export interface Compliance {
  readonly policy: Policy;
  readonly suites: readonly string[];
  readonly suitePreference?: "server";
}

const aes = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];
const strongestFirst = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
];
const strong = strongestFirst.slice(0, 1);
const cnsaSignatures = ["ecdsa_secp384r1_sha384", "rsa_pss_rsae_sha384", "rsa_pkcs1_sha384"];

const rules = {
  "fips-202205": {
    suites: aes,
    groups: ["secp256r1", "secp384r1"],
    signatures: [
      "rsa_pkcs1_sha256",
      "rsa_pkcs1_sha384",
      "rsa_pkcs1_sha512",
      "ecdsa_secp256r1_sha256",
      "ecdsa_secp384r1_sha384",
      "rsa_pss_rsae_sha256",
      "rsa_pss_rsae_sha384",
      "rsa_pss_rsae_sha512",
    ],
  },
  "wpa-202304": {
    suites: strong,
    groups: ["secp384r1"],
    signatures: [
      "rsa_pkcs1_sha384",
      "rsa_pkcs1_sha512",
      "ecdsa_secp384r1_sha384",
      "rsa_pss_rsae_sha384",
      "rsa_pss_rsae_sha512",
    ],
  },
  "cnsa1-202603": {
    suites: strong,
    groups: ["MLKEM1024", "secp384r1"],
    signatures: cnsaSignatures,
  },
  "cnsa2-202603": { suites: strong, groups: ["MLKEM1024"], signatures: cnsaSignatures },
} as const satisfies Partial<Record<keyof Flags, Partial<Policy>>>;

/** Of the flags; `undefined` without one. */
export function complianceOf(flags: Flags): Compliance | undefined {
  if (flags["cnsa-202407"]) {
    return { policy: policies.compatible, suites: strongestFirst, suitePreference: "server" };
  }
  for (const name of Object.keys(rules) as (keyof typeof rules)[]) {
    if (!flags[name]) continue;
    const policy: Policy = { ...policies.compatible, name, ...rules[name] };
    return { policy, suites: rules[name].suites };
  }
  return undefined;
}
