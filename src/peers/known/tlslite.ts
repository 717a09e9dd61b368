import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const both = [
  "groups",
  "hybridByDefault",
  "alpn",
  "resumption",
  "exporter",
  "keyUpdate",
  "recordSizeLimit",
  "compression",
] as const;
const before = ["{peers}/programs/tlslite_peer.py"];

export const tlslite: Peer = {
  name: "tlslite-ng",
  title: "tlslite-ng",
  get: "npm run peers gets it where Python is",
  program: ["tlslite/bin/python"],
  version: {
    arguments: ["-c", "import importlib.metadata as m; print('v' + m.version('tlslite-ng'))"],
    pattern: "^v(\\S+)",
  },
  groups: {
    X25519MLKEM768: "x25519mlkem768",
    SecP256r1MLKEM768: "secp256r1mlkem768",
    SecP384r1MLKEM1024: "secp384r1mlkem1024",
    x25519: "x25519",
    x448: "x448",
    secp256r1: "secp256r1",
    secp384r1: "secp384r1",
    secp521r1: "secp521r1",
  },
  credentials: ["ecdsa", "rsa", "ed25519"],
  client: programClient([...both, "shares", "clientCertificate"], before),
  server: programServer([...both, "clientAuthentication"], before),
  faults: {
    client: {
      "x25519mlkem768-server-truncate": "tlslite-ng's client leaves without an alert",
      "x25519mlkem768-server-zero-classical": "tlslite-ng's client leaves without an alert",
    },
    server: {
      "client-certificate-missing":
        "tlslite-ng's server cannot require the certificate that it asks for",
      "alpn-none-in-common": "tlslite-ng's server goes on where it has no protocol in common",
    },
  },
  lacks: {
    bulk: "tlslite-ng encrypts in Python, too slowly for much data",
    suites: "tlslite-ng has names of its own for parts of cipher suites",
    earlyData: "tlslite-ng has no early data",
    halfClose: "tlslite-ng ends both directions at once",
    retryCookie: "tlslite-ng's server sends its own cookie as it likes",
  },
};
