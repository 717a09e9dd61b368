/** The laboratory's certificates and keys, the same in every run. */
import type { ClientOptions } from "../../connection/index.ts";
import {
  createNoble,
  type KeyType,
  noble,
  type PrivateKeyInfo,
  seededRandom,
} from "../../crypto/index.ts";
import {
  createDevelopmentCa,
  createSigner,
  createTrustStore,
  type CredentialWithKey,
  type DevelopmentCa,
  encodePem,
  issueCertificate,
  KeyPurpose,
  type LocalSigner,
} from "../../identity/index.ts";
import { labRsa } from "./lab-rsa.ts";
import type { CredentialName } from "../plan/credential-names.ts";

/** The time at which scenarios run, in milliseconds since the epoch. */
export const labTime = Date.UTC(2026, 10, 2, 12);
export const labName = "server.example";
export const otherName = "other.example";

/** A credential with a signer that signs the same in every run, and its files. */
export interface LabCredential extends CredentialWithKey {
  readonly signer: LocalSigner;
  /** With which every provider signs the same, given the same randomness. */
  readonly privateKey?: PrivateKeyInfo;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface LabPki {
  readonly pem: string;
  readonly trust: NonNullable<ClientOptions["trust"]>;
  readonly client: LabCredential;
  readonly servers: Readonly<Record<CredentialName, LabCredential>>;
}

let pki: LabPki | undefined;

export function labPki(): LabPki {
  pki ??= makePki();
  return pki;
}

const day = 24 * 60 * 60 * 1000;

function makePki(): LabPki {
  const maker = (seed: string, now = labTime, algorithm: KeyType = "ed25519") =>
    createDevelopmentCa({
      provider: createNoble({ random: seededRandom(seed) }),
      algorithm,
      now,
    });
  const ca = maker("laboratory CA");
  const postQuantum = maker("post-quantum CA", labTime, "ML-DSA-44");
  const issue = (from: DevelopmentCa, names: string[], algorithm?: KeyType): LabCredential =>
    localOf(from.issue({ names, ...(algorithm && { algorithm }) }));
  const own = issue(ca, [labName, "localhost", "127.0.0.1"]);
  const [leaf] = own.chain;
  return {
    pem: `${ca.pem}${postQuantum.pem}`,
    trust: createTrustStore([ca.certificate, postQuantum.certificate]),
    client: localOf(ca.issue({ names: ["client@example.org"], usage: "client" })),
    servers: {
      own,
      rsa: issueRsa(ca),
      ecdsa: issue(ca, [labName], "secp256r1"),
      "post-quantum": issue(postQuantum, [labName]),
      "other-name": issue(ca, [otherName]),
      "both-names": issue(ca, [labName, otherName]),
      "unknown-ca": issue(maker("another CA"), [labName]),
      expired: issue(maker("laboratory CA", labTime - 200 * day), [labName]),
      "raw-key": { ...own, chain: [], rawPublicKey: leaf!.publicKey },
    },
  };
}

/** ECDSA is signed by noble: the native provider draws randomness that nobody can seed. */
function localOf({
  chain,
  privateKey,
  certificatePem,
  privateKeyPem,
}: ReturnType<DevelopmentCa["issue"]>): LabCredential {
  const signer = createSigner(privateKey, noble);
  const files = { certificatePem, privateKeyPem };
  const isEcdsa = privateKey.type === "secp256r1";
  return { chain, signer, ...files, ...(isEcdsa ? {} : { privateKey }) };
}

function issueRsa(ca: DevelopmentCa): LabCredential {
  const leaf = issueCertificate({
    subject: { CN: labName },
    issuer: ca.certificate,
    signingKey: ca.privateKey,
    publicKey: labRsa.publicKey,
    names: { dns: [labName] },
    notBefore: labTime - day,
    notAfter: labTime + 90 * day,
    extendedKeyUsage: [KeyPurpose.serverAuth],
    provider: createNoble({ random: seededRandom("RSA certificate") }),
  });
  return {
    chain: [leaf],
    signer: labRsa.signer,
    certificatePem: encodePem("CERTIFICATE", leaf.der),
    privateKeyPem: labRsa.privateKeyPem,
  };
}
