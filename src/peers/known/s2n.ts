import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const both = [
  "hybridByDefault",
  "alpn",
  "resumption",
  "exporter",
  "keyUpdate",
  "bulk",
  "halfClose",
] as const;

const byPolicy =
  "s2n-tls is told what to have by the name of a policy only, and none has this alone";

export const s2n: Peer = {
  name: "s2n-tls",
  title: "s2n-tls with aws-lc",
  get: "npm run peers builds it where cargo is",
  program: ["rust/s2n-peer"],
  version: { arguments: ["--version"], pattern: "^s2n-tls (\\S+)" },
  groups: {},
  credentials: ["ecdsa", "rsa"],
  client: programClient([...both, "clientCertificate"]),
  server: programServer([...both, "clientAuthentication"]),
  faults: {
    server: {
      "alpn-none-in-common": "s2n-tls's server goes on where it has no protocol in common",
      "client-certificate-missing":
        "s2n-tls's server refuses a client without a certificate without an alert",
    },
  },
  lacks: {
    groups: byPolicy,
    shares: byPolicy,
    suites: byPolicy,
    earlyData:
      "s2n-tls has early data for keys that were agreed outside of TLS, which its Rust binding does not have",
    compression: "s2n-tls has no certificate compression",
    recordSizeLimit: "s2n-tls has no record_size_limit",
    rawKeys: "s2n-tls has no raw public keys",
    retryCookie: "s2n-tls sends no cookies",
  },
};
