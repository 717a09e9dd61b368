/** What the names in an experiment mean: links, groups, signatures, chains and compression. */
import {
  createNoble,
  extendProvider,
  isKemKeyType,
  kemKeyTypes,
  knownSchemes,
  type Scheme,
  seededRandom,
  type Suite,
} from "../../crypto/index.ts";
import { createSigner, encodePrivateKey } from "../../identity/index.ts";
import { type Group, groups } from "../../groups/index.ts";
import type { CertificateCompressor } from "../../handshake/index.ts";
import * as check from "../../registry/check.ts";
import {
  type KemSize,
  kemSize,
  kemSizes,
  merkleProof,
  type SignatureSize,
  signatureSize,
  signatureSizes,
} from "../sizes/index.ts";
import { abridged } from "./abridged.ts";
import type { ChainPlan } from "./chain.ts";
import type { MeasuredCosts } from "./cpu.ts";
import type { ChainSlots, FactorValues, LinkPreset } from "./factors.ts";
import { links } from "./presets.ts";
import type { ExperimentError } from "./read.ts";
import type { GroupPlan } from "./ends.ts";
import type { ExperimentFile } from "./schema.ts";

/** What a caller adds to the names of the registry. */
export interface Parts {
  /** Beside the registered ones, and before them. */
  readonly groups?: readonly Group[];
  /** Beside the registered ones, and before them. */
  readonly suites?: readonly Suite[];
  /** Signature schemes, for handshakes and chains. */
  readonly schemes?: readonly Scheme[];
  /** Of certificates; the Node face has zlib and brotli. */
  readonly compressors?: Readonly<Partial<Record<"zlib" | "brotli", CertificateCompressor>>>;
  /** From a benchmark file: what the CPU mode `measured` means. */
  readonly measured?: MeasuredCosts;
}

export const partsTable = {
  groups: check.listOf(check.like("a group", "name", "kems")),
  suites: check.listOf(check.like("a cipher suite", "name", "aead")),
  schemes: check.listOf(check.like("a signature scheme", "name", "algorithm")),
  compressors: check.options({
    zlib: check.like("a compressor", "algorithm"),
    brotli: check.like("a compressor", "algorithm"),
  }),
  // By provider, as a benchmark file gives them
  measured: check.like("tables of times by provider"),
} satisfies check.OptionTable<Parts>;

export function linkFor(
  name: string | undefined,
  file: ExperimentFile,
  fail: Fail,
): LinkPreset | undefined {
  if (name === undefined || name === "none") return undefined;
  const own = file.links ?? {};
  const known = {
    ...Object.fromEntries(Object.entries(links).map(([key, { value }]) => [key, value])),
    ...own,
  };
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found === undefined) throw fail(unknown(name, Object.keys(known)));
  return found;
}

/** Makes the error about a name, with its place. */
export type Fail = (reason: string) => ExperimentError;

const unknown = (name: string, names: readonly string[]): string =>
  `expected one of ${names.join(", ")}, got ${JSON.stringify(name)}${check.meant(name, names)}`;

/** Too many to be listed. */
const unknownOf = (what: string, name: string, names: readonly string[]): string =>
  `no ${what} is called ${JSON.stringify(name)}${check.meant(name, names)}; kemistry lab list shows all`;

/** An experiment, and what its caller adds to it. */
interface Naming {
  readonly file: ExperimentFile;
  readonly parts: Parts;
}

export function signatureFor(name: string, { file, parts }: Naming, fail: Fail): SignatureSize {
  const running = parts.schemes?.find((scheme) => scheme.name === name);
  if (running !== undefined) return sizeOf(running);
  const own = Object.entries(file.sizes?.signatures ?? {}).map(([key, size]) => ({
    name: key,
    publicKey: size.publicKey,
    signature: size.signature,
    postQuantum: size.postQuantum ?? true,
    source: size.source ?? "this experiment",
  }));
  const found = signatureSize(name, own);
  if (found !== undefined) return found;
  const client = knownSchemes.find((scheme) => scheme.name === name);
  if (client !== undefined) throw fail(`${client.name} signs no server's handshake`);
  throw fail(
    unknownOf(
      "signature",
      name,
      [...own, ...signatureSizes].map((one) => one.name),
    ),
  );
}

/** What a key and a signature of the caller's own scheme come to. */
function sizeOf(scheme: Scheme): SignatureSize {
  const provider = extendProvider(createNoble({ random: seededRandom(scheme.name) }), {
    schemes: [scheme],
  });
  const key = provider.generateKey(scheme.keyType);
  const signer = createSigner(encodePrivateKey(key), provider, [scheme]);
  const signature = signer.sign(scheme, new Uint8Array(0));
  const { name, postQuantum } = scheme;
  return {
    name,
    publicKey: key.publicKey.length,
    signature: signature.length,
    postQuantum,
    scheme,
    measured: true,
    source: "this experiment",
  };
}

