import { join } from "node:path";
import { createNoble } from "../../crypto/index.ts";
import { createNative } from "../../crypto/native.ts";
import { makeFolder, writeOutput } from "../write.ts";
import type { IdentityOptions } from "../identity.ts";
import type { ProviderName } from "../provider.ts";

/** Of `kemistry attack`. */
export interface Options extends IdentityOptions {
  readonly provider: ProviderName;
  readonly seed: string;
  readonly family?: string;
  readonly list?: true;
  readonly save?: string;
  readonly secrets?: true;
  readonly pcap?: string;
  readonly html?: string;
  readonly openssl?: string;
  readonly markdown?: true;
  readonly json?: true;
  readonly listen?: string;
  readonly to?: string;
  readonly keyLog?: string;
  readonly terminate?: true;
  readonly search?: true;
  readonly malicious?: true;
  readonly differential?: true;
  readonly imitate?: true;
  readonly seconds: number;
  readonly handshakes?: number;
}

export const makers = { noble: createNoble, native: createNative };

/** Where `--save` says, or here. */
export function save(file: string, content: string, { save: folder = "." }: Options): void {
  makeFolder(folder);
  writeOutput(join(folder, file), content);
}
