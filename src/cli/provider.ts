import { Option } from "commander";
import { type Provider, seededRandom } from "../crypto/index.ts";

export type ProviderName = "noble" | "native";
export type Providers = Readonly<Record<ProviderName, Provider>>;

export const providerOption = (): Option =>
  new Option("-p, --provider <name>", "cryptography: pure JavaScript, or Node's OpenSSL")
    .choices(["noble", "native"])
    .default("native");

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
