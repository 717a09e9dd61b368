import { opensslVersion } from "../peers/index.ts";
import { messageOf, UsageError } from "./errors.ts";

/** What the program says of itself. @throws UsageError if it cannot be run */
export function opensslVersionOf(program: string): string {
  try {
    return opensslVersion(program);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
