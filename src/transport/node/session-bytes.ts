/** A client's session as bytes, for those who keep it as `node:tls` gives it: in a file, in another process. */
import { deserializePsk, type OfferedPsk, serializePsk } from "../../handshake/index.ts";
import { decode, encode, opaque, struct } from "../../wire/index.ts";

const StoredSession = struct({ identity: opaque(1, 0xffff), psk: opaque(1, 0xffffff) });

/** They hold the session's secret: whoever has them can resume it. */
export const bytesOfSession = (session: OfferedPsk): Buffer =>
  Buffer.from(encode(StoredSession, { identity: session.identity, psk: serializePsk(session) }));

/**
 * The session again. Its server is judged by what its certificates say now, before the session is offered.
 * @throws TypeError for what {@link bytesOfSession} did not make
 */
export function sessionOfBytes(bytes: Uint8Array): OfferedPsk {
  try {
    const { identity, psk } = decode(StoredSession, bytes);
    const read = deserializePsk(psk);
    if (read !== undefined) return { ...read, identity };
  } catch {
    // Another form
  }
  throw new TypeError(
    "session: these bytes are not a session of kemistry, but perhaps one of node:tls; give what getSession() gave",
  );
}
