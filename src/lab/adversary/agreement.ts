/** What an end came to, as data that a scenario can predict. */
import type { Connection } from "../../connection/index.ts";
import type { PeerIdentity } from "../../handshake/index.ts";
import { equal } from "../../wire/index.ts";
import type { Agreement } from "./scenario.ts";

/** As far as this end can say; `null` if it did not open. */
export function agreedBy({ role, negotiated }: Connection): Partial<Agreement> | null {
  if (negotiated === undefined) return null;
  const both = {
    group: negotiated.group ?? null,
    suite: negotiated.cipherSuite,
    alpn: negotiated.alpn ?? null,
    psk: negotiated.psk ?? null,
    retried: negotiated.retried,
  };
  if (role === "server") {
    return { ...both, earlyData: negotiated.earlyData, client: nameIn(negotiated.peer) };
  }
  return {
    ...both,
    signature: negotiated.peerSignatureScheme ?? null,
    server: nameIn(negotiated.peer),
  };
}

/** The first name of a certificate, the subject where it has none; what is not a certificate has no name. */
function nameIn(peer: PeerIdentity | undefined): string | null {
  const leaf = peer?.chain[0];
  if (leaf === undefined) return null;
  const { dns = [], email = [] } = leaf.subjectAltNames ?? {};
  const [name] = [...dns, ...email];
  return name ?? leaf.subject.text;
}

/** How often `whole` begins where the one before ends. */
export function timesIn(received: Uint8Array, whole: Uint8Array): number {
  let times = 0;
  for (let at = 0; at + whole.length <= received.length; at += whole.length) {
    if (!equal(received.subarray(at, at + whole.length), whole)) break;
    times++;
  }
  return times;
}
