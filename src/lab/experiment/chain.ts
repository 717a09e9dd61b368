/** Chains slot by slot: each certificate, timestamp and response is signed with an algorithm of its own. */
import type { Provider } from "../../crypto/index.ts";
import { extendProvider, type KemScheme, knownSchemes, type Scheme } from "../../crypto/index.ts";
import type { PrivateKeyInfo, PublicKeyInfo } from "../../crypto/provider.ts";
import {
  type Certificate,
  createSigner,
  type Credential,
  type Decapsulator,
  encodePrivateKey,
  encodePublicKey,
  issueCertificate,
  issueOcspResponse,
  KeyPurpose,
  parsePrivateKey,
  type Signer,
} from "../../identity/index.ts";
import { labRsa } from "../adversary/lab-rsa.ts";
import type { KemSize, SignatureSize } from "../sizes/index.ts";
import { delimiter, dualSigner } from "./dual-chains.ts";
import { kemLeaf } from "./kem-leaf.ts";
import { hostScheme, restOfKey, type StandInKeys } from "./stand-in.ts";

/** What an end proves its identity with. */
export interface ChainPlan {
  /** The leaf's key, which signs the CertificateVerify. */
  readonly leaf: SignatureSize;
  /** The leaf's key is one of this KEM, and signs nothing (AuthKEM). */
  readonly kem?: KemSize;
  /** The leaf's issuer first. */
  readonly intermediates: readonly SignatureSize[];
  /** Signs the last of the chain, and is not sent. */
  readonly root: SignatureSize;
  /** A log's key for each signed certificate timestamp (RFC 6962 §3.3). */
  readonly timestamps: readonly SignatureSize[];
  /** A response by the leaf's issuer is stapled (RFC 6066 §8). */
  readonly ocsp: boolean;
  /** `leaf`: the peer has the intermediates already. */
  readonly send: "all" | "leaf";
  /** Beside it, of another algorithm: its leaf signs too (`dual-chains.ts`). */
  readonly second?: Pick<ChainPlan, "leaf" | "intermediates" | "root">;
}

export interface BuiltChain {
  /** What the end sends, and signs with. */
  readonly credential: Credential;
  /** Of the leaf, for programs that sign themselves. */
  readonly privateKey: PrivateKeyInfo;
  /** What the peer must have: the root, and intermediates that are not sent. */
  readonly anchors: readonly Certificate[];
  /** Of dual chains the second, whose certificates stand behind those of the first. */
  readonly second?: BuiltChain;
}

