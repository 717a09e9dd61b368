import type { Suite } from "../crypto/index.ts";
import type { Message } from "../messages/index.ts";
import { PskKeyExchangeMode, TlsError } from "../registry/index.ts";
import { EarlySecret, PeerAuthentication, type TranscriptBuffer } from "../schedule/index.ts";
import type { ServerConfig } from "./config.ts";
import { type Handshake, settle } from "./coroutine.ts";
import { bindersLength } from "./offer.ts";
import type { PeerIdentity } from "./peer.ts";
import type { Psk } from "./psk.ts";

/** The PSK that a server takes, with the proof that the client has it. */
export interface SelectedPsk {
  readonly index: number;
  readonly psk: Psk;
  readonly authentication: PeerAuthentication<PeerIdentity | undefined>;
}

/** Identities that are looked up; a client may offer more, which are ignored. */
const maxIdentities = 4;

/**
 * The first offered PSK that we know and that fits the suite's hash; its binder must be right
 * (RFC 9846 §4.3.11). The transcript ends before this ClientHello.
 */
export function* selectPsk(
  config: ServerConfig,
  hello: Message<"client_hello">,
  transcript: TranscriptBuffer,
  suite: Suite,
): Handshake<SelectedPsk | undefined> {
  const { pre_shared_key: offered, psk_key_exchange_modes: modes } = hello.body.extensions;
  if (offered === undefined || config.lookUpPsk === undefined) return undefined;
  // §4.3.11: a binder for every identity
  if (offered.identities.length !== offered.binders.length) {
    throw new TlsError("illegal_parameter", "identities and binders differ in number", {
      expected: `${offered.identities.length} binders`,
      received: `${offered.binders.length}`,
      where: "client_hello.extensions.pre_shared_key.binders",
      section: "RFC 9846 §4.3.11",
    });
  }
  if (modes?.includes(PskKeyExchangeMode.psk_dhe_ke) !== true && !config.allowPskOnly)
    return undefined;
  for (const [index, entry] of offered.identities.slice(0, maxIdentities).entries()) {
    const psk = yield* settle(
      config.lookUpPsk({
        identity: entry.identity,
        obfuscatedTicketAge: entry.obfuscatedTicketAge,
        serverName: hello.body.extensions.server_name?.[0]?.name,
        now: config.now(),
      }),
    );
    if (psk === undefined || psk.hash !== suite.hash) continue;
    const hash = config.provider.hashes[psk.hash];
    const truncated = hello.raw.subarray(0, hello.raw.length - bindersLength(offered.binders));
    const early = new EarlySecret(hash, psk.secret);
    const expected = early.binder(psk.kind, transcript.hashWith(hash, truncated));
    early.wipe();
    const received = offered.binders[index]!;
    const authentication = PeerAuthentication.byPsk(psk.origin?.peer, { expected, received });
    return { index, psk, authentication };
  }
  return undefined;
}
