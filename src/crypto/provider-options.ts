import { callable, type OptionTable } from "../registry/check.ts";
import type { RandomSource } from "./provider.ts";

/** What the makers of both back ends take. */
export const providerTable = { random: callable } satisfies OptionTable<{
  readonly random?: RandomSource;
}>;
