/** Published figures, and ours beside them. */
import { aws2025 } from "./aws2025.ts";
import type { Study } from "./figure.ts";
import { compareWithModel } from "../kernel/compare.ts";
import { linux618 } from "./linux618-figures.ts";
import { firstFlightLoss } from "./first-flight.ts";
import { helloSizes } from "./hello-sizes.ts";
import { checkOptions } from "../../registry/check.ts";
import { paquin2020, paquinTable, type PaquinOptions } from "./paquin2020.ts";
import { signatureSums } from "./signature-sums.ts";
import { wiggers2024 } from "./wiggers2024.ts";

export {
  type Claim,
  errorOf,
  type Figure,
  type FigureClass,
  type Study,
  type Verdict,
} from "./figure.ts";
export type { PaquinOptions } from "./paquin2020.ts";
export { renderValidation } from "./render.ts";

/** By the names of their presets. */
export const studies: Readonly<Record<string, (options?: PaquinOptions) => Study>> = {
  paquin2020,
  wiggers2024,
  aws2025,
  "hello-sizes": helloSizes,
  "first-flight-loss": firstFlightLoss,
  "signature-sums": signatureSums,
  "linux-6.18": () => compareWithModel(linux618),
};

/**
 * Makes every study's figures anew, and compares them with what was published. The same options give the same result.
 *
 * @param names Default: all.
 * @throws RangeError about a study that does not exist, TypeError or RangeError for options that cannot be
 */
export function validate(
  names: readonly string[] = Object.keys(studies),
  options: PaquinOptions = {},
): Study[] {
  checkOptions("validate", options, paquinTable);
  return names.map((name) => {
    const study = studies[name];
    if (study === undefined) {
      throw new RangeError(`no study "${name}"; there are ${Object.keys(studies).join(", ")}`);
    }
    return study(options);
  });
}
