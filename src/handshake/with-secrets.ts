import { SecretOwner, type SecretOwners } from "../schedule/index.ts";
import type { Handshake } from "./coroutine.ts";

/**
 * Runs a handshake whose secrets have an owner: whichever way it ends, what it leaves is wiped. What is to
 * outlive it belongs to the connection.
 */
export function* withSecrets<T>(
  connection: SecretOwner,
  handshake: (owners: SecretOwners) => Handshake<T>,
): Handshake<T> {
  const owners = { handshake: new SecretOwner(), connection };
  try {
    return yield* handshake(owners);
  } finally {
    owners.handshake.wipe();
  }
}