export interface Workshop {
  /** Makes keys and signs certificates: nothing of it counts. */
  readonly provider: Provider;
  /** Keys of algorithms that do not run. */
  readonly standIns: StandInKeys;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Whose the leaf is. */
interface Owner {
  readonly name: string;
  readonly usage: "server" | "client";
  /** Signs with the leaf's key. */
  readonly signing: Provider;
  /** What leaves sign with that are not stand-ins. */
  readonly schemes: readonly Scheme[];
  /** By which it authenticates instead of signing. */
  readonly kemScheme?: KemScheme;
  /** By which it signs with both leaves of dual chains. */
  readonly dualScheme?: Scheme;
}

interface Pair {
  readonly privateKey: PrivateKeyInfo;
  readonly publicKey: PublicKeyInfo;
}

const day = 86_400_000;

export function buildChain(plan: ChainPlan, workshop: Workshop, owner: Owner): BuiltChain {
  const first = buildOne(plan, workshop, owner, owner.name);
  const { second: slots, send } = plan;
  const { dualScheme } = owner;
  const { credential } = first;
  if (slots === undefined || dualScheme === undefined || credential.signer === undefined) {
    return first;
  }
  const alone = { ...slots, send, timestamps: [], ocsp: false };
  const second = buildOne(alone, workshop, owner, `${owner.name}${delimiter}`);
  return {
    ...first,
    second,
    credential: {
      ...credential,
      chain: [...credential.chain, ...second.credential.chain],
      signer: dualSigner(dualScheme, credential.signer, second.credential.signer!),
    },
  };
}

function buildOne(plan: ChainPlan, workshop: Workshop, owner: Owner, subject: string): BuiltChain {
  const { provider, now } = workshop;
  const { name, usage } = owner;
  const common = { notBefore: now - day, notAfter: now + 90 * day, provider };
  const rest = (size: SignatureSize) =>
    size.scheme === undefined ? restOfKey(size, provider.random) : [];
  const issuers = [plan.root, ...plan.intermediates.toReversed()];
  let issuer: { readonly pair: Pair; readonly certificate: Certificate } | undefined;
  const authorities: Certificate[] = [];
  for (const [depth, size] of issuers.entries()) {
    const pair = generate(size, workshop);
    const certificate = issueCertificate({
      ...common,
      subject: { O: "kemistry", CN: depth === 0 ? "Root" : `Intermediate ${depth}` },
      ...(issuer && { issuer: issuer.certificate }),
      signingKey: (issuer?.pair ?? pair).privateKey,
      publicKey: pair.publicKey,
      ca: {},
      extensions: rest(size),
    });
    authorities.push(certificate);
    issuer = { pair, certificate };
  }
  const own = leafKey(plan, workshop, owner);
  const leaf = issueCertificate({
    ...common,
    subject: { CN: subject },
    issuer: issuer!.certificate,
    signingKey: issuer!.pair.privateKey,
    publicKey: own.publicKey,
    names: { dns: [name] },
    extendedKeyUsage: [usage === "server" ? KeyPurpose.serverAuth : KeyPurpose.clientAuth],
    extensions: plan.kem === undefined ? rest(plan.leaf) : [],
    // Who has the KEM knows what its keys are for
    provider: extendProvider(provider, {
      kemSchemes: owner.kemScheme === undefined ? [] : [owner.kemScheme],
    }),
  });
  const [root, ...intermediates] = authorities as [Certificate, ...Certificate[]];
  const sent = plan.send === "all" ? intermediates.toReversed() : [];
  const response =
    plan.ocsp &&
    issueOcspResponse({
      issuer: issuer!.certificate,
      signingKey: issuer!.pair.privateKey,
      statements: [
        {
          certificate: { serialNumber: leaf.serialNumber },
          status: { kind: "good" },
          thisUpdate: now - day,
          nextUpdate: now + day,
        },
      ],
      producedAt: now - day,
      provider,
    });
  return {
    credential: {
      chain: [leaf, ...sent],
      ...own.proof,
      ...(response && { ocspResponse: response.der }),
      ...(plan.timestamps.length > 0 && {
        signedCertificateTimestamps: plan.timestamps.map((size) => timestamp(size, provider)),
      }),
    },
    privateKey: own.privateKey,
    anchors: plan.send === "all" ? [root] : [root, ...intermediates],
  };
}

/** The leaf's key, and what proves that its owner has it. */
function leafKey(
  plan: ChainPlan,
  workshop: Workshop,
  { signing, schemes: usable, kemScheme }: Owner,
): Pair & {
  readonly proof: { readonly signer: Signer } | { readonly decapsulator: Decapsulator };
} {
  const { kem, leaf } = plan;
  if (kem !== undefined && kemScheme !== undefined) {
    const own = { provider: signing, scheme: kemScheme };
    const { decapsulator, ...pair } = kemLeaf(kem, workshop.provider, own);
    return { ...pair, proof: { decapsulator } };
  }
  const pair = generate(leaf, workshop);
  const { code } = leaf.scheme ?? {};
  const schemesOf = code === undefined ? [hostScheme] : usable.filter((one) => one.code === code);
  return { ...pair, proof: { signer: createSigner(pair.privateKey, signing, schemesOf) } };
}

function generate({ scheme, ...size }: SignatureSize, { provider, standIns }: Workshop): Pair {
  // Nobody makes RSA keys here in reasonable time
  if (scheme?.keyType === "rsa") {
    return { privateKey: parsePrivateKey(labRsa.privateKeyPem), publicKey: labRsa.publicKey };
  }
  const key =
    scheme === undefined
      ? standIns.generate(size, provider.random)
      : provider.generateKey(scheme.keyType);
  return { privateKey: encodePrivateKey(key), publicKey: encodePublicKey(key.type, key.publicKey) };
}

/** SignedCertificateTimestamp (RFC 6962 §3.2), by length: nobody here reads one. */
const timestamp = ({ signature }: SignatureSize, { random }: Provider): Uint8Array =>
  random(1 + 32 + 8 + 2 + 2 + 2 + signature);

/** Signs with the laboratory's RSA key what noble only verifies. */
export const withLabRsa = (provider: Provider): Provider => ({
  ...provider,
  signatures: Object.fromEntries(
    Object.entries(provider.signatures).map(([name, slot]) => {
      const scheme =
        name.startsWith("rsa") && knownSchemes.find(({ algorithm }) => algorithm === name);
      return [
        name,
        scheme
          ? { ...slot, signer: () => (message: Uint8Array) => labRsa.lawless.sign(scheme, message) }
          : slot,
      ];
    }),
  ) as unknown as Provider["signatures"],
});
