/**
 * `newSession` and `resumeSession` of `node:tls`: the application keeps the sessions of a server, and a ticket is only an
 * identifier (RFC 9846 §4.7.1 leaves that to the server).
 */
import type { EventEmitter } from "node:events";
import { randomBytes } from "node:crypto";
import { deserializePsk, type Psk, serializePsk, type Tickets } from "../../handshake/index.ts";
import { TlsError } from "../../registry/index.ts";

/** The identifiers that we give out, in bytes. A sealed ticket is longer. */
const identifierLength = 32;

/**
 * Tickets that are identifiers while somebody listens for `newSession`, and else those that the options say.
 * @param server emits `newSession` with an identifier, the session as bytes, which hold its secret, and what is to be called
 *   when it is kept; and `resumeSession` with an identifier and what is to be called with an error, or the bytes, or `null`
 */
export const keptByListeners = (server: EventEmitter, others: Tickets): Tickets => ({
  count: others.count,
  lifetime: others.lifetime,
  issue(psk: Psk) {
    if (server.listenerCount("newSession") === 0) return others.issue(psk);
    const identifier = randomBytes(identifierLength);
    const session = Buffer.from(serializePsk(psk));
    return new Promise((resolve) => {
      server.emit("newSession", identifier, session, () => resolve(identifier));
    });
  },
  redeem(ticket) {
    const isIdentifier = ticket.length === identifierLength;
    if (!isIdentifier || server.listenerCount("resumeSession") === 0) return others.redeem(ticket);
    return new Promise((resolve, reject) => {
      const answer = (error: Error | null, session?: Uint8Array | null): void => {
        if (error) reject(error);
        else resolve(session ? sessionOf(session) : undefined);
      };
      server.emit("resumeSession", Buffer.from(ticket), (...given: Parameters<typeof answer>) => {
        try {
          answer(...given);
        } catch (thrown) {
          reject(thrown);
        }
      });
    });
  },
});

/** @throws TlsError `misuse` for what `newSession` did not give */
function sessionOf(bytes: Uint8Array): Psk {
  let cause: unknown;
  try {
    const psk = deserializePsk(Uint8Array.from(bytes));
    if (psk !== undefined) return psk;
  } catch (error) {
    cause = error;
  }
  throw new TlsError("misuse", "resumeSession gave bytes that newSession did not", { cause });
}
