/** What every algorithm is, and what it costs on this machine: one row each. */
import {
  algorithmOf,
  extendProvider,
  knownSchemes,
  type Provider,
  type Scheme,
  suites,
} from "../crypto/index.ts";
import {
  encapsulate,
  generateShare,
  type Group,
  groups,
  kemsOf,
  shareSizes,
} from "../groups/index.ts";
import {
  compositeNames,
  createSigner,
  encodePrivateKey,
  encodePublicKey,
  verifierOf,
} from "../identity/index.ts";
import { handshakeRounds } from "../lab/experiment/index.ts";
import { ledgerOf, runHandshake, setUp } from "../lab.ts";
import { defaultOqsLimits, falconSchemes, loadOqs, oqsAlgorithms } from "../oqs/index.ts";
import { TlsError } from "../registry/index.ts";
import { chooseScheme } from "./algorithms.ts";

/** One algorithm. Sizes in bytes, costs in microseconds. */
export interface Row {
  readonly name: string;
  readonly code: number;
  /** Groups: the client's share, the server's, the secret. Signatures: public key, signature. */
  readonly sizes: readonly number[];
  /** Groups: key pair, encapsulation, decapsulation. Signatures: key pair, signature, verification. */
  readonly costs?: readonly number[];
  /** Of a whole handshake, both ends. */
  readonly bytes?: number;
  /** Round trips, TCP's included. */
  readonly rounds?: number;
  /** Where it is specified. */
  readonly source: string;
  readonly backend: string;
}

export interface How {
  readonly provider: Provider;
  /** Milliseconds for each operation. */
  readonly budget: number;
  /** A text in lower case that names must have. */
  readonly only: string;
}

const message = new Uint8Array(130);
const suite = suites.find(({ name }) => name === "TLS_AES_128_GCM_SHA256")!;
const x25519 = groups.find(({ name }) => name === "x25519")!;
const ed25519 = knownSchemes.find(({ name }) => name === "ed25519")!;
const segment = 1448;
const window = { client: 10, server: 10 };

const isAskedFor =
  ({ only }: How) =>
  ({ name }: { readonly name: string }): boolean =>
    name.toLowerCase().includes(only);

/** Registered groups, then liboqs's where that is installed. */
export async function rowsOfGroups(how: How): Promise<Row[]> {
  const registered = groups.filter(isAskedFor(how)).map((group) => {
    const source = group.draft === true ? "individual draft" : sourceOf(group);
    return groupRow(group, source, how);
  });
  const rows: Row[] = [];
  for (const algorithm of oqsAlgorithms) {
    if (algorithm.kind !== "kem" || !algorithm.groups.some(isAskedFor(how))) continue;
    const oqs = await load(algorithm.name);
    if (oqs === undefined) break;
    for (const group of oqs.groups.filter(isAskedFor(how))) {
      rows.push(groupRow(group, algorithm.name, how));
    }
    oqs.release();
  }
  return [...registered, ...rows];
}

const sourceOf = ({ kems }: Group): string => {
  const isLattice = kems.some((kem) => typeof kem === "string" && kem.startsWith("ML-KEM"));
  if (kems.length > 1) return "RFC 10024";
  return isLattice ? "draft-ietf-tls-mlkem" : "RFC 9846";
};

function groupRow(group: Group, source: string, { provider, budget }: How): Row {
  const share = generateShare(group, provider);
  const { keyExchange } = encapsulate(group, provider, share.keyExchange);
  const { client, server, secret } = shareSizes(group, provider);
  return {
    name: group.name,
    code: group.code,
    sizes: [client, server, secret],
    costs: [
      microseconds(budget, () => generateShare(group, provider).wipe()),
      microseconds(budget, () => encapsulate(group, provider, share.keyExchange)),
      microseconds(budget, () => share.decapsulate(keyExchange)),
    ],
    ...handshakeWith(group, ed25519, provider),
    source,
    backend: [...new Set(kemsOf(group, provider).map((kem) => short(kem.backend)))].join(" + "),
  };
}

