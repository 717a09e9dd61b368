/** Runtimes that have `node:tls` over another library: Bun over BoringSSL, Deno over rustls. */
import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const script = "{peers}/programs/node.mjs";
const lacks = {
  suites: "its node:tls does not listen to a choice of TLS 1.3's cipher suites",
  keyUpdate: "node:tls has no command for KeyUpdate",
  earlyData: "node:tls has no early data",
  compression: "node:tls does not compress certificates",
  recordSizeLimit: "its library has no record_size_limit",
  rawKeys: "node:tls has no raw public keys",
  retryCookie: "node:tls sends no cookies",
};
const both = ["hybridByDefault", "alpn", "bulk", "halfClose"] as const;
const ofBun = [...both, "groups", "resumption", "exporter"] as const;

const wrongAlert = "Bun's client answers a wrong hybrid share with internal_error";

export const runtimes: readonly Peer[] = [
  {
    name: "bun",
    title: "Bun, node:tls",
    get: "npm run peers gets it",
    program: ["bun/node_modules/@oven/*/bin/bun"],
    version: { arguments: ["--version"], pattern: "^\\d\\S+" },
    groups: {
      X25519MLKEM768: "X25519MLKEM768",
      x25519: "X25519",
      secp256r1: "P-256",
      secp384r1: "P-384",
      secp521r1: "P-521",
    },
    separator: ":",
    credentials: ["ecdsa", "rsa"],
    client: programClient([...ofBun, "clientCertificate"], ["run", script]),
    server: programServer([...ofBun, "clientAuthentication"], ["run", script]),
    faults: {
      client: {
        "x25519mlkem768-server-truncate": wrongAlert,
        "x25519mlkem768-server-zero-classical": wrongAlert,
      },
    },
    lacks: { ...lacks, shares: "BoringSSL chooses its key shares by itself" },
  },
  {
    name: "deno",
    title: "Deno, node:tls",
    get: "npm run peers gets it",
    program: ["deno/node_modules/@deno/*/deno"],
    version: { arguments: ["--version"], pattern: "^deno (\\S+)" },
    groups: {},
    credentials: ["ecdsa", "rsa"],
    client: programClient([...both, "clientCertificate"], ["run", "-A", script]),
    server: programServer([...both, "resumption"], ["run", "-A", script]),
    lacks: {
      ...lacks,
      groups: "Deno's node:tls does not listen to a choice of groups",
      // It closes behind its Finished, and its alert comes or does not
      clientAuthentication: "Deno's server opens before it misses a certificate",
      exporter: "Deno's node:tls has no exporter",
      resumption: "Deno's node:tls gives a client no sessions",
    },
  },
];
