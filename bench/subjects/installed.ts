import { Unavailable } from "../measure.ts";

/** A package that need not be there. @throws Unavailable if it is not */
export async function installed<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Unavailable(`${name} is not installed`, { cause: error });
  }
}
