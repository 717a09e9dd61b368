/** psk_key_exchange_modes (RFC 9846 §4.3.9): how the client would use a PSK, of now or of a later ticket. */
import { PskKeyExchangeMode } from "../registry/index.ts";
import { code, list, uint8 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { missing } from "./illegal.ts";

const { psk_dhe_ke, psk_ke } = PskKeyExchangeMode;

interface Allowance {
  /** A PSK without key exchange. */
  readonly allowPskOnly: boolean;
}

export const psk_key_exchange_modes = extension(
  "psk_key_exchange_modes",
  { client_hello: list(code(uint8, PskKeyExchangeMode), 1, 255) },
  {
    offer: ({ allowPskOnly }: Allowance) => (allowPskOnly ? [psk_dhe_ke, psk_ke] : [psk_dhe_ke]),
  },
);

/** A server: whoever offers a PSK says how it would use it (§4.3.9). */
export function checkOfferedModes(extensions: {
  readonly psk_key_exchange_modes?: unknown;
  readonly pre_shared_key?: unknown;
}): void {
  const { psk_key_exchange_modes: modes, pre_shared_key: psks } = extensions;
  if (psks === undefined || modes !== undefined) return;
  const where = "client_hello.extensions.psk_key_exchange_modes";
  throw missing("the client sent no psk_key_exchange_modes", where);
}

/** A server: with key exchange if the client can, without only where we allow it, or not at all. */
export function chooseMode(
  modes: readonly number[],
  { allowPskOnly }: Allowance,
): "psk_dhe_ke" | "psk_ke" | undefined {
  if (modes.includes(psk_dhe_ke)) return "psk_dhe_ke";
  return allowPskOnly && modes.includes(psk_ke) ? "psk_ke" : undefined;
}
