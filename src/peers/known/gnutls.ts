import type { Peer } from "../peer.ts";
import { words } from "./words.ts";

const both = {
  groups: words("--priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:{groups}"),
  alpn: words("--alpn {alpn}"),
  recordSizeLimit: words("--recordsize {recordSizeLimit}"),
} as const;

export const gnutls: Peer = {
  name: "gnutls",
  title: "GnuTLS",
  get: "npm run peers gets it on Debian",
  program: ["sid/bin/gnutls-cli"],
  version: { arguments: ["--version"], pattern: "^gnutls-cli (\\S+)" },
  environment: { SSLKEYLOGFILE: "{keyLog}" },
  groups: {
    x25519: "+GROUP-X25519",
    x448: "+GROUP-X448",
    secp256r1: "+GROUP-SECP256R1",
    secp384r1: "+GROUP-SECP384R1",
    secp521r1: "+GROUP-SECP521R1",
  },
  separator: ":",
  credentials: ["ecdsa", "rsa", "ed25519"],
  client: {
    arguments: words(
      "--port {port} --x509cafile {ca} --sni-hostname {name} --verify-hostname {name} 127.0.0.1",
    ),
    speaks: "input",
    options: {
      ...both,
      clientCertificate: words("--x509certfile {clientCertificate} --x509keyfile {clientKey}"),
    },
  },
  server: {
    program: ["sid/bin/gnutls-serv"],
    arguments: words(
      "--echo --crlf --port {port} --x509certfile {certificate} --x509keyfile {key} --x509cafile {clientCa}",
    ),
    speaks: "echo",
    listens: "listening on IPv6 .* port \\d+",
    options: {
      ...both,
      clientAuthentication: ["--require-client-cert", "--verify-client-cert"],
      resumption: [],
      earlyData: words("--earlydata --maxearlydata 16384"),
    },
  },
  faults: {
    server: {
      "early-data-after-retry":
        "GnuTLS's server does not skip the early data that it refuses by a retry",
      "alpn-none-in-common": "gnutls-serv goes on where it has no protocol in common",
    },
  },
  lacks: {
    compression: "Debian builds GnuTLS without certificate compression",
    shares: "GnuTLS chooses its key shares by itself",
    suites: "GnuTLS has names of its own for parts of cipher suites",
    resumption: "gnutls-cli resumes only where it has said nothing before",
    keyUpdate: "GnuTLS's tools have no command for KeyUpdate",
  },
};
