import type { parseArgs, ParseArgsConfig } from "node:util";

/**
 * As `parseArgs`, where `--help` and mistakes end the program: with 0, and with 2.
 * @param program how it is started, and what stands there without a name: `npm run fuzz -- [SECONDS]`
 */
export function readArguments<T extends ParseArgsConfig>(
  program: string,
  config: T,
): ReturnType<typeof parseArgs<T>> & {
  /** What a text says, where it is there, or else the standard. What is no number from 0 on ends the program. */
  number(text: string | undefined, standard: number): number;
  /** Ends the program for any other mistake. */
  refuse(problem: string): never;
};
