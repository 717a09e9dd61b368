import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const both = [
  "groups",
  "hybridByDefault",
  "alpn",
  "resumption",
  "exporter",
  "bulk",
  "halfClose",
] as const;

export const go: Peer = {
  name: "go",
  title: "Go crypto/tls",
  get: "npm run peers builds it where Go is",
  program: ["go/peer"],
  version: { arguments: ["--version"], pattern: "^go(\\S+)" },
  groups: {
    X25519MLKEM768: "X25519MLKEM768",
    SecP256r1MLKEM768: "SecP256r1MLKEM768",
    SecP384r1MLKEM1024: "SecP384r1MLKEM1024",
    x25519: "X25519",
    secp256r1: "P256",
    secp384r1: "P384",
    secp521r1: "P521",
  },
  credentials: ["ecdsa", "rsa", "ed25519"],
  client: programClient([...both, "clientCertificate"]),
  server: programServer([...both, "clientAuthentication"]),
  lacks: {
    shares: "Go chooses its key shares by itself",
    suites: "Go chooses its cipher suites by itself",
    keyUpdate: "Go does not send KeyUpdate",
    earlyData: "Go has early data for QUIC only",
    compression: "Go has no certificate compression",
    recordSizeLimit: "Go has no record_size_limit",
    rawKeys: "Go has no raw public keys",
  },
};