/** Schemes that sign handshakes: registered ones, composites, Falcon, and liboqs's where that is installed. */
export async function rowsOfSignatures(how: How): Promise<Row[]> {
  const { provider } = how;
  const rows = knownSchemes
    .filter((each) => each.inHandshake && each.clientOnly !== true && each.keyType !== "rsa-pss")
    .filter(isAskedFor(how))
    .map((scheme) => signatureRow(scheme, sourceOfScheme(scheme), how));
  for (const name of compositeNames) {
    if (!isAskedFor(how)({ name }) || /RSA[34]/.test(name)) continue;
    const scheme = await chooseScheme(name, provider);
    rows.push(signatureRow(scheme, "draft-ietf-lamps-pq-composite-sigs-19", how));
  }
  for (const algorithm of oqsAlgorithms) {
    if (algorithm.kind !== "signature" || algorithm.standard === true) continue;
    const { name, scheme, code, publicKey, signature } = algorithm;
    if (!isAskedFor(how)({ name: scheme })) continue;
    const isLarge = publicKey > defaultOqsLimits.publicKey;
    const oqs = isLarge ? undefined : await load(name);
    const found = oqs?.schemes[0] ?? falconSchemes.find((each) => each.name === scheme);
    if (found?.inHandshake === true) rows.push(signatureRow(found, name, how));
    else
      rows.push({ name: scheme, code, sizes: [publicKey, signature], source: name, backend: "" });
    oqs?.release();
  }
  return rows;
}

const sourceOfScheme = ({ name, postQuantum }: Scheme): string => {
  if (!postQuantum) return "RFC 9846";
  return name.startsWith("slhdsa") ? "individual draft, FIPS 205" : "draft-ietf-tls-mldsa";
};

function signatureRow(scheme: Scheme, source: string, { provider: base, budget }: How): Row {
  const provider = extendProvider(base, { schemes: [scheme] });
  const generated = provider.generateKey(scheme.keyType);
  const signer = createSigner(encodePrivateKey(generated), provider, [scheme]);
  const publicKey = encodePublicKey(generated.type, generated.publicKey);
  const algorithm = algorithmOf(scheme, provider);
  const signature = signer.sign(scheme, message);
  const verify = verifierOf(publicKey, algorithm, "key");
  return {
    name: scheme.name,
    code: scheme.code,
    sizes: [publicKey.key.length, signature.length],
    costs: [
      microseconds(budget, () => provider.generateKey(scheme.keyType)),
      microseconds(budget, () => signer.sign(scheme, message)),
      microseconds(budget, () => verify(message, signature)),
    ],
    ...handshakeWith(x25519, scheme, base),
    source,
    backend: short(algorithm.backend),
  };
}

/** What is said of a module's source stands in the JSON of a handshake. */
const short = (backend: string): string =>
  backend.replace(/ \(.*\)$/, "").replace(/^node:crypto, /, "");

function handshakeWith(group: Group, scheme: Scheme, provider: Provider) {
  const run = runHandshake(setUp({ provider, group, suite, scheme }));
  // A chain that is longer than the engine takes by default
  if (run.error !== undefined) return {};
  const { totals, flights } = ledgerOf(run);
  const sizes = flights.map(({ from, bytes }) => ({ from, bytes, messages: {} }));
  return { bytes: totals.both.bytes, rounds: handshakeRounds(sizes, window, segment) };
}

/** The median of the runs that fit into the budget; of one that does not, its own time. */
function microseconds(budget: number, run: () => unknown): number {
  const times: number[] = [];
  const end = performance.now() + budget;
  do {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  } while (performance.now() < end);
  const middle = times.toSorted((a, b) => a - b)[times.length >> 1]!;
  return Math.round(1000 * middle);
}

/** `undefined` where liboqs is not installed. */
async function load(name: string) {
  try {
    return await loadOqs([name]);
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}
