// @ts-check
/** What a program of this repository is told on its command line. Where that cannot be, one line says what can. */
import { parseArgs } from "node:util";

/**
 * As `parseArgs`, where `--help` and mistakes end the program: with 0, and with 2.
 * @template {import("node:util").ParseArgsConfig} T
 * @param {string} program how it is started, and what stands there without a name: `npm run fuzz -- [SECONDS]`
 * @param {T} config
 */
export function readArguments(program, config) {
  const usage = [program, ...Object.entries(config.options ?? {}).map(shown)].join(" ");
  /** @param {string} problem @returns {never} */
  const refuse = (problem) => {
    console.error(`${problem}: ${usage}`);
    process.exit(2);
  };
  const args = config.args ?? process.argv.slice(2);
  if (args.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return {
      ...parseArgs({ ...config, args }),
      refuse,
      /** @param {string | undefined} text @param {number} standard */
      number(text, standard) {
        const value = text === undefined ? standard : Number(text);
        return value >= 0 && text !== "" ? value : refuse(`${text} is not a number`);
      },
    };
  } catch (error) {
    // Without its advice about arguments that begin with a dash
    const { message } = /** @type {Error} */ (error);
    return refuse(message.replace(/(\. | \().*$/s, ""));
  }
}

/** @param {[string, { readonly type: string }]} option */
const shown = ([name, { type }]) => (type === "boolean" ? `[--${name}]` : `[--${name} …]`);
