import { toHex } from "../wire/index.ts";

/** Labels of the SSLKEYLOGFILE format (RFC 9850 §2). */
export type KeyLogLabel =
  | "CLIENT_EARLY_TRAFFIC_SECRET"
  | "EARLY_EXPORTER_SECRET"
  | "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
  | "SERVER_HANDSHAKE_TRAFFIC_SECRET"
  /** AuthKEM's, of a client's certificate in its first flight: no document names it. */
  | "CLIENT_EARLY_HANDSHAKE_TRAFFIC_SECRET"
  /** AuthKEM's, between KEMEncapsulation and Finished: no document names them. */
  | "CLIENT_AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET"
  | "SERVER_AUTHENTICATED_HANDSHAKE_TRAFFIC_SECRET"
  | "CLIENT_TRAFFIC_SECRET_0"
  | "SERVER_TRAFFIC_SECRET_0"
  | "EXPORTER_SECRET";

/** One line of a key log, without its line end. */
export function keyLogLine(
  label: KeyLogLabel,
  clientRandom: Uint8Array,
  secret: Uint8Array,
): string {
  return `${label} ${toHex(clientRandom)} ${toHex(secret)}`;
}
