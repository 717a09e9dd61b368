import { classical, postQuantum } from "./openssl-groups.ts";
import type { Peer, PeerCommand } from "../peer.ts";
import { words } from "./words.ts";

const options = {
  groups: ["-groups", "{groups}"],
  suites: ["-ciphersuites", "{suites}"],
  alpn: ["-alpn", "{alpn}"],
  keyUpdate: [],
  exporter: ["-keymatexport", "{exporter}", "-keymatexportlen", "32"],
  bulk: [],
} as const;
const says = { exporter: "Keying material: ([0-9A-F]+)" };
const commands = { keyUpdate: "k\n", close: "Q\n" };

const server = (more: PeerCommand["options"]): PeerCommand => ({
  arguments: words(
    "s_server -accept 127.0.0.1:0 -tls1_3 -keylogfile {keyLog} -cert {certificate} -key {key} -CAfile {clientCa} -num_tickets 0",
  ),
  choosesPort: true,
  listens: "ACCEPT \\S*?:(\\d+)\\s",
  speaks: "input",
  commands,
  says,
  options: {
    ...options,
    clientAuthentication: ["-Verify", "1", "-verify_return_error"],
    resumption: ["-num_tickets", "1"],
    earlyData: ["-early_data"],
    retryCookie: ["-stateless"],
    ...more,
  },
});

const client = (more: PeerCommand["options"]): PeerCommand => ({
  arguments: words(
    "s_client -connect 127.0.0.1:{port} -servername {name} -verify_hostname {name} -tls1_3 -keylogfile {keyLog} -CAfile {ca} -verify_return_error",
  ),
  speaks: "input",
  commands,
  says,
  resumes: { first: ["-sess_out", "{session}"], second: ["-sess_in", "{session}"] },
  options: {
    ...options,
    clientCertificate: ["-cert", "{clientCertificate}", "-key", "{clientKey}"],
    earlyData: ["-early_data", "{early}"],
    ...more,
  },
});

const lacks = {
  recordSizeLimit: "OpenSSL's tool has no option for record_size_limit",
  halfClose: "OpenSSL's tool ends both directions at once",
  earlyDataRefused: "OpenSSL's tool takes early data in all connections or in none",
  rawKeys: "OpenSSL's client cannot be told which raw public key to expect",
};

const statelessFault = {
  "retry-with-cookie":
    "The openssl tool breaks off where its cookie goes with a change of the group, its own client's too",
};
const wrongAlert = "OpenSSL's client answers a wrong hybrid share with internal_error";

/** OpenSSL from 3.5. */
export const openssl: Peer = {
  name: "openssl",
  title: "OpenSSL",
  get: "npm run peers gets it on Debian",
  program: ["trixie/bin/openssl", "openssl"],
  version: { arguments: ["version"], pattern: "^OpenSSL ((?:3\\.(?:[5-9]|\\d\\d)|[4-9]\\.)\\S*)" },
  groups: { ...classical, ...postQuantum },
  separator: ":",
  shareMark: "*",
  credentials: ["ecdsa", "rsa", "ed25519", "ml-dsa"],
  client: client({ compression: [], hybridByDefault: [] }),
  server: server({
    compression: ["-cert_comp"],
    rawKeys: ["-enable_server_rpk"],
    hybridByDefault: [],
  }),
  lacks,
  faults: {
    client: {
      "x25519mlkem768-server-truncate": wrongAlert,
      "x25519mlkem768-server-zero-classical": wrongAlert,
    },
    server: statelessFault,
  },
};

/** What many machines have: without ML-KEM, and with one share. */
const { shareMark: _, ...before } = openssl;
export const openssl3: Peer = {
  ...before,
  sharesFirst: true,
  name: "openssl-3.0",
  title: "OpenSSL 3.0",
  get: "a machine with an older release has it as openssl",
  program: ["openssl"],
  version: { arguments: ["version"], pattern: "^OpenSSL (3\\.[0-4]\\.\\S*)" },
  groups: classical,
  credentials: ["ecdsa", "rsa", "ed25519"],
  client: client({}),
  server: server({}),
  lacks: {
    ...lacks,
    hybridByDefault: "OpenSSL has ML-KEM from 3.5",
    compression: "OpenSSL has certificate compression from 3.2",
    rawKeys: "OpenSSL has raw public keys from 3.2",
  },
  faults: { server: statelessFault },
};
