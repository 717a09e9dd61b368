import type { Duplex } from "node:stream";

/** Milliseconds for which a transport that we left may still bring what nobody reads. */
const lingering = 2000;

/**
 * Leaves a transport: what was written goes out, and then its end. Input is thrown away for a while
 * before the transport is destroyed, since closing on unread input makes TCP reset the connection,
 * and a reset can overtake the alert that we sent last.
 */
export function leave(transport: Duplex): void {
  if (transport.destroyed) return;
  if (!transport.writableEnded) transport.end();
  transport.resume();
  const timer = setTimeout(() => transport.destroy(), lingering);
  transport.once("close", () => clearTimeout(timer));
}
