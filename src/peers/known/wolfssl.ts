import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const both = [
  "groups",
  "hybridByDefault",
  "suites",
  "alpn",
  "resumption",
  "keyUpdate",
  "bulk",
] as const;
const names = [
  "X25519MLKEM768",
  "SecP256r1MLKEM768",
  "SecP384r1MLKEM1024",
  "x25519",
  "x448",
  "secp256r1",
  "secp384r1",
  "secp521r1",
];

export const wolfssl: Peer = {
  name: "wolfssl",
  title: "wolfSSL",
  get: "npm run peers builds it on Debian, where a C compiler is",
  program: ["wolfssl/peer"],
  version: { arguments: ["--version"], pattern: "^wolfSSL (\\S+)" },
  groups: Object.fromEntries(names.map((name) => [name, name])),
  sharesFirst: true,
  suites: {
    TLS_AES_256_GCM_SHA384: "TLS13-AES256-GCM-SHA384",
    TLS_CHACHA20_POLY1305_SHA256: "TLS13-CHACHA20-POLY1305-SHA256",
  },
  credentials: ["ecdsa", "rsa", "ed25519"],
  client: programClient([...both, "clientCertificate"]),
  server: programServer([...both, "clientAuthentication"]),
  faults: {
    client: {
      "large-certificate":
        "wolfSSL's client takes no message of more than a record, and says no alert",
    },
    server: {
      "no-common-group":
        "wolfSSL's server asks for a share of a group that the client does not have",
      "hello-in-small-records":
        "wolfSSL's server does not take the header of a message in two records",
      "x25519mlkem768-client-non-reduced": "wolfSSL's server refuses a wrong key without an alert",
      "x25519mlkem768-client-truncate": "wolfSSL's server refuses a wrong length without an alert",
    },
  },
  lacks: {
    shares: "the program for wolfSSL sends one share",
    earlyData: "Debian builds wolfSSL without early data",
    exporter: "the program for wolfSSL exports nothing",
    compression: "wolfSSL has no certificate compression",
    recordSizeLimit: "wolfSSL has no record_size_limit",
    halfClose: "the program for wolfSSL ends both directions at once",
    retryCookie: "the program for wolfSSL sends no cookies",
  },
};
