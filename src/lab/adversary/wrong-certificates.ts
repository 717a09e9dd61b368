/** Certificates of the laboratory that nobody should take: each has one thing that is wrong, and all else is right. */
import {
  createNoble,
  noble,
  type PrivateKeyInfo,
  type Provider,
  type PublicKeyInfo,
  seededRandom,
} from "../../crypto/index.ts";
import {
  type Certificate,
  createSigner,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  type IssueOptions,
  KeyPurpose,
  type LocalSigner,
  nameConstraints,
} from "../../identity/index.ts";
import { fromHex } from "../../wire/index.ts";
import type { WrongCertificate } from "../plan/credential-names.ts";

/** When it is, and for whom certificates are. */
export interface Circumstances {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly name: string;
}

type Change = (
  options: IssueOptions,
  about: Circumstances & { readonly other: Pair },
) => IssueOptions;

interface Wrong {
  readonly leaf?: Change;
  /** The authorities between the root and the leaf, the highest first. */
  readonly between?: readonly Change[];
  /** A root that has the name of the right one, and another key. */
  readonly falseRoot?: true;
}

interface Pair {
  readonly privateKey: PrivateKeyInfo;
  readonly publicKey: PublicKeyInfo;
}

const same: Change = (options) => options;
const having =
  (...extensions: NonNullable<IssueOptions["extensions"]>): Change =>
  (options) => ({ ...options, extensions });
const forClients: Change = (options) => ({
  ...options,
  extendedKeyUsage: [KeyPurpose.clientAuth],
});
const forged: Change = (options, { other }) => ({ ...options, signingKey: other.privateKey });

const byNoCa: Change = (options) => {
  const { ca: _, ...others } = options;
  return { ...others, keyUsage: ["keyCertSign"] };
};
const withoutNames: Change = (options) => {
  const { names: _, ...others } = options;
  return others;
};

const wrongs: Readonly<Record<WrongCertificate, Wrong>> = {
  forged: { leaf: forged },
  "by-a-forged-ca": { between: [forged] },
  "under-a-false-root": { falseRoot: true },
  "by-no-ca": { between: [byNoCa] },
  "by-too-deep-a-ca": {
    between: [(options) => ({ ...options, ca: { pathLength: 1 } }), same, same],
  },
  "by-a-ca-that-may-not-sign": {
    between: [(options) => ({ ...options, keyUsage: ["cRLSign"] })],
  },
  "by-a-ca-for-clients": { between: [forClients] },
  "for-clients": { leaf: forClients },
  "for-another-use": {
    leaf: (options) => ({ ...options, keyUsage: ["digitalSignature", "keyEncipherment"] }),
  },
  "that-may-sign-others": {
    leaf: (options) => ({ ...options, keyUsage: ["digitalSignature", "keyCertSign"] }),
  },
  "with-an-unknown-demand": {
    leaf: having({ oid: "1.3.6.1.4.1.55555.1", critical: true, value: fromHex("0500") }),
  },
  // requireExplicitPolicy 0 (RFC 5280 §4.2.1.11)
  "without-a-policy": {
    between: [having({ oid: "2.5.29.36", critical: true, value: fromHex("3003800100") })],
  },
  "with-an-excluded-name": {
    between: [(options, { name }) => limited(options, { excluded: { dns: [name] } })],
  },
  "without-a-permitted-name": {
    between: [(options) => limited(options, { permitted: { dns: ["other.example"] } })],
  },
  "with-a-name-that-ends-alike": {
    between: [(options, { name }) => limited(options, { permitted: { dns: [name.slice(1)] } })],
  },
  "with-a-wildcard-for-all": {
    leaf: (options, { name }) => ({
      ...options,
      names: { dns: [`*${name.slice(name.indexOf("."))}`] },
    }),
  },
  "with-a-common-name-alone": { leaf: withoutNames },
  "not-valid-yet": { leaf: (options, { now }) => ({ ...options, notBefore: now + 1000 }) },
  "just-expired": { leaf: (options, { now }) => ({ ...options, notAfter: now - 1000 }) },
};

const limited = (
  options: IssueOptions,
  limits: Parameters<typeof nameConstraints>[0],
): IssueOptions => ({ ...options, extensions: [nameConstraints(limits)] });

const day = 24 * 60 * 60 * 1000;

export interface Authority {
  readonly certificate: Certificate;
  readonly privateKey: PrivateKeyInfo;
}

function newPair(provider: Provider): Pair {
  const key = provider.generateKey("ed25519");
  return {
    privateKey: encodePrivateKey(key),
    publicKey: encodePublicKey("ed25519", key.publicKey),
  };
}

/** An authority under which others may stand, as the laboratory's own allows none. */
export function rootOfWrong(now: number): Authority {
  const provider = createNoble({ random: seededRandom("a root for authorities") });
  const { privateKey, publicKey } = newPair(provider);
  const certificate = issueCertificate({
    subject: { O: "kemistry", CN: "root for authorities" },
    notBefore: now - day,
    notAfter: now + 90 * day,
    publicKey,
    signingKey: privateKey,
    ca: {},
    provider,
  });
  return { certificate, privateKey };
}

/** The chain without the root, and the leaf's key. */
export function issueWrong(
  root: Authority,
  which: WrongCertificate,
  about: Circumstances,
): {
  readonly chain: Certificate[];
  readonly privateKey: PrivateKeyInfo;
  readonly signer: LocalSigner;
} {
  const { leaf = same, between = [], falseRoot = false } = wrongs[which];
  const provider = createNoble({ random: seededRandom(`certificate ${which}`) });
  const other = newPair(provider);
  const common = { notBefore: about.now - day, notAfter: about.now + 90 * day, provider };
  const issue = (options: IssueOptions, change: Change) =>
    issueCertificate(change(options, { ...about, other }));
  let issuer = root;
  const chain: Certificate[] = [];
  if (falseRoot) {
    const { subject } = root.certificate;
    const { privateKey, publicKey } = other;
    const certificate = issueCertificate({
      ...common,
      subject,
      publicKey,
      signingKey: privateKey,
      ca: {},
    });
    issuer = { certificate, privateKey };
    chain.push(certificate);
  }
  for (const [index, change] of between.entries()) {
    const { privateKey, publicKey } = newPair(provider);
    const options = {
      ...common,
      subject: { CN: `authority ${index + 1}` },
      issuer: issuer.certificate,
      signingKey: issuer.privateKey,
      publicKey,
      ca: {},
    };
    issuer = { certificate: issue(options, change), privateKey };
    chain.unshift(issuer.certificate);
  }
  const { privateKey, publicKey } = newPair(provider);
  const options = {
    ...common,
    subject: { CN: about.name },
    issuer: issuer.certificate,
    signingKey: issuer.privateKey,
    publicKey,
    names: { dns: [about.name] },
    extendedKeyUsage: [KeyPurpose.serverAuth],
  };
  chain.unshift(issue(options, leaf));
  return { chain, privateKey, signer: createSigner(privateKey, noble) };
}
