/** The laboratory's certificates and keys, the same in every run. */
import {
  createNoble,
  type KeyType,
  noble,
  type PrivateKeyInfo,
  seededRandom,
} from "../../crypto/index.ts";
import {
  type Certificate,
  createDevelopmentCa,
  createSigner,
  createTrustStore,
  type CredentialWithKey,
  delegateAtOnce,
  delegationUsage,
  type DevelopmentCa,
  type DevelopmentRequest,
  type DistinguishedName,
  encodePem,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  type IssuedCredential,
  type IssueOptions,
  type KemCredential,
  type KemRequest,
  KeyPurpose,
  type LocalSigner,
  type TrustStore,
} from "../../identity/index.ts";
import { labRsa } from "./lab-rsa.ts";
import {
  type CredentialName,
  type WrongCertificate,
  wrongCertificates,
} from "../plan/credential-names.ts";
import { type Authority as RootOfWrong, issueWrong, rootOfWrong } from "./wrong-certificates.ts";

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
  readonly trust: TrustStore;
  readonly client: LabCredential;
  /** Of the same client, with a key that encapsulates. */
  readonly kemClient: KemCredential;
  readonly servers: Readonly<Record<CredentialName, LabCredential>>;
}

let pki: LabPki | undefined;

export function labPki(): LabPki {
  pki ??= makePki();
  return pki;
}

/** The client's, or that of a server. */
export const credentialNamed = (name: CredentialName | "client"): LabCredential =>
  name === "client" ? labPki().client : labPki().servers[name];

const day = 24 * 60 * 60 * 1000;

/** Keys and signatures take their time, and a scenario has use for few of them: each is made when it is asked for. */
function makePki(): LabPki {
  const authorities = lazily({
    usual: () => authority("laboratory CA"),
    postQuantum: () => authority("post-quantum CA", { algorithm: "ML-DSA-44" }),
    another: () => authority("another CA"),
    earlier: () => authority("laboratory CA", { now: labTime - 200 * day }),
  });
  const usual = (name: string, names: string[], algorithm?: KeyType): LabCredential =>
    localOf(authorities.usual.issue(name, { names, ...(algorithm && { algorithm }) }));
  const root = rootOfWrong(labTime);
  const wrong = Object.fromEntries(
    wrongCertificates.map((which) => [which, () => wrongOf(root, which)]),
  ) as Record<WrongCertificate, () => LabCredential>;
  const servers: LabPki["servers"] = lazily<LabPki["servers"]>({
    own: () => usual("own", [labName, "localhost", "127.0.0.1"]),
    rsa: () => issueRsa(authorities.usual.ca),
    ecdsa: () => usual("ecdsa", [labName], "secp256r1"),
    "post-quantum": () => localOf(authorities.postQuantum.issue("leaf", { names: [labName] })),
    "other-name": () => usual("other-name", [otherName]),
    "both-names": () => usual("both-names", [labName, otherName]),
    "unknown-ca": () => localOf(authorities.another.issue("leaf", { names: [labName] })),
    expired: () => localOf(authorities.earlier.issue("expired", { names: [labName] })),
    delegating: () => issueDelegating(authorities.usual.ca, { lifetime: day }),
    "delegating-too-long": () =>
      // Each delegation is for seven days at most: this one is made tomorrow
      issueDelegating(authorities.usual.ca, { now: labTime + day, lifetime: 7 * day }),
    "delegating-as-client": () =>
      issueDelegating(authorities.usual.ca, { lifetime: day, usage: "client" }),
    "raw-key": () => ({
      ...servers.own,
      chain: [],
      rawPublicKey: servers.own.chain[0]!.publicKey,
    }),
    ...wrong,
  });
  return lazily<LabPki>({
    pem: () =>
      [authorities.usual.ca.pem, authorities.postQuantum.ca.pem, pemOf(root.certificate)].join(""),
    trust: () => trustIn(authorities, root.certificate),
    client: () => localOf(authorities.usual.issue("client", clientRequest)),
    kemClient: () => authorities.usual.issueKem("KEM client", clientRequest),
    servers: () => servers,
  });
}

const clientRequest = { names: ["client@example.org"], usage: "client" } as const;

/** An object whose members are made when they are first read. */
function lazily<T extends object>(makers: { readonly [K in keyof T]: () => T[K] }): T {
  const made: Partial<T> = {};
  for (const name of Object.keys(makers) as (keyof T)[]) {
    const keep = (value: T[keyof T]): T[keyof T] => {
      Object.defineProperty(made, name, { value, enumerable: true });
      return value;
    };
    const get = () => keep(makers[name]());
    Object.defineProperty(made, name, { get, enumerable: true, configurable: true });
  }
  return made as T;
}

