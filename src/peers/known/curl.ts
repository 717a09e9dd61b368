import type { Peer } from "../peer.ts";
import { classical, postQuantum } from "./openssl-groups.ts";
import { words } from "./words.ts";

export const curl: Peer = {
  name: "curl",
  title: "curl",
  get: "npm run peers gets it on Debian",
  program: ["sid/bin/curl"],
  version: { arguments: ["--version"], pattern: "^curl (\\S+ .*OpenSSL/\\S+)" },
  environment: { SSLKEYLOGFILE: "{keyLog}" },
  groups: { ...postQuantum, ...classical },
  separator: ":",
  shareMark: "*",
  credentials: ["ecdsa", "rsa", "ed25519", "ml-dsa"],
  client: {
    arguments: words(
      "--silent --show-error --no-progress-meter --ipv4 --max-time 30 --tlsv1.3 --cacert {ca} --no-buffer https://{name}:{port}/",
    ),
    speaks: "itself",
    options: {
      groups: words("--curves {groups}"),
      suites: words("--tls13-ciphers {suites}"),
      alpn: ["--http1.1"],
      clientCertificate: words("--cert {clientCertificate} --key {clientKey}"),
      compression: [],
      hybridByDefault: [],
    },
  },
  lacks: {
    resumption: "Debian builds curl without what keeps sessions in a file",
    keyUpdate: "curl has no command for KeyUpdate",
  },
  faults: {
    client: {
      "x25519mlkem768-server-truncate":
        "OpenSSL's client answers a wrong hybrid share with internal_error",
      "x25519mlkem768-server-zero-classical":
        "OpenSSL's client answers a wrong hybrid share with internal_error",
    },
  },
};