/** @throws ExperimentError for one that nobody knows */
export function kemFor(name: string, file: ExperimentFile, fail: Fail): KemSize {
  const own = ownKems(file);
  const found = kemSize(name, own);
  if (found === undefined) {
    const names = [...own, ...kemSizes].map((one) => one.name);
    throw fail(unknownOf("KEM", name, names));
  }
  // Of what runs, only these have keys in certificates
  if (found.runs && !isKemKeyType(found.name)) {
    throw fail(`no certificate has keys for ${found.name}; take one of ${kemKeyTypes.join(", ")}`);
  }
  return found;
}

const ownKems = (file: ExperimentFile): KemSize[] =>
  Object.entries(file.sizes?.kems ?? {}).map(([key, size]) => ({
    name: key,
    publicKey: size.publicKey,
    ciphertext: size.ciphertext,
    postQuantum: size.postQuantum ?? true,
    runs: false,
    source: size.source ?? "this experiment",
  }));

/** RFC 9846 §4.3.8: opaque key_exchange<1..2^16-1>. */
const longestShare = 0xffff;
/** For experiments (RFC 9846 §4.3.7: ecdhe_private_use). */
const privateGroup = 0xfe30;

export function groupFor(name: string, { file, parts }: Naming, fail: Fail): GroupPlan {
  const known = [...(parts.groups ?? []), ...groups];
  const whole = known.find((group) => group.name.toLowerCase() === name.toLowerCase());
  if (whole !== undefined) return whole;
  const own = ownKems(file);
  const sizes = name.split("+").map((part) => {
    const found = kemSize(part.trim(), own);
    if (found !== undefined) return found;
    const names = [...known, ...own, ...kemSizes].map((one) => one.name);
    throw fail(unknownOf("group or KEM", part.trim(), names));
  });
  const total = (of: (size: KemSize) => number): number =>
    sizes.reduce((sum, size) => sum + of(size), 0);
  const share = Math.max(
    total(({ publicKey }) => publicKey),
    total(({ ciphertext }) => ciphertext),
  );
  if (share > longestShare) {
    throw fail(
      `${name} needs a key share of ${share} bytes; TLS has room for ${longestShare} (RFC 9846 §4.3.8)`,
    );
  }
  return {
    name: sizes.map((size) => size.name).join("+"),
    code: privateGroup,
    kems: sizes.map((size) =>
      size.runs ? (size.name as Extract<GroupPlan["kems"][number], string>) : size,
    ),
  };
}

/** Beside which a second chain of the cell's signature stands, if nothing else is said. */
const classical = "ecdsa_secp256r1_sha256";

export function chainFor(
  given: string | ChainSlots,
  signature: SignatureSize,
  naming: Naming,
  fail: Fail,
): { readonly chain: ChainPlan; readonly name: string } {
  const named: Readonly<Record<string, ChainSlots>> = {
    direct: {},
    intermediate: { intermediates: ["same"] },
    "merkle-tree": { root: merkleProof.name },
    dual: { leaf: classical, root: classical, second: {} },
    ...naming.file.chains,
  };
  if (typeof given === "string" && !Object.hasOwn(named, given)) {
    throw fail(unknown(given, Object.keys(named)));
  }
  const slots = typeof given === "string" ? named[given]! : given;
  const slot = (name: string): SignatureSize => {
    if (name === "same") return signature;
    if (name === merkleProof.name) return merkleProof;
    return signatureFor(name, naming, fail);
  };
  const { intermediates = [], timestamps = [], ocsp = false, send = "all" } = slots;
  if (send === "leaf" && intermediates.length === 0) {
    throw fail("there are no intermediates to leave out: write intermediates, or leave out send");
  }
  const certificates = ({
    leaf: own = "same",
    intermediates: above = [],
    root = "same",
  }: Certificates) => {
    const leaf = slot(own);
    if (leaf === merkleProof) throw fail("a Merkle proof signs no handshake: it can be root");
    return { leaf, intermediates: above.map(slot), root: slot(root) };
  };
  return {
    name: typeof given === "string" ? given : (given.name ?? describe(slots)),
    chain: {
      ...certificates(slots),
      ...(slots.second && { second: certificates(slots.second) }),
      timestamps: timestamps.map(slot),
      ocsp,
      send,
    },
  };
}

type Certificates = Pick<ChainSlots, "leaf" | "intermediates" | "root">;

const path = ({ leaf = "same", intermediates = [], root = "same" }: Certificates): string =>
  [leaf, ...intermediates, root].join(" < ");

const describe = ({ timestamps = [], ocsp, send, second, ...first }: ChainSlots): string =>
  [
    path(first),
    ...(second === undefined ? [] : [`and ${path(second)}`]),
    ...(timestamps.length === 0 ? [] : [`${timestamps.length} timestamps`]),
    ...(ocsp === true ? ["OCSP"] : []),
    ...(send === "leaf" ? ["leaf only"] : []),
  ].join(", ");

export function compressorFor(
  name: FactorValues["compression"],
  { compressors = {} }: Parts,
  fail: Fail,
): CertificateCompressor | undefined {
  if (name === "none") return undefined;
  if (name === "abridged") return abridged();
  const found = compressors[name];
  if (found === undefined)
    throw fail(
      `${name} is not part of this runtime: run the command line, or give parts.compressors`,
    );
  return found;
}