interface Authority {
  readonly ca: DevelopmentCa;
  /** The same for the same name, whatever was issued before. */
  issue(name: string, request: DevelopmentRequest): IssuedCredential;
  issueKem(name: string, request: KemRequest): KemCredential;
}

function authority(
  seed: string,
  { algorithm = "ed25519", now = labTime }: { algorithm?: KeyType; now?: number } = {},
): Authority {
  let random = seededRandom(seed);
  const provider = createNoble({ random: (length) => random(length) });
  const ca = createDevelopmentCa({ provider, algorithm, now });
  const begin = (name: string): void => {
    random = seededRandom(`${seed}: ${name}`);
  };
  return {
    ca,
    issue(name, request) {
      begin(name);
      return ca.issue(request);
    },
    issueKem(name, request) {
      begin(name);
      const { chain, decapsulator } = ca.issueKem(request);
      return { chain, decapsulator };
    },
  };
}

/** Of the authorities; the post-quantum one is made for who asks for it by its name. */
function trustIn(
  authorities: { readonly usual: Authority; readonly postQuantum: Authority },
  root: Certificate,
): TrustStore {
  const usual = createTrustStore([authorities.usual.ca.certificate, root]);
  const all = lazily({
    store: () => createTrustStore([...usual.anchors, authorities.postQuantum.ca.certificate]),
  });
  const storeFor = (subject: DistinguishedName): TrustStore =>
    usual.find(subject).length > 0 ? usual : all.store;
  return {
    get anchors() {
      return all.store.anchors;
    },
    find: (subject) => storeFor(subject).find(subject),
    has: (certificate) => storeFor(certificate.subject).has(certificate),
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

/** For a server whose key is made elsewhere. */
function leafOf(
  ca: DevelopmentCa,
  own: Pick<IssueOptions, "publicKey" | "provider" | "extensions">,
): Certificate {
  return issueCertificate({
    subject: { CN: labName },
    issuer: ca.certificate,
    signingKey: ca.privateKey,
    names: { dns: [labName] },
    notBefore: labTime - day,
    notAfter: labTime + 90 * day,
    extendedKeyUsage: [KeyPurpose.serverAuth],
    ...own,
  });
}

const pemOf = ({ der }: Certificate): string => encodePem("CERTIFICATE", der);

function wrongOf(root: RootOfWrong, which: WrongCertificate): LabCredential {
  const { chain, privateKey, signer } = issueWrong(root, which, { now: labTime, name: labName });
  return {
    chain,
    privateKey,
    signer,
    certificatePem: chain.map(pemOf).join(""),
    privateKeyPem: encodePem("PRIVATE KEY", privateKey.pkcs8),
  };
}

interface Delegating {
  readonly now?: number;
  /** Milliseconds. */
  readonly lifetime: number;
  readonly usage?: "client";
}

/** Its key delegates to one of P-256. */
function issueDelegating(
  ca: DevelopmentCa,
  { now = labTime, lifetime, usage }: Delegating,
): LabCredential {
  const provider = createNoble({ random: seededRandom("delegating") });
  const make = (type: KeyType) => {
    const key = provider.generateKey(type);
    const privateKey = encodePrivateKey(key);
    return {
      privateKey,
      publicKey: encodePublicKey(type, key.publicKey),
      signer: createSigner(privateKey, noble),
    };
  };
  const [own, delegated] = [make("ed25519"), make("secp256r1")];
  const leaf = leafOf(ca, {
    publicKey: own.publicKey,
    extensions: [delegationUsage],
    provider,
  });
  const { privateKey, signer } = own;
  return {
    chain: [leaf],
    signer,
    privateKey,
    delegation: delegateAtOnce({
      certificate: leaf,
      signer,
      delegate: delegated.signer,
      delegateKey: delegated.publicKey,
      scheme: delegated.signer.schemes[0]!,
      usage: usage ?? "server",
      now,
      lifetime: lifetime / 1000,
    }),
    certificatePem: encodePem("CERTIFICATE", leaf.der),
    privateKeyPem: encodePem("PRIVATE KEY", privateKey.pkcs8),
  };
}

function issueRsa(ca: DevelopmentCa): LabCredential {
  const leaf = leafOf(ca, {
    publicKey: labRsa.publicKey,
    provider: createNoble({ random: seededRandom("RSA certificate") }),
  });
  return {
    chain: [leaf],
    signer: labRsa.signer,
    certificatePem: encodePem("CERTIFICATE", leaf.der),
    privateKeyPem: labRsa.privateKeyPem,
  };
}
