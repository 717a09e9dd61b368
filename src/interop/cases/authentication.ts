/** Who the ends are, and how they say it. */
import type { InteropCase } from "../case.ts";

const family = "authentication";
const works = { opened: true, data: ["client", "server"] } as const;

const rsa = ["rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"];

export const authentication: readonly InteropCase[] = [
  {
    name: "server-rsa",
    family,
    does: "The server's key is RSA",
    section: "RFC 9846 §4.3.3",
    both: { credential: "rsa" },
    expect: { ...works, serverSignature: rsa },
  },
  {
    name: "server-ed25519",
    family,
    does: "The server's key is Ed25519",
    section: "RFC 9846 §4.3.3",
    both: { credential: "ed25519" },
    expect: { ...works, serverSignature: ["ed25519"] },
  },
  {
    name: "server-ml-dsa",
    family,
    does: "The server's key and its authority's are ML-DSA-65",
    section: "draft-ietf-tls-mldsa §3",
    both: { credential: "ml-dsa" },
    expect: { ...works, serverSignature: ["mldsa65"] },
  },
  {
    name: "post-quantum-throughout",
    family,
    does: "A hybrid key exchange with a server whose key and chain are ML-DSA-65",
    section: "draft-ietf-tls-mldsa §3",
    both: { credential: "ml-dsa", groups: ["X25519MLKEM768"] },
    expect: { ...works, serverSignature: ["mldsa65"], group: "X25519MLKEM768" },
  },
  {
    name: "large-certificate",
    family,
    does: "The server's certificate has 22 kB, so that its message takes two records",
    section: "RFC 9846 §5.1",
    server: { largeCertificate: true },
    expect: { ...works, largeCertificate: true },
  },
  {
    name: "client-certificate",
    family,
    does: "The server requires a certificate, and the client has one",
    section: "RFC 9846 §4.4.2",
    client: { clientCertificate: true },
    server: { clientAuthentication: true },
    expect: { ...works, clientSignature: "ecdsa_secp256r1_sha256" },
  },
  {
    name: "client-certificate-missing",
    family,
    does: "The server requires a certificate, and the client has none",
    section: "RFC 9846 §4.5.1",
    server: { clientAuthentication: true },
    expect: {
      opened: false,
      refusedBy: { end: "server", alerts: ["certificate_required", "handshake_failure"] },
    },
  },
  {
    name: "raw-public-key",
    family,
    does: "The server presents its key without a certificate",
    section: "RFC 7250 §4",
    both: { rawKeys: true },
    expect: { ...works, rawKey: true },
  },
];
