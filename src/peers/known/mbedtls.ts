import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const both = ["groups", "suites", "alpn", "resumption", "exporter", "bulk"] as const;
const names = ["x25519", "x448", "secp256r1", "secp384r1", "secp521r1"];

export const mbedtls: Peer = {
  name: "mbedtls",
  title: "Mbed TLS",
  get: "npm run peers builds it on Debian, where a C compiler is",
  program: ["mbedtls/peer"],
  version: { arguments: ["--version"], pattern: "^Mbed TLS (\\S+)" },
  groups: Object.fromEntries(names.map((name) => [name, name])),
  sharesFirst: true,
  suites: {
    TLS_AES_128_GCM_SHA256: "TLS1-3-AES-128-GCM-SHA256",
    TLS_AES_256_GCM_SHA384: "TLS1-3-AES-256-GCM-SHA384",
    TLS_CHACHA20_POLY1305_SHA256: "TLS1-3-CHACHA20-POLY1305-SHA256",
  },
  credentials: ["ecdsa", "rsa"],
  client: programClient([...both, "clientCertificate"]),
  server: programServer([...both, "clientAuthentication"]),
  faults: {
    client: {
      "retry-with-cookie":
        "Mbed TLS's client refuses a cookie, as an extension that it did not offer",
      "large-certificate": "Mbed TLS takes no message of more than a record, and says no alert",
    },
    server: {
      "large-certificate": "Mbed TLS writes no message of more than a record",
      "client-certificate-missing":
        "Mbed TLS's server seals its alert with a key that it has changed before",
      "no-common-group": "Mbed TLS's server refuses without an alert where no group is in common",
    },
  },
  lacks: {
    hybridByDefault: "Mbed TLS has no ML-KEM",
    shares: "Mbed TLS sends one share",
    earlyData: "Debian builds Mbed TLS without early data",
    recordSizeLimit: "Debian builds Mbed TLS without record_size_limit",
    keyUpdate: "Mbed TLS has no KeyUpdate",
    compression: "Mbed TLS has no certificate compression",
    halfClose: "the program for Mbed TLS ends both directions at once",
    retryCookie: "Mbed TLS sends no cookies",
  },
};
