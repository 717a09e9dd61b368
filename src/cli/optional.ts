import { UsageError } from "./errors.ts";

/**
 * Loads what needs packages that are not installed with this one.
 * @throws UsageError that says what to install
 */
export async function withOptional<T>(
  packages: readonly string[],
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = packages.find((name) => message.includes(`'${name}'`));
    if (code !== "ERR_MODULE_NOT_FOUND" || missing === undefined) throw error;
    const all = packages.join(" ");
    throw new UsageError(`this needs ${missing}, which is not installed: npm install ${all}`);
  }
}
