import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Group } from "../../groups/index.ts";
import { type AuthKemFile, generateAuthKem } from "../../lab/authkem/index.ts";
import {
  type ExchangeFile,
  generateExchanges,
  generateFeatures,
  generateHandshakes,
  generateShares,
  type HandshakeFile,
  type ShareFile,
  shareGroups,
} from "../../lab/hybrid/index.ts";
import { trying } from "../write.ts";

/** A file of vectors to be made: its name below the folder, and its content. */
export interface Recipe {
  readonly name: string;
  make(): HandshakeFile | ShareFile | ExchangeFile | AuthKemFile | Promise<HandshakeFile>;
}

/** Handshakes by KEM, which have a format of their own. */
export const authKemRecipes = (seed: string): Recipe[] => [
  { name: "handshakes.json.gz", make: () => generateAuthKem(seed) },
];

export const recipes = (groups: readonly Group[], seed: string): Recipe[] => [
  ...groups.map((group) => ({
    name: `handshakes/${group.name}.json.gz`,
    make: () => generateHandshakes(group, seed),
  })),
  ...groups.map((group) => ({
    name: `features/${group.name}.json.gz`,
    make: () => generateFeatures(group, seed),
  })),
  ...groups
    .filter((group) => shareGroups.includes(group))
    .map((group) => ({
      name: `shares/${group.name}.json.gz`,
      make: () => generateShares(group, seed),
    })),
  { name: "exchanges.json", make: () => generateExchanges(groups, seed) },
];

/**
 * Writes a file, packed if its name says so, if its content changed: how well it packs differs between versions of zlib.
 * @throws UsageError if it cannot be written
 */
export async function writeVectors(
  folder: string,
  { name, make }: Recipe,
): Promise<{ readonly name: string; readonly bytes: number; readonly isChanged: boolean }> {
  const isPacked = name.endsWith(".gz");
  const text = `${JSON.stringify(await make(), undefined, isPacked ? 0 : 1)}\n`;
  const path = join(folder, name);
  return trying(path, () => {
    if (existsSync(path)) {
      const old = readFileSync(path);
      if (unpacked(old, isPacked) === text) return { name, bytes: old.length, isChanged: false };
    }
    mkdirSync(dirname(path), { recursive: true });
    const content = isPacked ? gzipSync(text, { level: 9 }) : Buffer.from(text);
    writeFileSync(path, content);
    return { name, bytes: content.length, isChanged: true };
  });
}

/** `undefined` for what is not packed. */
function unpacked(content: Uint8Array, isPacked: boolean): string | undefined {
  try {
    return Buffer.from(isPacked ? gunzipSync(content) : content).toString("utf8");
  } catch {
    return undefined;
  }
}
