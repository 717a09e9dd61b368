import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const both = ["alpn", "resumption", "bulk"] as const;
const before = ["{peers}/programs/peer.py"];

export const python: Peer = {
  name: "python",
  title: "Python ssl",
  get: "python3 is not on the PATH",
  program: ["python3"],
  version: {
    arguments: [
      "-c",
      "import ssl, sys; print('v%d.%d.%d with %s' % (*sys.version_info[:3], ssl.OPENSSL_VERSION))",
    ],
    pattern: "^v(\\S+ with OpenSSL \\S+)",
  },
  groups: {},
  credentials: ["ecdsa", "rsa", "ed25519"],
  client: programClient([...both, "clientCertificate"], before),
  server: programServer([...both, "clientAuthentication"], before),
  faults: {
    server: {
      "alpn-none-in-common": "Python's ssl goes on where it has no protocol in common",
    },
  },
  lacks: {
    groups: "Python's ssl has a choice of one curve, and no hybrid",
    keyUpdate: "Python's ssl has no command for KeyUpdate",
    earlyData: "Python's ssl has no early data",
    exporter: "Python's ssl has no exporter",
    halfClose: "Python's ssl ends both directions at once",
  },
};
