import type { Peer } from "../peer.ts";
import { words } from "./words.ts";

const file = {
  always: ["allow_tls12 = false", "allow_tls13 = true"],
  options: { groups: ["key_exchange_groups = {groups}"] },
};

export const botan: Peer = {
  name: "botan",
  title: "Botan",
  get: "npm run peers gets it on Debian",
  program: ["sid/bin/botan"],
  version: { arguments: ["version"], pattern: "^(3\\.\\S+)" },
  groups: {
    X25519MLKEM768: "x25519/ML-KEM-768",
    SecP256r1MLKEM768: "secp256r1/ML-KEM-768",
    SecP384r1MLKEM1024: "secp384r1/ML-KEM-1024",
    x25519: "x25519",
    x448: "x448",
    secp256r1: "secp256r1",
    secp384r1: "secp384r1",
    secp521r1: "secp521r1",
  },
  separator: " ",
  credentials: ["ecdsa", "rsa"],
  client: {
    arguments: words(
      "tls_client {name} --port={port} --policy={file} --trusted-cas={ca} --skip-system-cert-store",
    ),
    file: {
      ...file,
      options: { ...file.options, shares: ["key_exchange_groups_to_offer = {shares}"] },
    },
    speaks: "input",
    options: {
      alpn: ["--next-protocols={alpn}"],
      clientCertificate: ["--client-cert={clientCertificate}", "--client-cert-key={clientKey}"],
      bulk: [],
      hybridByDefault: [],
    },
  },
  server: {
    arguments: words("tls_server {certificate} {key} --port={port} --policy={file}"),
    file,
    speaks: "echo",
    listens: "Listening for new connections",
    options: { resumption: [], hybridByDefault: [] },
  },
  lacks: {
    suites: "Botan has names of its own for parts of cipher suites",
    keyUpdate: "Botan's tool has no command for KeyUpdate",
    earlyData: "Botan has no early data",
    resumption: "Botan's client keeps sessions in a database",
  },
};
