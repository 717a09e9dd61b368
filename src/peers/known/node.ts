import { classical, postQuantum } from "./openssl-groups.ts";
import type { Peer } from "../peer.ts";
import { programClient, programServer } from "./program.ts";

const older = ["groups", "suites", "alpn", "resumption", "exporter", "bulk", "halfClose"] as const;

const before = ["{peers}/programs/node.mjs"];
const lacks = {
  hybridByDefault: "Node has hybrids with OpenSSL 3.5",
  keyUpdate: "node:tls has no command for KeyUpdate",
  earlyData: "node:tls has no early data",
  compression: "node:tls does not compress certificates",
  recordSizeLimit: "OpenSSL has no record_size_limit in this version",
  rawKeys: "node:tls has no raw public keys",
  retryCookie: "node:tls sends no cookies",
};
const wrongAlert = "OpenSSL's client answers a wrong hybrid share with internal_error";

function node(major: number, program: readonly string[]): Peer {
  const isModern = major >= 22;
  const both = isModern ? ([...older, "hybridByDefault"] as const) : older;
  return {
    name: `node-${major}`,
    title: `Node ${major}, node:tls`,
    get: "npm run peers gets it",
    program: [`node${major}/node_modules/*/bin/node`, ...program],
    version: {
      arguments: ["-p", "`v${process.versions.node} with OpenSSL ${process.versions.openssl}`"],
      pattern: `^v(${major}\\..*)`,
    },
    groups: isModern ? { ...classical, ...postQuantum } : classical,
    separator: ":",
    ...(isModern ? { shareMark: "*" } : { sharesFirst: true }),
    credentials: ["ecdsa", "rsa", "ed25519", ...(isModern ? (["ml-dsa"] as const) : [])],
    client: programClient([...both, "clientCertificate"], before),
    server: programServer([...both, "clientAuthentication"], before),
    lacks,
    faults: isModern
      ? {
          client: {
            "x25519mlkem768-server-truncate": wrongAlert,
            "x25519mlkem768-server-zero-classical": wrongAlert,
          },
        }
      : {},
  };
}

export const nodes: readonly Peer[] = [
  node(20, ["node"]),
  node(22, []),
  node(24, []),
  node(26, []),
];
