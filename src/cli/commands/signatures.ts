import type { Command } from "commander";
import {
  forSlhDsa,
  type KeyType,
  type RegisteredScheme,
  schemes,
  slhDsaParameters,
} from "../../crypto/index.ts";
import { oqsAlgorithms } from "../../oqs/index.ts";
import { examples } from "../options.ts";
import { print, printJson, table } from "../output.ts";
import { backendLegend, loadProviders, type Providers, shortBackends } from "../provider.ts";

export function define(command: Command): void {
  command.option("--json", "plain data").action(act);
  examples(command, [
    ["signatures", "a row for each scheme, with its sizes"],
    ["signatures --json", "the same as data"],
  ]);
}

/**
 * Bytes of a public key as certificates carry it, and of a signature at its longest. An ECDSA
 * signature in DER is up to 2 bytes shorter, rarely more. RSA: for 2048 bits.
 */
export const signatureSizes: Readonly<Record<KeyType, readonly [key: number, signature: number]>> =
  {
    secp256r1: [65, 72],
    secp384r1: [97, 104],
    secp521r1: [133, 139],
    ed25519: [32, 64],
    ed448: [57, 114],
    rsa: [270, 256],
    "rsa-pss": [270, 256],
    "ML-DSA-44": [1312, 2420],
    "ML-DSA-65": [1952, 3309],
    "ML-DSA-87": [2592, 4627],
    ...forSlhDsa((name) => {
      const { publicKeyLength, signatureLength } = slhDsaParameters(name);
      return [publicKeyLength, signatureLength] as const;
    }),
  };

async function act(options: { readonly json?: true }): Promise<void> {
  const providers = await loadProviders();
  const facts = [...schemes.map((scheme) => factsOf(scheme, providers)), ...candidates];
  if (options.json) {
    printJson(facts);
    return;
  }
  const rowOf = ({ name, code, bytes, inHandshake, backends }: SchemeFacts) => [
    `  ${name}${inHandshake ? "" : " *"}`,
    `0x${code.toString(16).padStart(4, "0")}`,
    bytes.publicKey,
    bytes.signature,
    backends["noble"] === undefined ? "" : backends["noble"].signs ? "signs" : "verifies",
    shortBackends([(backends["native"] ?? backends["oqs"])?.backend ?? ""]),
  ];
  const sections = [
    { title: "Registered", rows: facts.filter((each) => !("candidate" in each)).map(rowOf) },
    {
      title: "Candidates, under oqs-provider's names",
      rows: candidates.map(rowOf),
    },
  ];
  const columns = [
    { title: "scheme" },
    { title: "code" },
    { title: "key", align: "right" as const },
    { title: "signature", align: "right" as const },
    { title: "noble" },
    { title: "native back end" },
  ];
  print(table(columns, sections));
  print("\nSizes in bytes, the longest; RSA for 2048 bits. * in certificates only.");
  print("Candidates run where @oqs/liboqs-js is installed: npm install @oqs/liboqs-js");
  print(backendLegend(providers));
}

interface SchemeFacts {
  readonly name: string;
  readonly code: number;
  /** As certificates name it. */
  readonly keyType: string;
  /** The algorithm of liboqs that it is. */
  readonly candidate?: string;
  readonly postQuantum: boolean;
  readonly inHandshake: boolean;
  readonly bytes: { readonly publicKey: number; readonly signature: number };
  readonly backends: Readonly<
    Record<string, { readonly backend: string; readonly signs: boolean } | undefined>
  >;
}

/** Whether they are installed or not. */
const candidates: readonly SchemeFacts[] = oqsAlgorithms.flatMap((algorithm) => {
  if (algorithm.kind !== "signature" || algorithm.standard === true) return [];
  const { scheme, code, oid, publicKey, signature } = algorithm;
  return [
    {
      name: scheme,
      code,
      keyType: oid,
      candidate: algorithm.name,
      postQuantum: true,
      inHandshake: signature <= 0xffff,
      bytes: { publicKey, signature },
      backends: { oqs: { backend: "liboqs", signs: true } },
    },
  ];
});

function factsOf(scheme: RegisteredScheme, providers: Providers): SchemeFacts {
  const [publicKey, signature] = signatureSizes[scheme.keyType];
  const backends = Object.entries(providers).map(([provider, { signatures }]) => {
    const { backend, signer } = signatures[scheme.algorithm];
    return [provider, { backend, signs: signer !== undefined }] as const;
  });
  return {
    name: scheme.name,
    code: scheme.code,
    keyType: scheme.keyType,
    postQuantum: scheme.postQuantum,
    inHandshake: scheme.inHandshake,
    bytes: { publicKey, signature },
    backends: Object.fromEntries(backends),
  };
}
