import { Option } from "commander";
import { type Provider, seededRandom } from "../crypto/index.ts";
import { TlsError } from "../registry/index.ts";
import { asUsage } from "./candidates.ts";
import { UsageError } from "./errors.ts";

export type ProviderName = "noble" | "native";
export type Providers = Readonly<Record<ProviderName, Provider>>;

export const providerOption = (): Option =>
  new Option("-p, --provider <name>", "cryptography: pure JavaScript, or Node's OpenSSL")
    .choices(["noble", "native"])
    .default("native");

/** As {@link ProviderName}; `oqs` is the native one with ML-KEM, ML-DSA and SLH-DSA of liboqs, which is optional. */
export type AnyProviderName = ProviderName | "oqs";

export const anyProviderOption = (): Option =>
  new Option(
    "-p, --provider <name>",
    "cryptography: pure JavaScript, Node's OpenSSL, that and liboqs",
  )
    .choices(["noble", "native", "oqs"])
    .default("native");

/** @param seed what all randomness follows from. @throws UsageError where liboqs cannot be had or seeded */
export async function loadAnyProvider(name: AnyProviderName, seed?: string): Promise<Provider> {
  if (name !== "oqs") return seed === undefined ? loadProvider(name) : makeProvider(name, seed);
  if (seed !== undefined) {
    throw new UsageError("liboqs draws randomness of its own: leave out --seed or --provider oqs");
  }
  const { oqsProvider } = await import("../oqs/index.ts");
  return asUsage(async () => oqsProvider({ base: await loadProvider("native") }));
}

/** Native with ML-KEM-768 of liboqs; `undefined` where that is not installed. */
export async function oqsWhereItIs(native: Provider): Promise<Provider | undefined> {
  const { oqsProvider } = await import("../oqs/index.ts");
  try {
    return await oqsProvider({ base: native, slots: ["ML-KEM-768"] });
  } catch (error) {
    if (error instanceof TlsError) return undefined;
    throw error;
  }
}

export const loadProvider = async (name: ProviderName): Promise<Provider> =>
  name === "noble"
    ? (await import("../crypto/noble.ts")).noble
    : (await import("../crypto/native.ts")).native;

/** One whose randomness follows from a seed. What signs with randomness of its own then is noble's. */
export async function makeProvider(name: ProviderName, seed: string): Promise<Provider> {
  const random = seededRandom(seed);
  return name === "noble"
    ? (await import("../crypto/noble.ts")).createNoble({ random })
    : (await import("../crypto/native.ts")).createNative({ random });
}

export const loadProviders = async (): Promise<Providers> => ({
  noble: await loadProvider("noble"),
  native: await loadProvider("native"),
});

/** `noble` for `@noble/curves`, `node:crypto` for `node:crypto, OpenSSL 3.5.4`; several once each. */
export function shortBackends(backends: readonly string[]): string {
  const short = backends.map((backend) =>
    backend.startsWith("@noble/") ? "noble" : (backend.split(",")[0] ?? backend),
  );
  return [...new Set(short)].join(" + ");
}

/** What the names of {@link shortBackends} stand for, in one line or two. */
export function backendLegend({ native }: Providers): string {
  return [
    "The noble provider is pure JavaScript and fills every slot. The native one takes",
    `${native.hashes.sha256.backend} where that has the algorithm, else noble.`,
  ].join("\n");
}
