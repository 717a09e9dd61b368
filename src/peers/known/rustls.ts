import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const both = [
  "groups",
  "hybridByDefault",
  "suites",
  "alpn",
  "resumption",
  "earlyData",
  "exporter",
  "keyUpdate",
  "compression",
  "bulk",
  "halfClose",
] as const;

export const rustls: Peer = {
  name: "rustls",
  title: "rustls with aws-lc-rs",
  get: "npm run peers builds it where cargo is",
  program: ["rust/rustls-peer"],
  version: { arguments: ["--version"], pattern: "^rustls (\\S+)" },
  environment: { SSLKEYLOGFILE: "{keyLog}" },
  groups: {
    X25519MLKEM768: "X25519MLKEM768",
    SecP256r1MLKEM768: "SecP256r1MLKEM768",
    MLKEM768: "MLKEM768",
    MLKEM1024: "MLKEM1024",
    x25519: "x25519",
    secp256r1: "secp256r1",
    secp384r1: "secp384r1",
  },
  sharesFirst: true,
  suites: {
    TLS_AES_128_GCM_SHA256: "TLS13_AES_128_GCM_SHA256",
    TLS_AES_256_GCM_SHA384: "TLS13_AES_256_GCM_SHA384",
    TLS_CHACHA20_POLY1305_SHA256: "TLS13_CHACHA20_POLY1305_SHA256",
  },
  credentials: ["ecdsa", "rsa", "ed25519"],
  client: programClient([...both, "clientCertificate"]),
  server: programServer([...both, "clientAuthentication"]),
  lacks: {
    shares: "rustls sends one share, and that of x25519 that it has anyway",
    recordSizeLimit: "rustls has no record_size_limit",
    rawKeys: "the program for rustls presents no raw public keys",
    earlyDataRefused: "the program for rustls takes early data in all connections or in none",
    retryCookie: "rustls sends no cookies",
  },
};
