import { DecodeError } from "../../src/wire/index.ts";
import { TlsError } from "../../src/registry/index.ts";

/** What an action throws. Anything but an error of this class is thrown on, and so is its absence. */
export function thrownBy<E extends Error>(
  kind: abstract new (...args: never[]) => E,
  action: () => unknown,
): E {
  let value: unknown;
  try {
    value = action();
  } catch (error) {
    if (error instanceof kind) return error;
    throw error;
  }
  throw new Error(`expected a ${kind.name}, got ${JSON.stringify(value)}`);
}

export const tlsErrorOf = (action: () => unknown): TlsError => thrownBy(TlsError, action);
export const decodeErrorOf = (action: () => unknown): DecodeError => thrownBy(DecodeError, action);
