/**
 * early_data (RFC 9846 §4.3.10): 0-RTT data follows; in a ticket, how many bytes of it are allowed. Whether a
 * server takes it is `handshake/server/early-data.ts`.
 */
import { empty, uint32 } from "../wire/index.ts";
import { extension } from "./extension.ts";
import { illegal } from "./illegal.ts";

export const early_data = extension(
  "early_data",
  { client_hello: empty, encrypted_extensions: empty, new_session_ticket: uint32 },
  {
    offer: (_config: unknown, { earlyData }: { readonly earlyData: boolean }) =>
      earlyData ? true : undefined,
    answer: (_offered: unknown, _config: unknown, { early }: { readonly early: boolean }) =>
      early ? true : undefined,
    mayChange: true,
  },
);

/** A server: early data does not survive a retry. */
export function checkRetriedEarlyData(offered: true | undefined): void {
  if (offered === undefined) return;
  throw illegal(
    "early data after a retry",
    "client_hello.extensions.early_data",
    "RFC 9846 §4.3.10",
  );
}

interface Session<P> {
  readonly psks: readonly P[];
  readonly psk: P | undefined;
  readonly suite: { readonly code: number };
  readonly alpn: string | undefined;
}
interface Ticketed {
  readonly origin?: { readonly suite: number; readonly alpn?: string | undefined } | undefined;
}

/** A client: what was accepted belongs to the first PSK, its suite and its protocol. */
export function isEarlyDataAccepted<P extends Ticketed>(
  answer: true | undefined,
  { psks, psk, suite, alpn }: Session<P>,
): boolean {
  if (answer === undefined) return false;
  const { origin } = psks[0] ?? {};
  if (psk !== psks[0] || origin?.suite !== suite.code || origin.alpn !== alpn) {
    throw illegal(
      "early data is accepted, but not the PSK, suite or protocol it was sent under",
      "encrypted_extensions.extensions.early_data",
      "RFC 9846 §4.3.10",
    );
  }
  return true;
}
